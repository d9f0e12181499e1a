"""Customers who write to a Telegram bot, alone or in groups."""

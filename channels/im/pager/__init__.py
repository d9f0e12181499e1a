"""The private Telegram bot that pages the lead on duty."""

"""Calls through Twilio."""

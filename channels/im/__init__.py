"""Instant messengers."""

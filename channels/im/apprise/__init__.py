"""Pushes to phones of the staff by any service that the library Apprise knows; nothing comes back."""

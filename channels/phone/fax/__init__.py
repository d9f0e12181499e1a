"""Received faxes: a folder that a fax server fills."""

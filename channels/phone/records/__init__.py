"""Calls that came in, read from the logs of switchboards and the tables of call centres."""

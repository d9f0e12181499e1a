"""Broadcasts: one text or package for many, each of whom gets it once."""

"""Text messages through an Android phone."""

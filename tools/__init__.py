"""Programs for those who work on Yizhan; nothing here is installed."""

"""The official QQ bot, by webhook."""

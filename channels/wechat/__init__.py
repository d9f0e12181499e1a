"""The ways of WeChat and WeCom."""

"""Calls through Aliyun."""

"""Text messages through Aliyun."""

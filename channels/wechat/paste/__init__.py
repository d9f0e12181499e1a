"""Ordinary WeChat groups, which no program may read: a person pastes the conversation."""

"""A personal QQ account driven by a program that speaks OneBot v11."""

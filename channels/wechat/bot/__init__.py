"""The smart bot of WeCom, in internal groups and in private."""

"""A robot in an internal WeCom group (群机器人): it only sends."""

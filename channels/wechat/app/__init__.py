"""A WeCom app of the enterprise's own (企业微信自建应用): colleagues write to it in private."""

"""WeChat customer service (微信客服): anybody with WeChat writes to it in private."""

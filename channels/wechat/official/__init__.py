"""An official account (公众号): anybody with WeChat who follows it writes in private."""

"""Address books by the titles that people give their columns; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

TEL, EMAIL = "tel", "email"
OTHERS: Final[Mapping[str, Sequence[str]]] = {
    "telegram": ("telegram_id", "电报", "tg"),
    "qq": ("qq号", "qq号码", "扣扣"),
    "wecom": ("企业微信", "企微", "wxwork", "external_userid"),
    "wechat": ("微信", "openid", "微信openid"),
    "dingtalk": ("钉钉", "dingding"),
    "feishu": ("飞书", "lark"),
    "whatsapp": ("wa",),
    "onebot": (),
}
"""Books of channels with ids of their own; a column may also be called like the book itself."""

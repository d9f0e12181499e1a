"""The words of signing in and of one's own account, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "refused": ("不允许访问", "Not allowed"),
    "refused_why": (
        (
            "不登录只能在本机直接访问（不经代理）。请登录：用自己的密码（管理员运行 yizhan account set 来设），"
            "或用 gateway.operator_token。"
        ),
        (
            "Without a sign-in these pages answer only this machine itself, not through a proxy. Sign in with the "
            "password that the operator set for you by yizhan account set, or with gateway.operator_token."
        ),
    ),
    "sign_in": ("登录", "Sign in"),
    "sign_in_why": (
        "群发、审批和上传安装包要登录，记录里写的就是您本人。没有密码或忘了密码，请管理员运行 yizhan account set。",
        (
            "To broadcast, approve and upload packages you sign in, so that the history names you. Without a password, "
            "or with a forgotten one, ask the operator for a new one: yizhan account set."
        ),
    ),
    "signed_in_as": ("当前登录：{name}", "You are signed in as {name}"),
    "sign_in_person": ("姓名或工号", "Name or key"),
    "sign_in_person_why": ("值班表上的姓名，或工号，例如 zhang", "as on the rota, or a key such as zhang"),
    "password": ("密码", "Password"),
    "sign_in_wrong": (
        "姓名或密码不对。连续输错 5 次会锁定 1 分钟，之后每次加倍，最长 30 分钟；锁定期间对的密码也不认。",
        (
            "The name or the password is wrong. Five wrong ones in a row lock for a minute, each further one for twice "
            "as long, up to 30 minutes; meanwhile the right one is refused too."
        ),
    ),
    "busy": ("登录太忙", "Too many sign-ins"),
    "busy_why": (
        "现在登录的人太多，没有核对密码，也不算输错。请过几秒再试。",
        "Too many passwords wait to be checked; yours was not looked at and does not count. Try again in a moment.",
    ),
    "not_yourself": ("只能以自己的名义操作", "Only in your own name"),
    "not_yourself_why": (
        "您已用自己的账号登录，不能替别人操作。请选自己的名字，或请管理员用操作口令来做。",
        "You are signed in as yourself and cannot act for somebody else: give your own name, or ask the operator.",
    ),
    "token_sign_in": ("用操作口令登录", "With the operator token"),
    "token_why": (
        "操作口令不代表任何人：能看能改，但不能群发和审批。",
        "The token is nobody: it sees and changes everything, but neither broadcasts nor approves.",
    ),
    "token": ("操作口令", "Operator token"),
    "token_wrong": ("操作口令不对。", "The token is wrong."),
    "sandbox_accounts": (
        "沙箱账号：zhang、li、wang，密码都是 sandbox-password。zhang 可群发，wang 可群发和审批。",
        (
            "Sandbox accounts: zhang, li and wang, each with the password sandbox-password. zhang may broadcast, "
            "wang may broadcast and approve."
        ),
    ),
    "account": ("我的账号", "My account"),
    "account_of": ("{name}：我的账号", "{name}: my account"),
    "rights": ("权限", "Rights"),
    "right.broadcast": (
        "群发：可以写、提交、开始和停止群发",
        "broadcast: may write, start and stop broadcasts",
    ),
    "right.approve": ("审批：可以批准别人的群发", "approve: may approve a broadcast of somebody else"),
    "rights_none": (
        "没有群发权限。需要的话，请管理员在 config.yaml 的 router.people.{person}.rights 里加上。",
        "You may not broadcast. If you need to, the operator adds it to router.people.{person}.rights in config.yaml.",
    ),
    "new_password": ("改密码", "Change the password"),
    "new_password_why": (
        "至少 {least} 个字符，不要用姓名或常见密码。改好后，其他设备上的登录都会失效。",
        (
            "At least {least} characters, neither your name nor one of the commonest. Afterwards you are signed out on "
            "every other device."
        ),
    ),
    "password_now": ("现在的密码", "Password now"),
    "password_new": ("新密码", "New password"),
    "password_again": ("再输一次新密码", "New password again"),
    "password_change": ("改密码", "Change it"),
    "flaw.too_short": ("新密码太短，至少 10 个字符。", "The new password is too short: at least 10 characters."),
    "flaw.too_long": ("新密码太长，最多 200 个字符。", "The new password is too long: at most 200 characters."),
    "flaw.too_common": (
        "新密码太常见，一猜就中。请换一个。",
        "The new password is one of the first that anybody tries. Choose another.",
    ),
    "flaw.own_name": (
        "新密码几乎就是姓名或工号。请换一个。",
        "The new password is hardly more than the person's own name. Choose another.",
    ),
    "flaw.differ": ("两次输入的新密码不一样。", "The two new passwords differ."),
    "flaw.wrong": ("现在的密码不对，没有改动。", "The password now is wrong; nothing was changed."),
    "account_said.changed": (
        "密码已改，其他设备上的登录已失效。",
        "The password is changed; you are signed out on every other device.",
    ),
    "sign_out": ("退出登录", "Sign out"),
    "sign_out_here": ("退出本机", "Sign out here"),
    "sign_out_everywhere": ("退出所有设备", "Sign out everywhere"),
    "sign_out_why": (
        "手机丢了，或在别人的电脑上忘了退出：退出所有设备。登录 12 小时后自动失效。",
        ("A lost phone, or somebody else's computer: sign out everywhere. A sign-in ends by itself after 12 hours."),
    ),
    "sign_in_said.out": ("已退出登录。", "You are signed out."),
    "sign_in_said.everywhere": ("已在所有设备上退出登录。", "You are signed out everywhere."),
}
"""Key to (zh, en)."""

"""The words of the pages of user groups; key to (zh, en)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "groups": ("用户组", "User groups"),
    "groups_why": (
        "群发时按组选对象。组里可以有联系人、整个客户、聊天群和邮件列表；一个人在几个组里也只收到一条。",
        (
            "Broadcasts are meant for groups: contacts, whole customers, chat groups and mailing lists. Who is in "
            "several gets one message."
        ),
    ),
    "groups_none": ("还没有用户组。", "There are no groups yet."),
    "groups_name": ("组名", "Name"),
    "groups_contractual": ("合同约定必须通知", "owed notices by contract"),
    "groups_contractual_why": (
        "勾选后，安全通知也发给退订了推广的人。只用于合同里写明要通知的组。",
        "A security notice then also goes to members who refused adverts. Only for groups whose contract says so.",
    ),
    "groups_contacts": ("联系人", "Contacts"),
    "groups_customers": ("客户", "Customers"),
    "groups_own": ("群和邮件列表", "Chats and lists"),
    "groups_new": ("新建用户组", "New group"),
    "groups_members": ("成员", "Members"),
    "groups_no_members": ("没有成员。", "No members."),
    "groups_no_match": ("没有符合的成员。", "No member fits."),
    "groups_search": ("找成员（姓名、单位、号码或邮箱）", "Find members (name, company, number or mail)"),
    "groups_more": ("下一页", "Next page"),
    "groups_first_page": ("回到第一页", "First page"),
    "groups_people": ("全部 {n} 位联系人", "all {n} contacts"),
    "groups_add": ("添加成员", "Add members"),
    "groups_add_who": ("联系人或客户（姓名、号码、邮箱、单位）", "Contact or customer (name, number, mail, company)"),
    "groups_choices": ("符合的有几位，请勾选：", "Several fit; tick who is meant:"),
    "groups_add_own": ("添加群或邮件列表", "Add a chat group or list"),
    "groups_heard": ("收到过消息的群", "Chat groups that were heard"),
    "groups_heard_people": ("{n} 人发过言", "{n} wrote there"),
    "groups_account": ("从哪个账号发", "Which account writes"),
    "groups_address": ("群编号或列表邮箱", "Id of the chat, or address of the list"),
    "groups_own_name": ("叫什么（可不写）", "What it is called (may be empty)"),
    "groups_no_accounts": (
        "没有能随时往群里发的账号。只能回复的渠道不能群发。",
        "No account can write to groups at any time; a channel that only answers cannot broadcast.",
    ),
    "groups_installed": ("已装产品", "Installed"),
    "groups_product": ("产品", "Product"),
    "groups_version": ("版本", "Version"),
    "groups_region": ("区域", "Region"),
    "groups_note": ("登记已装产品", "Note what is installed"),
    "groups_settings": ("组的设置", "The group itself"),
    "groups_read_only": (
        "您可以查看。要修改，请用有群发权限的账号登录。",
        "You may look. To change something, sign in with an account that may broadcast.",
    ),
    "do.groups_find": ("查找", "Find"),
    "do.groups_create": ("新建", "Create"),
    "do.groups_add": ("添加", "Add"),
    "do.groups_remove": ("移出", "Remove"),
    "do.groups_change": ("保存", "Save"),
    "do.groups_delete": ("删除这个组", "Delete this group"),
    "do.groups_install": ("登记", "Note"),
    "do.groups_uninstall": ("删除", "Strike out"),
}

GROUPS_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "said.groups_done": ("已保存。", "Saved."),
    "said.groups_same": ("本来就是这样，没有改动。", "It was so already; nothing changed."),
    "said.groups_gone": ("用户组已删除，成员资料还在。", "The group is deleted; who was in it stays known."),
    "said.groups_exists": ("没有保存：已有同名的组。", "Not saved: there is a group of this name."),
    "said.groups_bad_name": (
        "没有保存：名称要有 1 到 100 个字，不能含分号和顿号。",
        "Not saved: a name has 1 to 100 characters and no semicolon.",
    ),
    "said.groups_in_use": (
        "没有改动：还有没发出的群发在用这个组：",
        "Nothing changed: broadcasts that are not sent yet use this group:",
    ),
    "said.groups_unknown_group": ("没有这个组。", "There is no such group."),
    "said.groups_nobody": ("没有找到这样的联系人或客户。", "Nobody is known like that."),
    "said.groups_several": ("符合的不止一位，请选。", "Several fit; say which."),
    "said.groups_unknown_channel": ("没有这个渠道账号。", "There is no such channel account."),
    "said.groups_no_groups": (
        "这个账号不能随时往群或列表发。",
        "This account cannot write to chat groups or lists at any time.",
    ),
    "said.groups_bad_version": (
        "没有保存：版本要带数字，例如 2.3.1 或 V100R021C00SPC200。",
        "Not saved: a version has a number, such as 2.3.1 or V100R021C00SPC200.",
    ),
    "said.groups_no_right": (
        "没有改动：要用有群发权限的账号登录。",
        "Nothing changed: sign in with an account that may broadcast.",
    ),
}

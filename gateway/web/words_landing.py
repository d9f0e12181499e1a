"""Words of the pages of a package that its recipients see; key to (zh, en)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LANDING: Final[Mapping[str, tuple[str, str]]] = {
    "land.of": ("发送方：{who}", "From {who}"),
    "land.intranet": ("仅内网", "Intranet only"),
    "land.intranet_why": (
        "这个地址只能在单位内网打开，请用内网的电脑下载。",
        "This address works inside your own network only: download it on a computer there.",
    ),
    "land.outside": ("请在浏览器里打开", "Open this page in your browser"),
    "land.outside_how": (
        "这里不能下载文件。请点右上角 ···，选“在浏览器打开”；或复制下面的地址到浏览器里打开；或用另一台设备扫码。",
        (
            "Files cannot be downloaded here. Tap ··· at the top right and choose “Open in browser”, or copy the "
            "address below into a browser, or scan the code with another device."
        ),
    ),
    "land.download": ("下载", "Download"),
    "land.not_yet": ("文件还没有准备好，请稍后再打开本页。", "The file is not ready yet; open this page again later."),
    "land.resume": (
        "中断了可以接着下：在浏览器的下载列表里点“继续”，或用 curl -C - -o 文件名 本页地址/file。",
        "An interrupted download goes on from the browser's list, or by curl -C - -o NAME ADDRESS/file.",
    ),
    "land.version": ("版本", "Version"),
    "land.file": ("文件", "File"),
    "land.size": ("大小", "Size"),
    "land.bytes": ("{n} 字节", "{n} bytes"),
    "land.sha": ("校验值 SHA-256", "SHA-256"),
    "land.applies": ("适用版本", "For versions"),
    "land.every": ("所有版本", "every version"),
    "land.yours": ("您现在的版本", "Your version"),
    "land.until": ("下载有效期至", "Can be fetched until"),
    "land.notes": ("更新说明", "What is new"),
    "land.address": ("本页地址", "Address of this page"),
    "land.copy": ("复制", "Copy"),
    "land.copied": ("已复制", "Copied"),
    "land.scan": ("用另一台设备扫码打开", "Scan to open this page on another device"),
    "land.wrong": ("升级出问题了", "The upgrade went wrong"),
    "land.wrong_why": (
        "写几句就行，值班工程师马上会收到，并从您收到本消息的渠道答复您。",
        "A few words will do. The engineer on duty gets them at once and answers where you got this message.",
    ),
    "land.what": ("出了什么问题", "What happened"),
    "land.where": ("哪台设备、哪个站点（可不填）", "Which device or site (optional)"),
    "land.phone": ("回电号码（可不填）", "Phone to call back (optional)"),
    "land.send": ("告诉值班工程师", "Tell the engineer on duty"),
    "land.expired": ("这个链接已过期", "This link has expired"),
    "land.revoked": ("这个升级包已撤回，请不要安装", "This package was withdrawn: do not install it"),
    "land.revoked_text": ("这条通知已撤回", "This notice was withdrawn"),
    "land.unknown": ("没有这个页面", "There is no such page"),
    "land.unknown_why": (
        "地址可能没有复制完整。请从收到的消息里重新打开，或输入消息里的八位提取码。",
        "The address may be incomplete. Open it from the message again, or type the code of eight signs in it.",
    ),
    "land.ask": ("有疑问？请联系{who}：{how}。", "Questions? Ask {who}: {how}."),
    "land.ask_here": (
        "有疑问？请直接回复发给您的那条消息，或联系{who}。",
        "Questions? Answer the message that brought you here, or ask {who}.",
    ),
    "land.back": ("返回下载页", "Back to the page"),
    "land.away": ("文件暂时取不到，请过几分钟再试。", "The file cannot be had just now; try again in some minutes."),
    "land.code": ("输入提取码", "Type your code"),
    "land.code_label": ("八位提取码", "Code of eight signs"),
    "land.code_how": (
        "提取码在您收到的消息里，不分大小写，没有 0、O、1、I 这几个字。",
        "It stands in the message that you got. Small letters will do; it never has 0, O, 1 or I.",
    ),
    "land.code_go": ("打开", "Open"),
    "land.code_shape": (
        "提取码是八位字母和数字，里面没有 0、O、1、I：看着像的，请换成 D、Q、8、L、J、7 再试。",
        "A code has eight letters and digits and never 0, O, 1 or I: try D, Q, 8, L, J or 7 for what looks like them.",
    ),
    "land.code_wrong": (
        "这个提取码打不开任何页面：可能打错了，也可能已经失效。",
        "This code opens no page: it is mistyped, or it does not hold any more.",
    ),
    "land.code_pause": (
        "试错太多次了，请 {minutes} 分钟后再试，或从收到的消息里打开链接。",
        "Too many wrong codes. Try again in {minutes} minutes, or open the link in your message.",
    ),
}

LANDING_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "method.page": ("升级包页面", "page of a package"),
    "said.trouble": (
        "已告诉值班工程师，会从您收到消息的渠道答复您。再有情况可以继续写。",
        "The engineer on duty has it and answers where you got the message. Write again if there is more.",
    ),
    "said.trouble_full": (
        "这里已经报了很多次，请直接打电话或回复收到的消息。",
        "Much was reported here already: please call, or answer the message that you got.",
    ),
}

"""The fixed words around a broadcast's text, and in which order each kind of channel carries them; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.broadcast.fields import Field, Parsed, Piece
from store.model import Package

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "sign": "【{sign}】",
        "test": "【测试】",
        "test_plain": "测试，",
        "download": "下载：",
        "intranet": "下载（仅内网）：",
        "code": "提取码：",
        "at": "在 {page} 输入提取码 ",
        "page": "我司下载页",
        "stand_in": "（正式发送时此处是收件人自己的下载链接）",
        "notes": "更新内容：",
        "file": "文件：{file}（{size}）",
        "stop": "拒收请回复R",
        "refuse": "不再接收：",
        "why": "您收到这封邮件，因为您在{sign}的服务名单中。",
        "owed": "这是按合同应当告知您的安全通知。",
        "you": "客户",
        "reminder": "提醒：",
        "unsubscribe": "不想再收到群发邮件，请打开：",
        "anybody": "用户",
        "customer": "（客户名）",
        "product": "（产品）",
        "version": "（版本）",
        "join": "，",
        "end": "，",
        "later": "（正式发送时此处是收件人自己的退订链接）",
    },
    "en": {
        "sign": "[{sign}] ",
        "test": "[TEST] ",
        "test_plain": "Test, ",
        "download": "Download: ",
        "intranet": "Download (intranet only): ",
        "code": "Code: ",
        "at": "at {page} with the code ",
        "page": "our download page",
        "stand_in": "(the recipient's own download link stands here)",
        "notes": "What is new:",
        "file": "File: {file} ({size})",
        "stop": "Reply STOP to opt out",
        "refuse": "No more of these: ",
        "why": "You get this mail because {sign} serves you.",
        "owed": "This is a security notice that your contract owes you.",
        "you": "customer",
        "reminder": "Reminder: ",
        "unsubscribe": "To get no more mails of this kind, open: ",
        "anybody": "customer",
        "customer": "(customer)",
        "product": "(product)",
        "version": "(version)",
        "join": ", ",
        "end": ". ",
        "later": "(the recipient's own link to unsubscribe stands here)",
    },
}
OF_CUSTOMERS: Final = ("customer", "product", "version")
"""What a customer has and one of the staff has not; to them the name of it is shown."""
UNSUBSCRIBE: Final = Field("unsubscribe", "")
"""Not to be written by an author: it stands where a law wants it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What stands around a text in one language."""

    language: str
    sign: str
    package: Package | None
    commercial: bool
    security: bool

    def word(self, key: str) -> str:
        """Return a fixed word."""
        return WORDS[self.language][key]

    @property
    def signature(self) -> str:
        """How a text begins."""
        return self.word("sign").format(sign=self.sign)

    def fetching(self) -> tuple[Piece, ...]:
        """Say where the package is, where the author's own text does not."""
        key = "intranet" if self.package and self.package.intranet else "download"
        return self.word(key), Field("link")

    def notes(self) -> tuple[Piece, ...]:
        """Say what is new, in this language or the other one."""
        given = self.package.notes if self.package else {}
        said = (given.get(self.language) or next(filter(None, given.values()), "")).strip()
        return ("\n\n", self.word("notes"), "\n", said) if said else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """A text in its order; `lean` is the same without what may fall out."""

    full: tuple[Piece, ...]
    lean: tuple[Piece, ...] | None = None


def speaks_of_package(text: Parsed) -> bool:
    """Tell whether the author says where the package is."""
    return bool(text.names & {"link", "code"})


def sms(text: Parsed, around: Around) -> Body:
    """Sign, text, where the package is, and in an advert how to get no more."""
    pieces: list[Piece] = [around.signature, *_stripped(text.pieces)]
    if around.package and not speaks_of_package(text):
        pieces += [" ", *around.fetching()]
    if around.commercial:
        # Nothing may touch a link, not even a comma.
        pieces += [" " if isinstance(pieces[-1], Field) else around.word("end"), around.word("stop")]
    return Body(full=tuple(pieces))


def approved(text: Parsed, around: Around) -> Body:
    """Only the author's words: the provider's template has the others."""
    pieces: list[Piece] = [*_stripped(text.pieces)]
    if around.package and around.commercial and not speaks_of_package(text):
        pieces += [around.word("join"), around.word("code"), Field("code")]
    return Body(full=tuple(pieces))


def chat(title: Parsed, text: Parsed, around: Around, *, links: bool, group: bool) -> Body:
    """A line with sign and title, the text, where the package is; the notes fall out where they do not fit."""
    head: list[Piece] = [around.signature, *title.pieces, "\n", *_stripped(text.pieces)]
    foot: list[Piece] = []
    if around.package and not speaks_of_package(text):
        foot += ["\n", *around.fetching()]
    if around.commercial and links and not group:
        foot += ["\n", around.word("refuse"), UNSUBSCRIBE]
    notes = around.notes()
    lean = (*head, *foot)
    if not notes:
        return Body(full=lean)
    return Body(full=(*head, *notes, *(["\n", *foot] if foot else [])), lean=lean)


def mail(text: Parsed, around: Around) -> Body:
    """The text, the link, what is new, the file with its digest, and why one gets this."""
    pieces: list[Piece] = [*_stripped(text.pieces)]
    if around.package and not speaks_of_package(text):
        pieces += ["\n\n", *around.fetching()]
    if around.package:
        pieces += [*around.notes(), "\n\n", file_line(around.package, around.language)]
    pieces += ["\n\n-- \n", around.sign, "\n", around.word("why").format(sign=around.sign)]
    if around.security:
        pieces += [around.word("owed")] if around.language == "zh" else [" ", around.word("owed")]
    return Body(full=(*pieces, "\n", around.word("unsubscribe"), UNSUBSCRIBE, "\n"))


def file_line(package: Package, language: str) -> str:
    """Name the file, its size and its digest."""
    said = WORDS[language]["file"].format(file=package.file, size=readable_size(package.size))
    return f"{said}\nSHA-256: {package.sha256}"


def readable_size(size: int) -> str:
    """Write bytes as people say them; a thousand of each makes the next, as on disks."""
    value, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"


def _stripped(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Without the blank lines at both ends that forms leave."""
    kept = list(pieces)
    if kept and isinstance(kept[0], str):
        kept[0] = kept[0].lstrip()
    if kept and isinstance(kept[-1], str):
        kept[-1] = kept[-1].rstrip()
    return tuple(kept)

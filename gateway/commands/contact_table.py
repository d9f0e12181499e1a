"""From a table of customers and contacts to the rows that the store takes; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from channels import books, tables
from channels.numbers import number
from router import versions
from store.contacts import Refusal, Row

TITLES: Final[Mapping[str, Sequence[str]]] = {
    "customer": (
        *("单位", "客户", "单位名称", "客户名称", "公司", "公司名称", "企业", "组织"),
        *("company", "organisation", "organization"),
    ),
    "name": ("姓名", "联系人", "联系人姓名", "名字", "contact", "fullname"),
    "mobile": ("手机", "手机号", "手机号码", "移动电话", "cell", "cellphone", "mobilephone"),
    "tel": (
        *("电话", "电话号码", "联系电话", "联系方式", "座机", "固定电话", "办公电话"),
        *("phone", "telephone", "phonenumber"),
    ),
    "tel2": ("电话2", "备用电话", "其他电话", "第二电话", "phone2"),
    "fax": ("传真", "传真号", "传真号码"),
    "email": ("邮箱", "邮件", "电子邮箱", "电子邮件", "邮箱地址", "mail", "emailaddress"),
    "grade": ("级别", "等级", "客户级别", "客户等级", "level"),
    "contract": ("合同", "合同号", "合同编号", "服务合同", "contractno"),
    "language": ("语言", "语种", "lang"),
    "groups": ("用户组", "组", "分组", "所属组", "group", "usergroup", "usergroups"),
    "product": ("产品", "产品名称", "设备", "型号", "products"),
    "version": ("版本", "版本号", "软件版本", "已装版本", "installedversion"),
    "region": ("区域", "地区", "大区", "片区", "area"),
    **books.OTHERS,
}
NUMBERS: Final = ("mobile", "tel", "tel2", "fax")
LANGUAGES: Final = {"zh": "zh", "中文": "zh", "汉语": "zh", "chinese": "zh", "cn": "zh"} | {
    "en": "en", "英文": "en", "英语": "en", "english": "en"
}  # fmt: skip
_GROUPS = re.compile(r"[;；、\n]+")
_PARTS = re.compile(r"[;；,，、/|\n]+")
_MAIL = re.compile(r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+$")


def read(file: str, content: bytes, *, more_books: Sequence[str] = ()) -> Iterator[Row | Refusal]:
    """Read one file; `more_books` are columns that are address books as well. Raises Malformed without a header."""
    titles = {**TITLES, **{book: () for book in more_books if book not in TITLES}}
    own = [book for book in titles if book in {*books.OTHERS, *more_books}]
    for row in tables.read(content, titles, needs=2).rows:
        place = f"{file}:{row.line}"
        refused: list[str] = []
        addresses = list(dict.fromkeys(_addresses(row, own, refused)))
        language = LANGUAGES.get(row["language"].lower(), "")
        if row["language"] and not language:
            refused.append("the language is neither Chinese nor English")
        home = _home(row, refused)
        yield from (Refusal(place=place, why=why) for why in refused)
        if addresses:
            yield Row(
                place=place,
                customer=row["customer"],
                name=row["name"],
                grade=row["grade"],
                contract=row["contract"],
                language=language,
                addresses=addresses,
                groups=[name.strip() for name in _GROUPS.split(row["groups"]) if name.strip()],
                **home,
            )
        else:
            yield Refusal(place=place, why="no address: without one nobody is recognised by it")


def _home(row: tables.Row, refused: list[str]) -> dict[str, str]:
    """What runs with the person; a version that nobody could compare is worse than none."""
    found = {name: row[name] for name in ("product", "version", "region")}
    if not found["product"] and (found["version"] or found["region"]):
        refused.append("product: a version or region says nothing without the product that runs there")
        return {}
    if found["version"] and not versions.known(found["version"]):
        refused.append(f"version: {found['version'][:40]!r} has no number; write it as 2.3.1 or V100R021C00SPC200")
        found["version"] = ""
    return found


def telephone(text: str) -> str:
    """The address of a number, "" for what is none: E.164, with its extension, since a switchboard is many people."""
    found = number(text)
    if found.e164:
        return f"{found.e164}转{found.extension}" if found.extension else found.e164
    return found.raw if found.raw.isdigit() and len(found.raw) >= 3 else ""


def _addresses(row: tables.Row, own: Sequence[str], refused: list[str]) -> Iterator[tuple[str, str]]:
    for column in NUMBERS:
        for part in _parts(row[column]):
            if tables.lost_digits(part):
                refused.append(f"{column}: a spreadsheet has rounded the number; export the column as text")
            elif value := telephone(part):
                yield books.TEL, value
            else:
                refused.append(f"{column}: not a telephone number")
    for part in _parts(row["email"]):
        if _MAIL.match(part):
            yield books.EMAIL, part.lower()
        else:
            refused.append("email: not a mail address")
    for book in own:
        if tables.lost_digits(row[book]):
            refused.append(f"{book}: a spreadsheet has rounded the id; export the column as text")
        elif row[book]:
            yield book, row[book].lower()


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in _PARTS.split(cell) if part.strip()]

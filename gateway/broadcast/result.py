"""What a broadcast came to, as a sheet (XLSX): a summary, every recipient, and who was left out and why.

Rows are read in pieces and written one after the other, so that 100,000 of them take no more memory than a hundred.
Every cell that holds words is written as a text, whatever it begins with: a name such as "=1+1" is never a formula.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import xlsxwriter
from sqlalchemy import Connection

from gateway.standing import Standing
from gateway.web.broadcast_lines import left_word
from gateway.web.view import masked
from gateway.web.words import Words
from gateway.web.words_reasons import refusal
from store import broadcast_lists, broadcasts
from store.db import Database
from store.model import Broadcast, Recipient, RecipientState

TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE: Final = 500
MOST: Final = 1_048_575
"""Rows of one sheet, without its head; further ones begin another."""
OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
COLUMNS: Final = (
    ("bc_name", 20), ("bc_customer", 20), ("bc_channel", 16), ("bc_address", 26), ("bc_wave", 8), ("bc_state", 12),
    ("bc_reason", 30), ("bc_opened", 18), ("bc_downloaded", 18), ("bc_trouble", 18), ("bc_tried", 8), ("bc_ended", 18),
)  # fmt: skip
LEFT_OUT: Final = (("bc_name", 20), ("bc_customer", 20), ("bc_channel", 16), ("bc_address", 26), ("bc_reason", 36))
CELL: Final = 32_767
"""Characters that a cell can hold."""

Cell = str | int | datetime | None


class Page(Protocol):
    """Of a worksheet what is used here."""

    def write_string(self, row: int, column: int, text: str, form: object = None) -> int:
        """Write a text."""
        ...

    def write_number(self, row: int, column: int, number: float, form: object = None) -> int:
        """Write a number."""
        ...

    def write_datetime(self, row: int, column: int, at: datetime, form: object = None) -> int:
        """Write a wall time."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """How it is written."""

    language: str
    zone: ZoneInfo
    standing: Standing
    mask: bool = False
    """Addresses without their middle, for somebody who may not see them."""


def name(number: int) -> str:
    """Return what the file is called."""
    return f"broadcast-{number}.xlsx"


def made(database: Database, number: int, how: Sheet) -> Path | None:
    """Write the sheet into a file of its own, which the caller removes; None when there is no such broadcast."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx", prefix="yizhan-", delete=False) as file:
        target = Path(file.name)
    there = False
    try:
        there = write(database, number, target, how)
    finally:
        if not there:
            target.unlink(missing_ok=True)
    return target if there else None


def write(database: Database, number: int, target: Path, how: Sheet) -> bool:
    """Write the sheet of a broadcast; False when there is no such broadcast. It blocks: call it in a thread."""
    with database.read() as connection:
        found = broadcasts.find(connection, number)
        if found is None:
            return False
        book = xlsxwriter.Workbook(str(target), OPTIONS)
        try:
            _Writing(book, connection, found, how).all()
        finally:
            book.close()
    return True


class _Writing:
    """One sheet that is being written."""

    def __init__(self, book: xlsxwriter.Workbook, connection: Connection, found: Broadcast, how: Sheet) -> None:
        self._book = book
        self._connection = connection
        self._found = found
        self._how = how
        self._words = Words(how.language)
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def all(self) -> None:
        """Write the three parts."""
        self._summary()
        self._table(self._words("bc_recipients"), COLUMNS, self._recipients())
        self._table(self._words("bc_excluded"), LEFT_OUT, self._left_out())

    def _summary(self) -> None:
        words, one = self._words, self._found
        people = self._how.standing.router.people
        rows: list[tuple[str, Cell]] = [
            (words("bc_number"), one.number),
            (words("bc_title"), one.title),
            (words("bc_state"), words.broadcast(one.state)[1]),
            (words("bc_author"), _named(one.author, people)),
            (words.named("bc_event", "approved"), _named(one.approved_by, people)),
            (words.named("bc_event", "started"), one.started_at),
            (words.named("bc_event", "done"), one.ended_at),
        ]
        counts = broadcasts.counts(self._connection, one.id)
        for state in RecipientState:
            total = sum(n for (_, of), n in counts.items() if of == state)
            if total:
                rows.append((words.named("recipient", state), total))
        opened, downloaded = broadcasts.fetched(self._connection, one.id)
        rows += [(words("bc_opened"), opened), (words("bc_downloaded"), downloaded)]
        rows.append((words("bc_trouble"), broadcasts.troubles(self._connection, one.id)))
        page = self._book.add_worksheet(words("bc_summary"))
        page.set_column(0, 0, 24)
        page.set_column(1, 1, 40)
        for place, (word, value) in enumerate(rows):
            page.write_string(place, 0, word, self._head)
            self._cell(page, place, 1, value)

    def _table(self, title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]]) -> None:
        """Write a table with a head that stays in sight and a filter; a second sheet begins where one is full."""
        part, place = 1, 0
        page = self._begin(title, columns)
        for row in rows:
            if place == MOST:
                page.autofilter(0, 0, place, len(columns) - 1)
                part, place = part + 1, 0
                page = self._begin(f"{title} {part}", columns)
            place += 1
            for column, value in enumerate(row):
                self._cell(page, place, column, value)
        page.autofilter(0, 0, max(place, 1), len(columns) - 1)

    def _begin(self, title: str, columns: Sequence[tuple[str, int]]) -> xlsxwriter.worksheet.Worksheet:
        page = self._book.add_worksheet(title)
        page.freeze_panes(1, 0)
        for column, (key, width) in enumerate(columns):
            page.set_column(column, column, width)
            page.write_string(0, column, self._words(key), self._head)
        return page

    def _cell(self, page: Page, row: int, column: int, value: Cell) -> None:
        if isinstance(value, datetime):
            page.write_datetime(row, column, value.astimezone(self._how.zone).replace(tzinfo=None), self._time)
        elif isinstance(value, int):
            page.write_number(row, column, value)
        elif value:
            page.write_string(row, column, value[:CELL])

    def _recipients(self) -> Iterator[Sequence[Cell]]:
        words = self._words
        for one, customer in self._pieces(skipped=False):
            yield (
                one.name,
                customer,
                self._way(one.channel),
                self._address(one),
                one.wave,
                words.named("recipient", one.state),
                refusal(one.reason or "", words),
                one.opened_at,
                one.downloaded_at,
                one.trouble_at,
                one.tries,
                one.ended_at,
            )

    def _left_out(self) -> Iterator[Sequence[Cell]]:
        for one, customer in self._pieces(skipped=True):
            reason = left_word(one.reason or "", self._words)
            yield one.name, customer, self._way(one.channel), self._address(one), reason

    def _pieces(self, *, skipped: bool) -> Iterator[tuple[Recipient, str]]:
        """Read the recipients a piece at a time, each with the name of the customer."""
        after = 0
        while True:
            some = broadcast_lists.piece(self._connection, self._found.id, skipped=skipped, after=after, limit=PIECE)
            customers = broadcast_lists.customers_of(
                self._connection, [one.contact_id for one in some if one.contact_id]
            )
            for one in some:
                yield one, customers.get(one.contact_id or 0, "")
            if len(some) < PIECE:
                return
            after = some[-1].id

    def _way(self, channel: str) -> str:
        return self._words.named("method", self._how.standing.ways.method(channel)) if channel else ""

    def _address(self, one: Recipient) -> str:
        return masked(one.address) if self._how.mask else one.address


def _named(person: str, people: Mapping[str, object]) -> str:
    known = people.get(person)
    return str(getattr(known, "name", person))

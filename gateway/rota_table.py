"""Turns of the rota as a table, and a table of stand-ins as what is to be written; pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from channels import tables
from gateway.rota_moves import Stand
from router.rota import ROLES, Turn
from router.wall import begins

COLUMNS: Final = ("role", "person", "begins", "ends", "by")
TITLES: Final[Mapping[str, Sequence[str]]] = {
    "role": ("角色", "职责", "岗位"),
    "person": ("人员", "姓名", "值班人", "name"),
    "begins": ("开始", "开始时间", "起", "from", "start"),
    "ends": ("结束", "结束时间", "止", "until", "end"),
}
ROLE_WORDS: Final = {"lead": "lead", "second": "second", "manager": "manager", "主责": "lead", "值班主责": "lead"} | {
    "副班": "second", "二线": "second", "经理": "manager"
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One line that cannot be taken, why, and the cure."""

    line: int
    why: str


def row_of(turn: Turn, zone: ZoneInfo) -> dict[str, str]:
    """Return a turn as a row: instants in the site's zone with their offset, "" for nobody."""
    return {
        "role": turn.role,
        "person": turn.person or "",
        "begins": turn.begins.astimezone(zone).isoformat(timespec="minutes"),
        "ends": turn.ends.astimezone(zone).isoformat(timespec="minutes"),
        "by": turn.by,
    }


def written(turns: Iterable[Turn], zone: ZoneInfo) -> str:
    """Write turns as CSV with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row_of(turn, zone) for turn in turns)
    return text.getvalue()


def read(content: bytes, people: Mapping[str, str], zone: ZoneInfo, now: datetime) -> tuple[list[Stand], list[Fault]]:
    """Read a table of stand-ins; `people` is key to name. Raises Malformed without a header."""
    stands: list[tuple[int, Stand]] = []
    faults: list[Fault] = []
    for row in tables.read(content, TITLES, needs=4).rows:
        found = _stand(row, people, zone, now)
        if isinstance(found, str):
            faults.append(Fault(line=row.line, why=found))
        elif (other := _against(found, stands)) is not None:
            why = f"overlaps line {other}, which has another person in the same role; shorten one of them"
            faults.append(Fault(line=row.line, why=why))
        else:
            stands.append((row.line, found))
    return [stand for _, stand in stands], faults


def _stand(row: tables.Row, people: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Stand | str:
    role = ROLE_WORDS.get(row["role"].strip().lower())
    person = next((key for key, name in people.items() if row["person"].strip() in (key, name)), None)
    if role is None:
        return f"role is {row['role']!r}; write {', '.join(ROLES)}"
    if person is None and not row["person"].strip():
        return "person is empty; write who has it, or delete the line"
    if person is None:
        return f"person is {row['person']!r}, who is not among people; write one of {', '.join(people)}"
    span = _span(row, zone, now)
    return span if isinstance(span, str) else Stand(role=role, person=person, begins=span[0], ends=span[1])


def _span(row: tables.Row, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime] | str:
    begin, end = moment(row["begins"], zone), moment(row["ends"], zone)
    if begin is None or end is None:
        which = "begins" if begin is None else "ends"
        return f"{which} is {row[which]!r}; write a day and a time such as 2026-12-01 08:00"
    if end <= begin:
        return "it ends before it begins; turn the two round"
    return "it is over; delete the line" if end <= now else (begin, end)


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """Read an instant (UTC): ISO 8601 with an offset, or a time on the site's wall as people and spreadsheets write it.

    A time that the clocks skip comes when they have skipped it, one that comes twice the first time.
    """
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        found = tables.moment(text, zone)
        if found is None or found.tzinfo is not zone:
            return found and found.astimezone(UTC)
        given = found.replace(tzinfo=None)
    return given.astimezone(UTC) if given.tzinfo else begins(given, zone)


def _against(stand: Stand, others: Iterable[tuple[int, Stand]]) -> int | None:
    """Return the line that says something else of the same role at the same time."""
    for line, other in others:
        apart = stand.ends <= other.begins or other.ends <= stand.begins
        if not apart and (stand.role, stand.person) != (other.role, other.person) and stand.role == other.role:
            return line
    return None


def stand_of(given: Mapping[str, Any]) -> Stand:
    """Read a stand-in as commands and the API write it; instants with a zone."""
    begin, end = (datetime.fromisoformat(str(given[name])).astimezone(UTC) for name in ("begins", "ends"))
    return Stand(role=given["role"], person=given["person"], begins=begin, ends=end)

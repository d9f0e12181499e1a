"""One transaction for many commands: set-based, and a bad command fails alone.

The common path has no savepoint at all. Only when a move raises is the transaction undone and played again, each move
behind a savepoint of its own and the commands of the failing one tried one by one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from store.db import Database, OutcomeUnknown, StoreUnavailable, is_clash, is_lost, refused, unavailable

A = TypeVar("A")
R = TypeVar("R")
M = TypeVar("M", bound=Callable[..., Any])
REPEATS = 3
"""How often a transaction that PostgreSQL ended in favour of another is played again."""
_EXCLUSIVE_LOCK = 7318349394477057


@dataclass(slots=True)
class Tx:
    """One transaction, as a move sees it; `now` is the same for all moves in it."""

    connection: Connection
    database: Database
    now: datetime
    woken: set[str] = field(default_factory=set)

    def wake(self, name: str) -> None:
        """Ask that those who wait for `name` are woken once this is committed."""
        self.woken.add(name)


Move = Callable[[Tx, Sequence[A]], Sequence[R]]
"""Writes what many commands of one kind ask for, and answers each in order. It may be run again from the start."""


def exclusive(move: M) -> M:
    """Mark a move that must never run beside another of these, in any process."""
    move.exclusive = True  # type: ignore[attr-defined]
    return move


def is_exclusive(move: Move[Any, Any]) -> bool:
    """Tell whether a move was marked."""
    return getattr(move, "exclusive", False)


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer to a command that raised."""

    error: Exception


Command = tuple[Move[Any, Any], Any]


def run(
    connection: Connection, database: Database, commands: Sequence[Command], *, serial: bool = False
) -> tuple[list[Any], frozenset[str]]:
    """Play all commands in one transaction and commit; returns their answers (or Failed) and the names to wake.

    `serial` first takes the lock that makes exclusive moves follow each other over all processes. Raises
    StoreUnavailable when nothing was kept, OutcomeUnknown when the commit itself got no answer.
    """
    groups = _by_move(commands)
    careful = False
    for _ in range(REPEATS):
        tx = Tx(connection=connection, database=database, now=database.now())
        answers: list[Any] = [None] * len(commands)
        try:
            if serial:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _EXCLUSIVE_LOCK})
            for move, places in groups.items():
                items = [commands[place][1] for place in places]
                done = _carefully(tx, move, items) if careful else _at_once(tx, move, items)
                for place, answer in zip(places, done, strict=True):
                    answers[place] = answer
        except Exception as error:  # told apart below
            connection.rollback()
            if is_lost(error) and not is_clash(error):
                raise unavailable(error) from error
            if careful and not is_clash(error):
                raise
            careful = careful or not is_clash(error)
        else:
            _commit(connection)
            return answers, frozenset(tx.woken)
    raise StoreUnavailable("PostgreSQL ended the transaction again and again in favour of others")


def _commit(connection: Connection) -> None:
    try:
        connection.commit()
    except DBAPIError as error:
        raise OutcomeUnknown(str(unavailable(error))) from error


def _by_move(commands: Sequence[Command]) -> Mapping[Move[Any, Any], list[int]]:
    groups: dict[Move[Any, Any], list[int]] = {}
    for place, (move, _) in enumerate(commands):
        groups.setdefault(move, []).append(place)
    return groups


def _at_once(tx: Tx, move: Move[Any, Any], items: Sequence[Any]) -> Sequence[Any]:
    answers = move(tx, items)
    if len(answers) != len(items):
        raise RuntimeError(f"{move.__qualname__} gave {len(answers)} answers to {len(items)} commands")
    return answers


def _carefully(tx: Tx, move: Move[Any, Any], items: Sequence[Any]) -> Sequence[Any]:
    answers = _behind_savepoint(tx, move, items)
    if not isinstance(answers, Failed):
        return answers
    if len(items) == 1:
        return [answers]
    each = [_behind_savepoint(tx, move, [item]) for item in items]
    return [answer if isinstance(answer, Failed) else answer[0] for answer in each]


def _behind_savepoint(tx: Tx, move: Move[Any, Any], items: Sequence[Any]) -> Sequence[Any] | Failed:
    before = set(tx.woken)
    savepoint = tx.connection.begin_nested()
    try:
        answers = _at_once(tx, move, items)
    except Exception as error:
        if is_lost(error) or is_clash(error):
            raise
        savepoint.rollback()
        tx.woken = before
        return Failed(refused(error))
    savepoint.commit()
    return answers

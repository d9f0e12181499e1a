"""The log: what it must never say, however it came there."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from channels.settings import Secret
from gateway.log import Foreign, set_up, trail
from store.db import open_database
from store.model import Message


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    before = logging.getLogger().level
    set_up()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, Foreign)]
    root.setLevel(before)
    structlog.reset_defaults()


def test_one_event_is_one_line_of_json(lines: Any) -> None:
    structlog.get_logger().warning("store unavailable", loop="send", failures=2)
    (line,) = lines()
    assert (line["event"], line["level"], line["loop"], line["failures"]) == ("store unavailable", "warning", "send", 2)


@pytest.mark.parametrize(
    "values",
    [
        {"text": "private"},
        {"subject": "private"},
        {"message": {"whole": "private", "more": [{"body": "private"}]}},
        {"Password": "private"},
        {"chunk": b"private"},
        {"path": "/a/private"},
        {"path": "/p/private/file"},
        {"sender": "private@example.cn"},
        {"to": ["+861private0101"]},
        {"key": Secret("private")},
        {"row": Message(id=1, direction="in", channel="c", key="k", state="new", at=datetime.now(UTC), text="private")},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_people_said_and_secrets_never_reach_the_log(lines: Any, values: dict[str, Any]) -> None:
    structlog.get_logger().warning("something", **values)
    (line,) = lines()
    assert "private" not in json.dumps(line)


def test_an_address_shows_its_last_signs_only(lines: Any) -> None:
    structlog.get_logger().warning("sent", to="+8613800000101", sender="12345")
    (line,) = lines()
    assert (line["to"], line["sender"]) == ("******0101", "******")


def fail(body: str) -> None:
    try:
        raise KeyError(body)
    except KeyError as error:
        raise ValueError(f"cannot read {body}") from error


def test_an_exception_shows_its_places_and_not_its_words_or_locals(lines: Any) -> None:
    try:
        fail("private")
    except ValueError:
        structlog.get_logger().exception("step failed")
    (line,) = lines()
    assert "private" not in json.dumps(line)
    assert line["exception"].startswith("ValueError at unit/test_gateway_log.py:")
    assert " fail, " in line["exception"]
    assert " <- KeyError at unit/test_gateway_log.py:" in line["exception"]


def test_the_log_of_libraries_comes_without_their_values(lines: Any) -> None:
    try:
        fail("private")
    except ValueError:
        logging.getLogger("library").exception("could not send %s", "private")
    logging.getLogger("library").error(ValueError("private"))
    logging.getLogger("library").info("sending %s", "private")
    told = lines()
    assert "private" not in json.dumps(told)
    assert [line["event"] for line in told] == ["could not send %s", "ValueError"]
    assert told[0]["logger"] == "library"


def test_setting_up_twice_does_not_double_the_lines(lines: Any) -> None:
    set_up()
    logging.getLogger("library").warning("once")
    assert [line["event"] for line in lines()] == ["once"]


def test_an_error_of_the_database_carries_no_values(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 's.db'}", now=lambda: datetime.now(UTC))
    with database.engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (a TEXT UNIQUE)"))
        connection.execute(text("INSERT INTO t VALUES (:a)"), {"a": "private"})
        with pytest.raises(IntegrityError) as caught:
            connection.execute(text("INSERT INTO t VALUES (:a)"), {"a": "private"})
    database.close()
    assert "private" not in str(caught.value)
    assert "private" not in trail(caught.value)


def test_a_trail_of_an_exception_that_was_never_raised_has_no_place() -> None:
    assert trail(ValueError("private")) == "ValueError at no place"

"""The log: one line of JSON an event, on stderr; never a message body, a secret, or a whole address."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from structlog.typing import EventDict, WrappedLogger

HIDDEN = frozenset(
    {"text", "body", "raw", "whole", "subject", "variables", "password", "token", "secret", "auth_token", "url"}
)
ADDRESSES = frozenset({"to", "sender", "recipient", "address", "from", "reply_to", "number"})
MASK = "******"
SIGNED = ("/a/", "/e/", "/s/", "/p/", "/u/", "/rota/")
"""What follows in the path of such a page is the right to use it."""
FRAMES = 12
"""Places of a traceback that are shown, the innermost ones."""


def drop_bodies(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace what must not be logged, whoever put it there and however deep."""
    del logger, method
    return _masked(event)


def _masked(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _value(str(key).lower(), value) for key, value in values.items()}


def _value(key: str, value: Any) -> Any:
    if key in HIDDEN or isinstance(value, (bytes, bytearray)):
        return MASK
    if isinstance(value, Mapping):
        return _masked(value)
    if isinstance(value, (list, tuple)):
        return [_value(key, one) for one in value]
    if key == "path" and isinstance(value, str) and value.startswith(SIGNED):
        return f"/{value.split('/')[1]}/{MASK}"
    if key in ADDRESSES and isinstance(value, str):
        return f"{MASK}{value[-4:] if len(value) > 8 else ''}"
    return value


def trail(error: BaseException) -> str:
    """Say what went wrong and where, without the exception's own words: these may quote a message or a secret."""
    return " <- ".join(_told(one) for one in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _told(error: BaseException) -> str:
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)][-FRAMES:]
    places = (f"{'/'.join(code.co_filename.split('/')[-2:])}:{line} {code.co_name}" for code, line in reversed(frames))
    return f"{type(error).__name__} at {', '.join(places) or 'no place'}"


def say_where(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Put the places of an exception in the stead of its traceback."""
    del logger, method
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["exception"] = trail(error)
    return event


class Foreign(logging.Handler):
    """Passes on what libraries log: their own words without the values that they would put into them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        words = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        structlog.get_logger().log(record.levelno, words, logger=record.name, exc_info=record.exc_info)


def _plain(value: Any) -> str:
    """Show what JSON does not know; an object's own words may quote a message."""
    return str(value) if isinstance(value, (date, timedelta, Path, UUID)) else f"<{type(value).__name__}>"


def set_up(*, level: int = logging.INFO) -> None:
    """Send the log to stderr, that of the libraries too, from warnings on."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            say_where,
            drop_bodies,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=_plain),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Asked for at every line: a test or a supervisor may have put another stream in its place.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, Foreign)] + [Foreign()]
    root.setLevel(max(level, logging.WARNING))

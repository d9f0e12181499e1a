"""What commands share: the configuration option, JSON out, and failing with words."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from gateway.config import Config

F = TypeVar("F", bound=Callable[..., Any])


def config_option(function: F) -> F:
    """Add --config."""
    return click.option("--config", "config_path", metavar="FILE", help="Default: $YIZHAN_CONFIG or config.yaml.")(
        function
    )


def json_option(function: F) -> F:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")(function)


def read_config(path: str | None, *, channels: bool = True) -> Config:
    """Load the configuration or end with every fault on stderr."""
    from gateway.config import find, load
    from gateway.yaml_page import ConfigError

    try:
        return load(find(path), channels=channels)
    except ConfigError as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        click.echo(f"{len(error.faults)} fault(s); nothing was started", err=True)
        sys.exit(1)


@contextmanager
def reading(path: str | None) -> Iterator[tuple[Config, Connection]]:
    """Give the configuration and a connection that only reads, beside a running gateway or without one."""
    from store.db import StoreUnavailable, open_database

    config = read_config(path, channels=False)
    try:
        database = open_database(config.store.address, now=lambda: datetime.now(UTC), writes=False)
        with database.read() as connection:
            yield config, connection
        database.close()
    except StoreUnavailable as error:
        fail(f"the store cannot be read: {error}; was the gateway ever started with this configuration?")


def fail(words: str) -> NoReturn:
    """End with exit 1 and the reason on stderr."""
    click.echo(words, err=True)
    sys.exit(1)


def put(row: Any) -> None:
    """Print one JSON object."""
    click.echo(json.dumps(row, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

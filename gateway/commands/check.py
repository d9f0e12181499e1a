"""`yizhan check`: the loader of `run`, and nothing else; no network, no database."""

from __future__ import annotations

import sys
from typing import Any

import click
from pydantic import BaseModel

from channels.settings import Secret
from gateway.commands.common import config_option, json_option, put
from gateway.config import Config, ConfigError, find, load


@click.command()
@config_option
@json_option
def command(config_path: str | None, as_json: bool) -> None:
    """Check the configuration; prints the effective values, or every fault with file, line, key and cure."""
    file = find(config_path)
    try:
        config = load(file)
    except ConfigError as error:
        for fault in error.faults:
            if as_json:
                put({"file": fault.file, "line": fault.line, "key": fault.key, "what": fault.what, "cure": fault.cure})
            else:
                click.echo(str(fault), err=True)
        sys.exit(1)
    if as_json:
        put({"ok": True, "file": file, "values": effective(config)})
    else:
        _print(effective(config), ())
        click.echo(f"{file}: no fault found", err=True)


def effective(config: Config) -> dict[str, Any]:
    """Return every value that is in force; secrets as ****** with where they come from."""
    return {
        "gateway": _value(config.gateway),
        "channels": {n: {a: _value(s) for a, s in accounts.items()} for n, accounts in config.channels.items()},
        "router": _value(config.router),
        "store": _value(config.store),
    }


def _value(value: Any) -> Any:
    if isinstance(value, Secret):
        return f"****** ({value.origin})"
    if isinstance(value, BaseModel):
        return {name: _value(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {str(key): _value(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(one) for one in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _print(value: Any, path: tuple[str, ...]) -> None:
    if isinstance(value, dict):
        for key, one in value.items():
            _print(one, (*path, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            _print(one, (*path, str(index)))
    else:
        click.echo(f"{'.'.join(path)} = {value}")

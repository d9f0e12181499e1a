"""`yizhan check`: the loader of `run`, and what its ladders would do; no network, no database."""

from __future__ import annotations

import sys
from typing import Any

import click
from pydantic import BaseModel

from channels.settings import Secret
from gateway.commands.common import config_option, json_option, put
from gateway.config import Config, find, load
from gateway.yaml_page import ConfigError


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
    warned, reaches = ladders(config)
    if as_json:
        put({"ok": reaches, "file": file, "values": effective(config), "warnings": warned})
    else:
        _print(effective(config), ())
        for text in warned:
            click.echo(f"{file}: warning: {text}", err=True)
        verdict = "no fault found" if reaches else "a page of level 1 reaches nobody; see `yizhan lead explain`"
        click.echo(f"{file}: {verdict}", err=True)
    sys.exit(0 if reaches else 1)


def ladders(config: Config) -> tuple[list[str], bool]:
    """Return what is wrong with the ladders just now, and whether level 1 reaches anybody.

    Where no channel is configured yet that is all there is to say, and no fault.
    """
    from datetime import UTC, datetime

    from gateway.commands.explaining import fatal, warnings
    from gateway.explaining import explained

    if not any(config.channels.values()):
        return ["channels is empty: nobody can be paged"], True
    found = explained(config, datetime.now(UTC))
    return warnings(found, config), not fatal(found)


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
        return {field.alias or name: _value(getattr(value, name)) for name, field in type(value).model_fields.items()}
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

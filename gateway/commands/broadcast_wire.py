"""What the commands about broadcasts say to the running gateway, as which person, and how its refusals read."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from urllib.parse import urlencode

import click

from gateway.commands.common import config_option, fail, read_config
from gateway.commands.direct import detail, straight

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from pathlib import Path

    from gateway.config import Config
    from gateway.yaml_page import Page

F = TypeVar("F", bound=Callable[..., Any])
TIMEOUT = 60.0
"""Seconds: a preview counts an audience."""
PIECE = 1 << 16
PASSWORD = "YIZHAN_PASSWORD"  # noqa: S105 - the name of a variable


def person_option(function: F) -> F:
    """Add --as; the password comes from the environment or from a prompt, never from an argument."""
    words = "Your key or name among the staff; $YIZHAN_PERSON. The password: $YIZHAN_PASSWORD, or a prompt."
    return click.option("--as", "person", metavar="PERSON", envvar="YIZHAN_PERSON", help=words)(config_option(function))


class Refused(Exception):
    """The gateway said no: in words, with `what` and `cure`, or with a list of faults that have a `place` too."""

    def __init__(self, detail: Any) -> None:
        super().__init__(str(detail))
        self.detail = detail

    @property
    def lines(self) -> list[str]:
        """Return it in words."""
        if isinstance(self.detail, list):
            return [f"{one['place']}: {one['what']}; {one['cure']}" for one in self.detail]
        if isinstance(self.detail, dict):
            return ["; ".join(filter(None, (self.detail["what"], self.detail["cure"])))]
        return [str(self.detail)]

    def blamed(self, page: Page) -> list[str]:
        """Return it in words with the lines of the file that was sent."""
        if not isinstance(self.detail, list):
            return self.lines
        for one in self.detail:
            page.blame(one["place"].removeprefix("plan.").split("."), one["what"], one["cure"])
        return [str(one) for one in sorted(page.faults, key=lambda fault: fault.line)]


class Wire:
    """One command's talk with the gateway."""

    def __init__(self, config: Config, authorization: str | None = None) -> None:
        self.config = config
        self._authorization = authorization

    def get(self, path: str, **query: object) -> Any:
        """Read something."""
        asked = urlencode({key: value for key, value in query.items() if value not in (None, "")})
        return self.send("GET", f"{path}?{asked}" if asked else path)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Say something and return the answer; raises Refused, and ends where no gateway answers."""
        try:
            with self._open(method, path, body) as answer:
                said = answer.read()
        except (OSError, HTTPException) as error:
            fail(f"the gateway broke off: {error}; ask for the state, since the change may have been made")
        return json.loads(said) if said else None

    def fetch(self, path: str, to: Path) -> int:
        """Write an answer into a file, which appears whole or not at all; returns its size."""
        part = to.with_name(f".{to.name}.part")
        try:
            with self._open("GET", path, None) as answer, part.open("wb") as file:
                while piece := answer.read(PIECE):
                    file.write(piece)
                size = file.tell()
            part.replace(to)
        except (OSError, HTTPException) as error:
            part.unlink(missing_ok=True)
            fail(f"{to} was not written: {error}")
        return size

    @contextmanager
    def _open(self, method: str, path: str, body: Any) -> Iterator[HTTPResponse]:
        from gateway.commands.desk import address, headers

        url, known = address(self.config, path), headers(self.config)
        known |= {"Authorization": self._authorization} if self._authorization else {}
        known["Accept-Language"] = "en"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, known, method=method)  # noqa: S310
        try:
            answer = straight(request, TIMEOUT)
        except urllib.error.HTTPError as error:
            raise Refused(detail(error.read())) from None
        except OSError as error:
            fail(f"no gateway answers at {url}: {error}; start it with yizhan run")
        with answer:
            yield answer


def reader(config_path: str | None) -> Wire:
    """Return a wire that only asks, as the operator."""
    return Wire(read_config(config_path, channels=False))


def writer(config_path: str | None, person: str | None) -> Wire:
    """Return a wire that speaks for a person."""
    config, key, secret = identity(config_path, person)
    return Wire(config, f"Basic {b64encode(f'{key}:{secret}'.encode()).decode()}")


def identity(config_path: str | None, person: str | None) -> tuple[Config, str, str]:
    """Return the configuration, a person's key and their password; ends with words where one of them is not known."""
    if not person:
        raise click.UsageError("say who you are: --as PERSON, or $YIZHAN_PERSON")
    config = read_config(config_path, channels=False)
    key, people = _key(config, person), config.router.people
    secret = os.environ.get(PASSWORD)
    if secret is None:
        if not sys.stdin.isatty():
            raise click.UsageError(f"there is nobody to ask for the password: set ${PASSWORD}")
        secret = str(click.prompt(f"Password of {people[key].name}", hide_input=True, err=True))
    return config, key, secret


def _key(config: Config, said: str) -> str:
    people = config.router.people
    found = [said] if said in people else [key for key, one in people.items() if one.name == said]
    if len(found) != 1:
        wrong = f"the name of several: {', '.join(found)}" if found else f"not among people: {', '.join(people)}"
        fail(f"{said!r} is {wrong}")
    return found[0]


@contextmanager
def talking(page: Page | None = None) -> Iterator[None]:
    """End with exit 1 and the words of a refusal; those that blame a place name the line of the file."""
    try:
        yield
    except Refused as refused:
        end(refused.blamed(page) if page else refused.lines)


def end(lines: list[str]) -> NoReturn:
    """End with exit 1 and some lines on stderr."""
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)

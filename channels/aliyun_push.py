"""What Alibaba Cloud pushes by HTTP: a JSON array that nobody signed, at an address that only it knows; pure.

The push carries no signature (help.aliyun.com/zh/sms/developer-reference/smsup-http), so that a secret part of the
path must do: /in/<channel>/<account>/<push_secret>/<what>. It is repeated after 1, 5 and 10 minutes unless it is
answered with status 200 and a number as `code`.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from channels.contract import Finding, Inbound, Malformed, Refused, Reply, Unreadable, Wire
from channels.settings import Secret
from channels.untrusted import Untrusted

TAKEN: Final = Reply(body='{"code":0,"msg":"成功"}'.encode(), type="application/json; charset=utf-8")
BEIJING: Final = timezone(timedelta(hours=8))
"""Times in a push have no zone; China has one, without daylight saving since 1991."""
ITEMS: Final = 1000
"""More messages in one push than the provider sends."""
FORM: Final = "%Y-%m-%d %H:%M:%S"
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""What can stand in a path as it is."""
LEAST: Final = 16
"""Characters of a secret that cannot be guessed; with a shorter one every push is refused."""


def secret_finding(secret: Secret) -> Finding:
    """Whether the push secret is long enough."""
    good = len(secret.reveal()) >= LEAST
    cure = "" if good else f"make it at least {LEAST} random characters and enter the new address in the console"
    return Finding(what="push secret", ok=good, note="" if good else "too short: every push is refused", cure=cure)


def admitted(wire: Wire, secret: Secret) -> str:
    """What was pushed, "up" or "report"; raises Refused without the secret or for what is not JSON by its header."""
    if len(secret.reveal()) < LEAST:
        raise Refused("the push secret is too short to prove anything")
    given, _, what = wire.path.removeprefix("/").partition("/")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.reveal().encode()):
        raise Refused("the address lacks the right push secret")
    if wire.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused("a push is application/json")
    return what


def items(body: bytes) -> list[Untrusted]:
    """The elements of the array; raises Malformed."""
    found = list(Untrusted.json(body).items())
    if len(found) > ITEMS:
        raise Malformed("body", f"more than {ITEMS} items")
    return found


def moment(field: Untrusted) -> datetime | None:
    """A time of the provider in UTC; None for one that is missing or cannot be read, since nothing hangs on it."""
    try:
        return datetime.strptime(field.text(default=""), FORM).replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None


def alone(key: str, raw: bytes, found: list[Inbound]) -> Inbound | Unreadable:
    """What a push that was set aside held, when that is one message."""
    if len(found) == 1:
        return found[0]
    return Unreadable(key=f"{key}:again", raw=raw, where="body", why=f"{len(found)} messages in one push")

"""Who plays in the sandbox, and the configuration that knows the staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

ACCOUNTS: Final = {"sms": "main", "phone": "main", "email": "support"}
"""Channel to account, in the order in which the page lists the providers."""

ACCOUNT: Final = "main"
"""The account of a further channel that has one way only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Player:
    """One pretend person with a phone and a mailbox."""

    key: str
    name: str
    role: str
    """lead, second, manager, or "" for a customer."""
    phone: str
    mailbox: str
    rights: tuple[str, ...] = ()
    """What a person of the staff may do with broadcasts."""


STAFF: Final = (
    Player(
        key="zhang",
        name="张三",
        role="lead",
        phone="+8613800000101",
        mailbox="zhang@example.net",
        rights=("broadcast",),
    ),
    Player(key="li", name="李雷", role="second", phone="+8613800000102", mailbox="li@example.net"),
    Player(
        key="wang",
        name="王经理",
        role="manager",
        phone="+8613800000103",
        mailbox="wang@example.net",
        rights=("broadcast", "approve"),
    ),
)
PASSWORD: Final = "sandbox-password"  # noqa: S105 - everybody may know it
"""Of everybody in STAFF; the sign-in page of the sandbox says so, and a real account may not have it."""
CUSTOMERS: Final = (
    Player(key="c1", name="滨江机房", role="", phone="+8613900000001", mailbox="binjiang@example.com"),
    Player(key="c2", name="港口二号", role="", phone="+8613900000002", mailbox="port@example.com"),
    Player(key="c3", name="大学城北", role="", phone="+8613900000003", mailbox="campus@example.com"),
)


def configuration(
    folder: Path,
    *,
    url: str,
    port: int,
    blocks: Mapping[str, Mapping[str, Any]],
    lead: Mapping[str, str] = MappingProxyType({}),
) -> Mapping[str, Mapping[str, Any]]:
    """Return what the sandbox's config.yaml holds; `blocks` is channel to account to block."""
    return {
        "gateway": {
            "port": port,
            "public_url": url,
            "signature": {"zh": "驿站沙箱", "en": "Yizhan"},
            "broadcasts": {"packages": {"folder": str(folder / "packages")}},
        },
        "channels": {name: dict(accounts) for name, accounts in blocks.items()},
        "router": {
            "people": {
                player.key: {
                    "name": player.name,
                    "rights": list(player.rights),
                    "addresses": {"tel": player.phone, "email": player.mailbox}
                    | (dict(lead) if player.role == "lead" else {}),
                }
                for player in STAFF
            },
            "rota": {player.role: player.key for player in STAFF},
            # Further accounts of texts and calls are there to be tried; the phones of the page hang on these.
            "routes": [
                {"method": "sms", "order": [f"sms:{ACCOUNTS['sms']}"], "only": True},
                {"method": "voice", "order": [f"phone:{ACCOUNTS['phone']}"], "only": True},
            ],
            "sites": [player.name for player in CUSTOMERS],
        },
        "store": {"url": f"sqlite:///{folder / 'yizhan.db'}"},
    }

"""Reads config.yaml once, at the door: four blocks named like the rooms, every fault with file, line, key and cure."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import Field, PlainValidator, ValidationError, field_validator

from channels import registry
from channels.settings import Secret, Settings
from gateway.broadcast_settings import Broadcasts
from gateway.config_words import near
from gateway.delivery_settings import DeliverySettings
from gateway.opinion_settings import RouterBlock
from gateway.watch_settings import WatchSettings
from gateway.yaml_page import ConfigError, Page, blame, read_block, read_page, read_text

BLOCKS = ("gateway", "channels", "router", "store")
DEFAULT = "config.yaml"
ACCOUNT = re.compile("[a-z0-9][a-z0-9-]*")
"""Account names stand in the addresses of webhooks."""
DATABASE = re.compile(r"sqlite:///(?!:memory:)\S.*|postgres(ql)?(\+psycopg)?://\S+")


class Signature(Settings):
    """The name under which texts go out, by language."""

    zh: str = "服务台"
    en: str = "Support"


class Limit(Settings):
    """How many texts a destination may be sent; more wait."""

    per_second: float = Field(gt=0)
    burst: int = Field(default=1, ge=1)


class Reroute(Settings):
    """Messages of one account that really came by another: faxes that a fax server sends as mails."""

    account: str
    """Where they arrive, such as email:support."""
    sender: str = ".*"
    """Regular expression that the whole sender fits, without regard to case."""
    subject: str = ".*"
    """Regular expression found in the subject; its group `number` is who really sent it."""
    to: str
    """The account that they are kept under, such as fax:main."""

    @field_validator("sender", "subject")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"is no regular expression ({error}); write one such as fax@pbx\\.example") from None
        return value


class GatewaySettings(DeliverySettings, WatchSettings):
    """The process itself."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = Field(default="http://127.0.0.1:8000", pattern="^https?://[^ ]*[^/ ]$")
    """Where providers reach the gateway, without a trailing slash; part of every webhook signature."""
    signature: Signature = Signature()
    operator_token: Secret | None = None
    """Lets pages, API and commands in from elsewhere than this machine; without it only from here."""
    body_limit: int = Field(default=2_000_000, ge=1_000)
    """Bytes of an inbound request; a longer one is refused with 413."""
    senders: int = Field(default=16, ge=1, le=200)
    """Sends under way at once per destination."""
    send_seconds: float = Field(default=15.0, gt=0)
    """A send that takes longer has an unknown outcome; the lease of a claim is twice this."""
    limits: dict[str, Limit] = Field(default_factory=dict)
    """By destination, such as sms:main."""
    broadcasts: Broadcasts = Broadcasts()
    reroutes: list[Reroute] = Field(default_factory=list)
    """Messages of one account that are kept under another; the first rule that fits decides."""


def read_url(value: Any) -> str | Secret:
    """Accept the address of a database, a password only out of a secret; raises ValueError with the cure."""
    url = value if isinstance(value, str) else Secret.read(value)
    address = url.reveal() if isinstance(url, Secret) else url
    if not DATABASE.fullmatch(address):
        raise ValueError("is not the address of a database; write sqlite:///PATH or postgresql://USER@HOST/NAME")
    if isinstance(value, str) and (":" in urlsplit(value).netloc.rpartition("@")[0] or "password=" in value):
        raise ValueError("a password does not belong into config.yaml; write the whole address as {env: NAME}")
    return url


class StoreSettings(Settings):
    """The memory."""

    url: Annotated[str | Secret, PlainValidator(read_url)] = "sqlite:///data/yizhan.db"
    """sqlite:///PATH, postgresql://..., or a secret with one of them."""

    @property
    def address(self) -> str:
        """The address itself, out of its secret."""
        return self.url.reveal() if isinstance(self.url, Secret) else self.url


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The whole configuration, checked."""

    file: str
    gateway: GatewaySettings
    router: RouterBlock
    store: StoreSettings
    channels: Mapping[str, Mapping[str, Settings]]
    """Channel name to account name to its block."""


def find(path: str | None) -> str:
    """Return the file to read: the one given, $YIZHAN_CONFIG, or config.yaml here."""
    return path or os.environ.get("YIZHAN_CONFIG") or DEFAULT


def load(path: str, *, channels: bool = True) -> Config:
    """Read and check a file; raises ConfigError with every fault. Without `channels` their block is not looked at."""
    return parse(read_text(path, cure="give another --config"), file=path, channels=channels)


def parse(text: str, *, file: str = DEFAULT, channels: bool = True) -> Config:
    """Check a configuration text; raises ConfigError with every fault."""
    return _check(read_page(text, file), channels=channels)


def _check(page: Page, *, channels: bool) -> Config:
    if page.value is None:
        page.value = {}
    if not isinstance(page.value, dict):
        page.blame((), "is not a mapping", f"write the blocks {', '.join(BLOCKS)}")
        raise ConfigError(page.faults)
    for name in page.value:
        if name not in BLOCKS:
            page.blame((str(name),), "unknown block", near(str(name), BLOCKS))
    gateway = read_block(page, GatewaySettings, ("gateway",), page.value.get("gateway"))
    router = read_block(page, RouterBlock, ("router",), page.value.get("router"))
    store = read_block(page, StoreSettings, ("store",), page.value.get("store"))
    accounts = _channels(page) if channels else {}
    if channels and gateway is not None:
        _limits(page, gateway)
    if router is not None and router.rules:
        _rules(page, router)
    if page.faults or gateway is None or router is None or store is None:
        raise ConfigError(sorted(page.faults, key=lambda fault: fault.line))
    return Config(file=page.file, gateway=gateway, router=router, store=store, channels=accounts)


def _channels(page: Page) -> Mapping[str, Mapping[str, Settings]]:
    found: dict[str, dict[str, Settings]] = {}
    block = page.value.get("channels")
    if block is not None and not isinstance(block, dict):
        page.blame(("channels",), "is not a block", "write the name of a channel and its accounts below it, indented")
        return found
    for name, accounts in (block or {}).items():
        if name not in registry.names():
            page.blame(("channels", str(name)), "unknown channel", near(str(name), tuple(registry.names())))
        elif not isinstance(accounts, dict):
            page.blame(("channels", name), "holds no accounts", "write an account name and its block below it")
        else:
            read = {str(a): _account(page, name, str(a), block) for a, block in accounts.items()}
            found[name] = {account: settings for account, settings in read.items() if settings is not None}
    return found


def _account(page: Page, channel: str, account: str, block: Any) -> Settings | None:
    path = ("channels", channel, account)
    if not ACCOUNT.fullmatch(account):
        page.blame(path, "is no account name", "use only a-z, 0-9 and -")
    provider = block.get("provider", "") if isinstance(block, dict) else ""
    known = registry.providers(channel)
    if known and provider and provider not in known:
        page.blame((*path, "provider"), f"{provider!r} is no provider of {channel}", near(str(provider), known))
        return None
    return read_block(page, registry.settings(channel, provider if known else ""), path, block)


def _limits(page: Page, gateway: GatewaySettings) -> None:
    """Blame every account that is named and not configured."""
    block = page.value.get("channels")
    accounts = block.items() if isinstance(block, dict) else ()
    known = [f"{name}:{account}" for name, inner in accounts if isinstance(inner, dict) for account in inner]
    for place in ("limits", "quotas", "silence"):
        for name in getattr(gateway, place).keys() - set(known):
            page.blame(("gateway", place, name), "no such account", near(name, known))
    for index, reroute in enumerate(gateway.reroutes):
        for key in ("account", "to"):
            if getattr(reroute, key) not in known:
                path = ("gateway", "reroutes", str(index), key)
                page.blame(path, "no such account", near(getattr(reroute, key), known))


def packaged_words() -> Any:
    """Read the rules of judgement that come with the program."""
    text = resources.files("router").joinpath("default_rules.yaml").read_text(encoding="utf-8")
    # The loader in C is as safe and ten times quicker; this is a third of the start.
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _rules(page: Page, router: RouterBlock) -> None:
    from router.rules import Rulebook, compile_rules, load  # noqa: PLC0415 - most sites have no rules of their own
    from router.where import RuleError  # noqa: PLC0415

    names = [str(rule.get("name", "")) for rule in router.rules]
    try:
        compile_rules(load({"rules": router.rules}), load(packaged_words()))
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            blame(page, Rulebook, ("router",), one)
            _name_rule(page, names, str(one["loc"][1]))
    except RuleError as error:
        path = ("router", "rules", str(names.index(error.rule)), *error.key.split("."))
        page.blame(path, f"rule {error.rule!r}: {error.what}", error.cure)


def _name_rule(page: Page, names: Sequence[str], index: str) -> None:
    """Put the name of a rule before what is wrong with it."""
    name = names[int(index)] if index.isdecimal() and int(index) < len(names) else ""
    if name:
        page.faults[-1] = replace(page.faults[-1], what=f"rule {name!r}: {page.faults[-1].what}")

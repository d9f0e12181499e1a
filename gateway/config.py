"""Reads config.yaml once, at the door: four blocks named like the rooms, every fault with file, line, key and cure."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, Field, PlainValidator, ValidationError, field_validator

from channels import registry
from channels.settings import Secret, Settings
from gateway.broadcast_settings import Broadcasts
from gateway.config_words import fields, near, own_words
from gateway.delivery_settings import DeliverySettings
from gateway.opinion_settings import RouterBlock
from gateway.watch_settings import WatchSettings

BLOCKS = ("gateway", "channels", "router", "store")
DEFAULT = "config.yaml"
ACCOUNT = re.compile("[a-z0-9][a-z0-9-]*")
"""Account names stand in the addresses of webhooks."""
DATABASE = re.compile(r"sqlite:///(?!:memory:)\S.*|postgres(ql)?(\+psycopg)?://\S+")
HINTS = {
    "string_type": ("is not a text", "write it in quotes"),
    "model_type": ("is not a block", "write its keys below it, indented"),
    "dict_type": ("is not a block", "write its keys below it, indented"),
    "list_type": ("is not a list", "write it in brackets: [a, b]"),
    "tuple_type": ("is not a list", "write it in brackets: [a, b]"),
}
"""What the checker's types of error mean to somebody who writes YAML, and the cure."""
S = TypeVar("S", bound=BaseModel)


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
class Fault:
    """One thing wrong with the configuration."""

    file: str
    line: int
    key: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.what}; {self.cure}"


class ConfigError(Exception):
    """The configuration cannot be used; carries every fault at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The whole configuration, checked."""

    file: str
    gateway: GatewaySettings
    router: RouterBlock
    store: StoreSettings
    channels: Mapping[str, Mapping[str, Settings]]
    """Channel name to account name to its block."""


@dataclass(slots=True)
class _Page:
    file: str
    value: Any = None
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Sequence[str]) -> int:
        """Return the line of a key, or of the nearest block around it."""
        for length in range(len(path), -1, -1):
            if tuple(path[:length]) in self.lines:
                return self.lines[tuple(path[:length])]
        return 1

    def blame(self, path: Sequence[str], what: str, cure: str) -> None:
        """Add a fault."""
        self.faults.append(Fault(file=self.file, line=self.line(path), key=".".join(path), what=what, cure=cure))


def find(path: str | None) -> str:
    """Return the file to read: the one given, $YIZHAN_CONFIG, or config.yaml here."""
    return path or os.environ.get("YIZHAN_CONFIG") or DEFAULT


def load(path: str, *, channels: bool = True) -> Config:
    """Read and check a file; raises ConfigError with every fault. Without `channels` their block is not looked at."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        cure = "give another --config" if isinstance(error, OSError) else "save it as UTF-8"
        raise ConfigError([Fault(file=path, line=1, key="", what=f"cannot be read ({why})", cure=cure)]) from None
    return parse(text, file=path, channels=channels)


def parse(text: str, *, file: str = DEFAULT, channels: bool = True) -> Config:
    """Check a configuration text; raises ConfigError with every fault."""
    page = _Page(file=file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            page.lines.update(_lines(page, node, ()))
        page.value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError([*page.faults, _not_yaml(page, error)]) from None
    return _check(page, channels=channels)


def _not_yaml(page: _Page, error: Exception) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or "a value that cannot be read")
    # An unquoted secret that begins with *, & or ! is taken for one of these.
    problem = re.sub(r"(alias|anchor|tag) .*", r"\1", problem)
    cure = "correct it; a value that begins with a special sign belongs in quotes"
    return Fault(file=page.file, line=mark.line + 1 if mark else 1, key="", what=f"is not YAML: {problem}", cure=cure)


def _lines(page: _Page, node: yaml.Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Give the line of every key; a key that stands twice in a block is a fault, where YAML takes the last."""
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(page, value, (*path, str(index)))
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(key.value) if isinstance(key, yaml.ScalarNode) else "?", key.start_mark.line + 1
        if name in seen:
            fault = Fault(
                file=page.file,
                line=line,
                key=".".join((*path, name)),
                what="stands twice",
                cure=f"take one away, here or in line {seen[name]}",
            )
            page.faults.append(fault)
        seen[name] = line
        yield from _lines(page, value, (*path, name))
        yield (*path, name), line


def _check(page: _Page, *, channels: bool) -> Config:
    if page.value is None:
        page.value = {}
    if not isinstance(page.value, dict):
        page.blame((), "is not a mapping", f"write the blocks {', '.join(BLOCKS)}")
        raise ConfigError(page.faults)
    for name in page.value:
        if name not in BLOCKS:
            page.blame((str(name),), "unknown block", near(str(name), BLOCKS))
    gateway = _block(page, GatewaySettings, ("gateway",), page.value.get("gateway"))
    router = _block(page, RouterBlock, ("router",), page.value.get("router"))
    store = _block(page, StoreSettings, ("store",), page.value.get("store"))
    accounts = _channels(page) if channels else {}
    if channels and gateway is not None:
        _limits(page, gateway)
    if router is not None and router.rules:
        _rules(page, router)
    if page.faults or gateway is None or router is None or store is None:
        raise ConfigError(sorted(page.faults, key=lambda fault: fault.line))
    return Config(file=page.file, gateway=gateway, router=router, store=store, channels=accounts)


def _channels(page: _Page) -> Mapping[str, Mapping[str, Settings]]:
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


def _account(page: _Page, channel: str, account: str, block: Any) -> Settings | None:
    path = ("channels", channel, account)
    if not ACCOUNT.fullmatch(account):
        page.blame(path, "is no account name", "use only a-z, 0-9 and -")
    provider = block.get("provider", "") if isinstance(block, dict) else ""
    known = registry.providers(channel)
    if known and provider and provider not in known:
        page.blame((*path, "provider"), f"{provider!r} is no provider of {channel}", near(str(provider), known))
        return None
    return _block(page, registry.settings(channel, provider if known else ""), path, block)


def _limits(page: _Page, gateway: GatewaySettings) -> None:
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


def _rules(page: _Page, router: RouterBlock) -> None:
    from router.rules import Rulebook, compile_rules, load  # noqa: PLC0415 - most sites have no rules of their own
    from router.where import RuleError  # noqa: PLC0415

    names = [str(rule.get("name", "")) for rule in router.rules]
    try:
        compile_rules(load({"rules": router.rules}), load(packaged_words()))
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            _blame(page, Rulebook, ("router",), one)
            _name_rule(page, names, str(one["loc"][1]))
    except RuleError as error:
        path = ("router", "rules", str(names.index(error.rule)), *error.key.split("."))
        page.blame(path, f"rule {error.rule!r}: {error.what}", error.cure)


def _name_rule(page: _Page, names: Sequence[str], index: str) -> None:
    """Put the name of a rule before what is wrong with it."""
    name = names[int(index)] if index.isdecimal() and int(index) < len(names) else ""
    if name:
        page.faults[-1] = replace(page.faults[-1], what=f"rule {name!r}: {page.faults[-1].what}")


def _block(page: _Page, kind: type[S], path: tuple[str, ...], value: Any) -> S | None:
    try:
        block = kind.model_validate({} if value is None else value)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            _blame(page, kind, path, one)
        return None
    except OSError as error:  # a time zone such as "Asia" is a folder
        page.blame(path, f"names what cannot be read ({error.strerror})", "correct the value")
        return None
    for empty in _empty_secrets(block, path):
        page.blame(empty, "the secret is empty", "fill the variable or the file that it names")
    return block


def _empty_secrets(block: BaseModel, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name in type(block).model_fields:
        value = getattr(block, name)
        if isinstance(value, BaseModel):
            yield from _empty_secrets(value, (*path, name))
        elif isinstance(value, Secret) and not value.reveal():
            yield (*path, name)


def _blame(page: _Page, kind: type[BaseModel], path: tuple[str, ...], error: Any) -> None:
    inner = tuple(str(part) for part in error["loc"])
    full = (*path, *inner)
    match error["type"]:
        case "extra_forbidden":
            page.blame(full, "unknown key", near(inner[-1], fields(kind, inner[:-1])))
        case "missing":
            page.blame(full, "is missing", "add it")
        case "value_error":
            page.blame(full, *own_words(str(error["ctx"]["error"])))
        case known if known in HINTS:
            page.blame(full, *HINTS[known])
        case _:
            page.blame(full, error["msg"], "correct the value")

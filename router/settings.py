"""The `router` block of config.yaml: who is on duty, whom to ask in which order, what was promised, own rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from router.blocks import Block, Hours, Span, Zone
from router.dispatch_settings import Dispatch
from router.handover_settings import HandOver
from router.policy_settings import (
    Choice,
    HowRule,
    Policy,
    Rules,
    Urgency,
    default_policies,
    flaw_of_policies,
    flaw_of_rules,
)
from router.promise_settings import Promises
from router.rota_settings import Calendar, Rota, RotaCheck


class Person(Block):
    """One of the staff."""

    name: str
    language: str = Field(default="zh", pattern="^(zh|en)$")
    addresses: dict[str, str] = Field(min_length=1)
    """Address book (tel, email) to id, such as tel: "+8613800000101"."""
    how: list[HowRule] = Field(default=[])
    """How this person is asked, in place of the policy's `how`; none: as the policy says."""
    rules: dict[Urgency, Rules] = Field(default={})
    """The same for single urgencies; they go before `how`."""
    quiet_hours: Hours | None = None
    """This person's own, in place of the site's."""

    rights: list[Literal["broadcast", "approve"]] = Field(default=[])
    """broadcast: may send to user groups; approve: may be the second person. Both need a password of their own."""
    engineer: bool = True
    """Goes on site; whoever does not is never proposed."""
    skills: list[str] = Field(default=[])
    """Systems that the person knows, in the words in which customers name them."""
    areas: list[str] = Field(default=[])
    """Sites that are near to the person, or parts of their names."""

    def own_rules(self, urgency: str) -> list[HowRule]:
        """Return this person's own rules for an urgency; empty where the policy says how."""
        return next((rules for name, rules in self.rules.items() if name == urgency), self.how)

    def asked_by(self, urgency: str, policy: Policy) -> list[HowRule]:
        """Return how this person is asked: by the rules of the urgency, else by their own, else by the policy's."""
        return self.own_rules(urgency) or policy.how


class Fold(Block):
    """How floods become bundles."""

    window: Span = timedelta(minutes=2)
    """At most one text of pages per person in this time; further tickets wait for one bundle."""
    free: int = Field(default=1, ge=1)
    """How many texts a person gets in the window before folding starts."""
    storm: int = Field(default=20, ge=1)
    """More tickets than this waiting for one person within ten minutes are a storm: the manager is told once."""


class Snooze(Block):
    """How often and how long a page may be put off."""

    default: Span = timedelta(minutes=15)
    most: int = 2
    """Times per ticket."""


class Route(Block):
    """Which accounts carry a method, in which order; the first route that fits the country decides."""

    method: str = Field(pattern="^(push|sms|voice|mail)$")
    country: str = Field(default="", pattern="^([A-Z]{2})?$")
    """Of the person's number (ISO 3166); "" is every country."""
    order: list[str] = Field(min_length=1)
    """Accounts such as sms:main; the next one is tried when one fails."""
    only: bool = False
    """Accounts that are not listed are never used; else they come last."""


class RouterSettings(Promises):
    """Everything that the judgement is told by the site."""

    time_zone: Zone = "Asia/Shanghai"
    people: dict[str, Person] = Field(min_length=1)
    rota: Rota
    rota_check: RotaCheck = RotaCheck()
    calendar: Calendar = Calendar()
    handover: HandOver = HandOver()
    policies: dict[str, Policy] = Field(default_factory=default_policies)
    choose: list[Choice] = Field(default=[])
    """Which policy holds in place of that of the urgency; the first that fits."""
    quiet_hours: Hours = Hours(begin=time(22), end=time(7))
    fold: Fold = Fold()
    snooze: Snooze = Snooze()
    dispatch: Dispatch = Dispatch()
    warn_at: list[float] = Field(default=[0.5, 0.75])
    """Parts of a clock at which its owner is warned."""
    undo_within: Span = timedelta(minutes=5)
    close_after: Span = timedelta(hours=72)
    untouched_after: Span = timedelta(days=1)
    """An open ticket that nothing else is planned for is brought to mind after this long, in office hours."""
    reopen_within: Span = timedelta(hours=24)
    """Back again within this time of a reported fix: the same matter, reopened."""
    same_outage_within: Span = timedelta(minutes=10)
    """The same site and symptom within this time joins the open ticket."""
    burst: Span = timedelta(minutes=2)
    """Short lines of one person within this time belong together."""
    receipts_per_hour: int = Field(default=10, ge=1)
    """Loop guard: automatic texts to one address."""
    sites: list[str] = Field(default=[])
    """Names of sites that a message may mention."""
    critical_systems: list[str] = Field(default=[])
    """Systems that are vital here: a fault that names one is at least level 2, unless clearly small."""
    routes: list[Route] = Field(default=[])
    """Order and fail-over of accounts by method and country; without, the order in which they are configured."""
    rules: list[dict[str, Any]] = Field(default=[])
    """The site's own rules of judgement; they go before the packaged ones."""
    model: str = "data/judge.model"
    """Where `yizhan judge train` puts what the judge learned here; without that file the packaged judge judges."""

    @model_validator(mode="before")
    @classmethod
    def keep_default_policies(cls, values: Any) -> Any:
        """Let a site change one ladder without writing the others."""
        if isinstance(values, Mapping) and isinstance(values.get("policies"), Mapping):
            return {**values, "policies": {**default_policies(), **values["policies"]}}
        return values

    @model_validator(mode="after")
    def names_exist(self) -> RouterSettings:
        """Refuse a rota or a step that names nobody."""
        roles = {"lead", "second", "manager", "everyone"}
        named = [(where, who) for where, who in self.rota.named()]
        for name, policy in self.policies.items():
            named += [(f"policies.{name}", who) for step in policy.steps for who in step.who if who not in roles]
        for where, who in named:
            if who not in self.people:
                raise ValueError(f"{where} names {who!r}, who is not among people: {', '.join(self.people)}")
        wrong = [flaw_of_rules(key, one.how, one.rules) for key, one in self.people.items()]
        wrong.append(flaw_of_policies(self.policies, self.choose))
        if flaw := next(filter(None, wrong), None):
            raise ValueError(flaw)
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)

"""The blocks of ladders: whom to ask and how, which of several ladders is chosen when, and a person's own rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from router.blocks import Block, Hours, Span
from router.rota_settings import Weekday

Urgency = Literal["fault-1", "fault-2", "fault-3", "emergency_support", "complaint", "other"]
URGENCIES: tuple[Urgency, ...] = ("fault-1", "fault-2", "fault-3", "emergency_support", "complaint", "other")
AT_ONCE = timedelta(0)
SOON = timedelta(seconds=60)
"""At level 1 a person's own rules begin no later than this after their step."""


class WhoStep(Block):
    """Whom to ask this long after the page began: lead, second, manager, everyone, or a person's key."""

    after: Span
    who: list[str] = Field(min_length=1)


class HowRule(Block):
    """How a person is asked this long after their step began; `sms` wakes the person's app too, if there is one."""

    after: Span
    by: str = Field(pattern="^(push|sms|voice|mail)$")


def _some(rules: list[HowRule]) -> list[HowRule]:
    """Refuse an empty list of own rules: the person could not be asked at all."""
    if not rules:
        raise ValueError("is empty, so this person is asked by nothing; write a rule, or take the key away")
    return rules


Rules = Annotated[list[HowRule], AfterValidator(_some)]


class Policy(Block):
    """Whom and how for one urgency, or for what router.choose gives it."""

    steps: list[WhoStep] = Field(min_length=1)
    how: list[HowRule] = Field(min_length=1)
    repeat: Span | None = timedelta(minutes=15)
    """Ask the last step's people again at this interval until somebody takes it."""


class Choice(Block):
    """When a policy is taken in place of the one of the urgency; a condition that is not written always holds."""

    policy: str
    for_: list[Urgency] = Field(default=[], alias="for")
    """Urgencies; none: all of them."""
    customers: list[str] = Field(default=[])
    """Customers by name; `*` stands for any characters."""
    grades: list[str] = Field(default=[])
    """Customers of these grades."""
    hours: Hours | None = None
    """Hours of the day; a span that passes midnight belongs to the day on which it begins."""
    days: list[Weekday | Literal["workday", "holiday"]] = Field(default=[])
    """Days, by the calendar; none: every day."""

    def fits(self, urgency: str) -> bool:
        """Tell whether it speaks for an urgency at all."""
        return not self.for_ or urgency in self.for_


def steps(*pairs: tuple[float, str]) -> list[WhoStep]:
    """Build steps from (minutes, "role role")."""
    return [WhoStep(after=timedelta(minutes=after), who=who.split()) for after, who in pairs]


def how(*pairs: tuple[float, str]) -> list[HowRule]:
    """Build rules from (minutes, method)."""
    return [HowRule(after=timedelta(minutes=after), by=by) for after, by in pairs]


def default_policies() -> dict[str, Policy]:
    """Build the ladders of the contract: level 1 inside 10 minutes, level 2 the same stretched to 15."""
    return {
        "fault-1": Policy(
            steps=steps((0, "lead"), (3, "lead second"), (6, "manager"), (8, "everyone")),
            how=how((0, "sms"), (1, "voice")),
        ),
        "fault-2": Policy(
            steps=steps((0, "lead"), (4.5, "lead second"), (9, "manager"), (12, "everyone")),
            how=how((0, "sms"), (1.5, "voice")),
        ),
        "fault-3": Policy(
            steps=steps((0, "lead"), (15, "second"), (22, "manager")),
            how=how((0, "sms"), (10, "voice")),
            repeat=timedelta(hours=1),
        ),
        "emergency_support": Policy(
            steps=steps((0, "lead"), (5, "second"), (10, "manager")), how=how((0, "sms"), (2, "voice"))
        ),
        "complaint": Policy(steps=steps((0, "manager")), how=how((0, "sms")), repeat=timedelta(hours=4)),
        "other": Policy(steps=steps((0, "lead")), how=how((0, "sms")), repeat=timedelta(hours=4)),
    }


def flaw_of_policies(policies: dict[str, Policy], choose: Sequence[Choice]) -> str | None:
    """Say what is wrong with named policies and the choice between them, or None; what and cure, parted by "; "."""
    defaults = default_policies().keys()
    for place, choice in enumerate(choose):
        if choice.policy not in policies:
            known = ", ".join(policies)
            return f"choose.{place} names the policy {choice.policy!r}, which is not there; known: {known}"
    chosen = {choice.policy for choice in choose}
    for name in policies:
        if name not in defaults and name not in chosen:
            return (
                f"policies.{name} is chosen by nothing and would never be used; add a line with policy: {name} to "
                f"router.choose, or write one of {', '.join(defaults)}"
            )
    at_level_1 = {"fault-1", *(choice.policy for choice in choose if choice.fits("fault-1"))}
    for name in (name for name in policies if name in at_level_1):
        if min(step.after for step in policies[name].steps) > AT_ONCE:
            return f"policies.{name} pages level 1, but asks nobody at once; let a step begin after 0s, or limit `for`"
        if min(rule.after for rule in policies[name].how) > AT_ONCE:
            return f"policies.{name} pages level 1, but by nothing at once; let how begin after 0s, or limit `for`"
    return None


def flaw_of_rules(key: str, how: Sequence[HowRule], rules: dict[Urgency, list[HowRule]]) -> str | None:
    """Say what is wrong with a person's own rules at level 1, or None: nobody may be asked late there."""
    own = rules.get("fault-1", how)
    if own and min(rule.after for rule in own) > SOON:
        where = f"people.{key}.{'rules.fault-1' if 'fault-1' in rules else 'how'}"
        cure = "let one rule begin within 60s" + ("" if "fault-1" in rules else ", or write rules for fault-1")
        return f"{where} begins later than 60s, too late for level 1; {cure}"
    return None

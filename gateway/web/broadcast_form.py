"""The form of a draft: what was typed in, a plan or the fields that cannot be read out; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from pydantic import ValidationError

from gateway.web.words import Words
from router.blocks import write_span
from router.broadcast_plan import LANGUAGES, REST, Plan

TITLE: Final = 200
"""Characters of a title."""
NUMBER: Final = re.compile(r"\d{1,6}(\.\d{1,3})?")
SINGLE: Final = (
    "title", "package", *(f"{part}_{language}" for language in LANGUAGES for part in ("subject", "text", "short")),
    "everyone", "customers", "product", "versions", "regions", "grades", "contracts", "order", "kind", "waves",
    "success", "troubles", "hold", "automatic", "link_days", "remind_after",
)  # fmt: skip
"""Fields with one value; the other two, groups and pilots, may be ticked several times."""
KINDS: Final = ("plain", "advert", "security")
REST_WORDS: Final = {"其余": REST, "剩余": REST, "余下": REST}
"""How the last wave is said in Chinese."""
PLACES: Final[Mapping[str, str]] = {
    "texts": "text_zh",
    "order": "order",
    "waves": "waves",
    "pilots": "pilots",
    "link_days": "link_days",
    "remind_after": "remind_after",
}
"""Where a fault of the plan is shown, for parts of it that have one field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a form may name."""

    groups: Collection[str]
    packages: Collection[int]
    people: Collection[str]
    ways: Collection[str]
    """Methods, channels and accounts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """What stands in the fields."""

    values: Mapping[str, str]
    groups: tuple[str, ...] = ()
    pilots: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A form that was read: a plan, or what is wrong with which field."""

    typed: Typed
    title: str = ""
    package_id: int | None = None
    plan: Plan | None = None
    wrong: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Field to the key of a sentence, and what it speaks of."""

    def but(self, **wrong: tuple[str, str]) -> Filled:
        """Return the same with more faults found."""
        found = {**self.wrong, **wrong}
        return Filled(
            typed=self.typed,
            title=self.title,
            package_id=self.package_id,
            plan=None if found else self.plan,
            wrong=found,
        )


def typed(title: str, plan: Plan, package_id: int | None, words: Words) -> Typed:
    """Write a plan into the fields, as its author would have typed it."""
    audience, gate = plan.audience, plan.gate
    texts = {
        f"{part}_{language}": getattr(said, part)
        for language, said in plan.texts.items()
        for part in ("subject", "text", "short")
    }
    rest = next(iter(REST_WORDS)) if words.language == "zh" else REST
    days = plan.remind_after / timedelta(days=1) if plan.remind_after else None
    values = dict.fromkeys(SINGLE, "") | {
        "title": title,
        "package": str(package_id or ""),
        **texts,
        "everyone": "yes" if audience.everyone else "",
        "customers": "\n".join(audience.customers),
        "product": audience.product,
        "versions": audience.versions,
        **{name: ", ".join(getattr(audience, name)) for name in ("regions", "grades", "contracts")},
        "order": ", ".join(plan.order),
        "kind": "advert" if plan.commercial else "security" if plan.security else "plain",
        "waves": ", ".join(rest if wave == REST else wave for wave in plan.waves),
        "success": f"{gate.success * 100:g}",
        "troubles": str(gate.troubles),
        "hold": write_span(gate.hold),
        "automatic": "yes" if gate.automatic else "",
        "link_days": str(plan.link_days),
        "remind_after": f"{days:g}" if days else "",
    }
    return Typed(values=values, groups=tuple(audience.groups), pilots=tuple(plan.pilots))


def empty(words: Words) -> Typed:
    """Return the fields of a new broadcast: the defaults of a plan, without words."""
    blank = Plan.model_validate({"texts": {"zh": {"text": "-"}}})
    found = typed("", blank, None, words)
    return Typed(values={**found.values, "text_zh": ""})


def read(form: Sequence[tuple[str, str]], known: Known) -> Filled:
    """Read the fields of a form; whatever is wrong stands at its field, and what was typed stays."""
    given = dict(form)
    values = {name: given.get(name, "").strip() for name in SINGLE}
    fields = Typed(
        values=values,
        groups=tuple(value for name, value in form if name == "groups"),
        pilots=tuple(value for name, value in form if name == "pilots"),
    )
    wrong = {**_names(fields, known), **_numbers(values)}
    if not 0 < len(values["title"]) <= TITLE:
        wrong["title"] = ("title", "")
    package = values["package"]
    ident = int(package) if package.isdecimal() else None
    if package and ident not in known.packages:
        wrong["package"] = ("package", "")
    plan = None
    try:
        plan = Plan.model_validate(_block(fields))
    except ValidationError as error:
        # What was found before names the field better than the plan can.
        wrong = {**_faults(error), **wrong}
    return Filled(typed=fields, title=values["title"], package_id=ident, plan=None if wrong else plan, wrong=wrong)


def listed(text: str) -> list[str]:
    """Split what was typed with commas or lines between."""
    return [part for one in re.split(r"[,，;；、\n]", text) if (part := " ".join(one.split()))]


def _names(fields: Typed, known: Known) -> dict[str, tuple[str, str]]:
    """Find what is named and not there."""
    given = {
        "groups": (fields.groups, known.groups),
        "pilots": (fields.pilots, known.people),
        "order": (listed(fields.values["order"]), known.ways),
    }
    missing = {name: [one for one in said if one not in there] for name, (said, there) in given.items()}
    return {name: (name, ", ".join(ones)) for name, ones in missing.items() if ones}


def _numbers(values: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Find numbers that are none."""
    needed = {name: values[name] for name in ("success", "troubles", "link_days")}
    if values["remind_after"]:
        needed["remind_after"] = values["remind_after"]
    return {name: (name, "") for name, given in needed.items() if not NUMBER.fullmatch(given)}


def _block(fields: Typed) -> dict[str, Any]:
    """Write the fields as a plan would stand in a file; numbers that are none are left to their default."""
    values = fields.values
    numbers = {
        name: float(values[name]) for name in ("success", "troubles", "link_days") if NUMBER.fullmatch(values[name])
    }
    gate = {"hold": values["hold"], "automatic": bool(values["automatic"])}
    if "success" in numbers:
        gate["success"] = numbers["success"] / 100
    if "troubles" in numbers:
        gate["troubles"] = numbers["troubles"]
    days = values["remind_after"]
    return {
        "audience": {
            "everyone": bool(values["everyone"]),
            "groups": list(fields.groups),
            "customers": [" ".join(line.split()) for line in values["customers"].splitlines() if line.strip()],
            "product": values["product"],
            "versions": values["versions"],
            **{name: listed(values[name]) for name in ("regions", "grades", "contracts")},
        },
        "texts": _texts(values),
        "order": listed(values["order"]),
        "commercial": values["kind"] == "advert",
        "security": values["kind"] == "security",
        "pilots": list(fields.pilots),
        "waves": [REST_WORDS.get(wave, wave) for wave in listed(values["waves"])],
        "gate": gate,
        **({"link_days": numbers["link_days"]} if "link_days" in numbers else {}),
        "remind_after": f"{days}d" if NUMBER.fullmatch(days) and float(days) else None,
    }


def _texts(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    parts = {
        language: {part: values[f"{part}_{language}"].replace("\r\n", "\n") for part in ("subject", "text", "short")}
        for language in LANGUAGES
    }
    return {language: said for language, said in parts.items() if any(said.values())}


def _faults(error: ValidationError) -> dict[str, tuple[str, str]]:
    """Find the field of each fault of a plan."""
    found: dict[str, tuple[str, str]] = {}
    for one in error.errors():
        place = tuple(str(part) for part in one["loc"])
        name = _field(place)
        key = name.partition("_")[0] if name.startswith(("text_", "subject_", "short_")) else name
        if key == "text" and one["type"] == "string_too_long":
            key = "text_long"
        found.setdefault(name, (key, ""))
    return found


def _field(place: tuple[str, ...]) -> str:
    match place:
        case ("texts", language, part, *_) if language in LANGUAGES:
            return f"{part}_{language}"
        case ("gate" | "audience", name, *_):
            return name
        case (name, *_):
            return PLACES.get(name, "other")
    return "kind"

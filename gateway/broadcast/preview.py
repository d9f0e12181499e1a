"""What each channel would carry, shown with the longest and the emptiest recipient, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import Connection

from channels.contract import GiveUp, Outgoing
from gateway.broadcast import audience
from gateway.broadcast.audience import Estimate, Target
from gateway.broadcast.extremes import Readers
from gateway.broadcast.fields import Problem, on
from gateway.broadcast.render import Composer, Rendered
from gateway.standing import Standing
from gateway.web.words_composing import sentence
from router.broadcast_plan import LANGUAGES, Plan
from store import broadcasts
from store.model import Broadcast, Package, PackageState

TOKEN: Final = "0" * 13 + "-" + "0" * 16
"""As long as the last part of a recipient's link can be."""
CODE: Final = "ABCD2345"
LONGEST, EMPTIEST, WIDEST = "longest", "emptiest", "widest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A recipient that is looked at; nothing is sent to it."""

    channel: str
    language: str
    who: str = "c0"
    name: str = field(default="", repr=False)
    group: bool = False
    code: str | None = CODE
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One channel's text for one recipient."""

    kind: str
    """longest or emptiest."""
    name: str = field(repr=False)
    rendered: Rendered
    shown: str = field(repr=False)
    """What would really go out; not the text where the provider has words of its own."""

    @property
    def characters(self) -> int:
        """Its length as people count."""
        return len(self.rendered.text)

    @property
    def octets(self) -> int:
        """Its length in UTF-8."""
        return len(self.rendered.text.encode())


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What one channel carries in one language."""

    channel: str
    method: str
    language: str
    count: int
    """Recipients; 0 where the audience reaches nobody yet and the channel is shown all the same."""
    samples: tuple[Sample, ...]
    segments: int
    """Short messages for all of these recipients at most; 0 where nobody counts those."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """All of it."""

    estimate: Estimate
    sheets: tuple[Sheet, ...]
    general: tuple[Problem, ...] = ()
    """What is wrong whatever the channel."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return every problem once, those that block first."""
        found = _once([*self.general, *(one for sheet in self.sheets for one in sheet.problems)])
        return tuple(sorted(found, key=lambda one: not one.blocks))

    @property
    def segments(self) -> int:
        """Short messages of the whole broadcast at most."""
        return sum(sheet.segments for sheet in self.sheets)


def preview(
    connection: Connection,
    standing: Standing,
    plan: Plan,
    title: str,
    package: Package | None,
    *,
    estimate: Estimate | None = None,
) -> Preview:
    """Render for every channel that the audience comes to now; pass an `estimate` that is known already."""
    known = estimate or audience.estimate(connection, standing, plan)
    looking = _Looking(standing, Composer(standing, 0, title, plan, package), plan, known)
    channels = [*known.by_channel] or carrying(standing)
    sheets = [sheet for channel in channels for sheet in looking.sheets(channel)]
    return Preview(estimate=known, sheets=tuple(sheets), general=(*_of_package(package), *_of_groups(known)))


def _of_groups(known: Estimate) -> Iterator[Problem]:
    """Name the groups that are gone: without them it would reach fewer than it says."""
    return (Problem(code="no_group", more={"what": name}) for name in known.missing)


def carrying(standing: Standing) -> list[str]:
    """Return the channels that carry written texts to users, the first of those that text and mail."""
    found: list[str] = []
    for channel, can in standing.ways.can.items():
        method = standing.ways.method(channel)
        if not can.sends or can.speaks or can.pushes or can.window is not None:
            continue
        if method not in ("sms", "mail") or channel == next(iter(standing.carrying(method)), ""):
            found.append(channel)
    return found


def blocking(shown: Preview) -> list[Problem]:
    """Return what must be mended before a broadcast is submitted or started."""
    return [one for one in shown.problems if one.blocks]


def check(
    connection: Connection,
    standing: Standing,
    broadcast: Broadcast,
    *,
    estimate: Estimate | None = None,
    language: str = "",
) -> list[str]:
    """Say in words what stands in the way of a broadcast, in its author's language where no other is asked for."""
    author = standing.router.people.get(broadcast.author)
    said = language or (author.language if author else "zh")
    package = broadcasts.package(connection, broadcast.package_id)
    plan = Plan.model_validate(broadcast.plan)
    shown = preview(connection, standing, plan, broadcast.title, package, estimate=estimate)
    return [sentence(one, said) for one in blocking(shown)]


class _Looking:
    """One preview that is being made."""

    def __init__(self, standing: Standing, composer: Composer, plan: Plan, known: Estimate) -> None:
        self._standing = standing
        self._composer = composer
        self._plan = plan
        self._known = known
        self._unsubscribe = f"{composer.url}/u/{TOKEN}"

    def sheets(self, channel: str) -> list[Sheet]:
        """Look at one channel, once for each language that is read there."""
        written = [str(one) for one in self._plan.texts]
        readers = self._known.extremes.of(channel, {"": written[0], **{one: one for one in written}})
        # Nobody but pilots, or nobody at all: the form is shown as it is.
        found = readers or {one: Readers() for one in written}
        return [self._sheet(channel, language, found[language]) for language in LANGUAGES if language in found]

    def _sheet(self, channel: str, language: str, readers: Readers) -> Sheet:
        people = [(kind, _person(one, channel, language, readers)) for kind, one in self._extremes()]
        samples = [self._sample(kind, one) for kind, one in people]
        if readers.count:
            widest = Person(
                channel=channel, language=language, name=readers.widest.get("name", ""), values=readers.widest
            )
            samples.append(self._sample(WIDEST, widest))
        problems = [one for _, found in samples for one in found if one.code != "missing"]
        short = self._standing.ways.method(channel) == "sms"
        return Sheet(
            channel=channel,
            method=self._standing.ways.method(channel),
            language=language,
            count=readers.count,
            samples=tuple(one for one, _ in samples if one.kind != WIDEST),
            segments=max(one.rendered.segments for one, _ in samples) * readers.count if short else 0,
            problems=_once([*problems, *self._missing(channel, language, readers)]),
        )

    def _extremes(self) -> list[tuple[str, Target | None]]:
        if self._known.longest is None:
            return [(LONGEST, None)]
        return [(LONGEST, self._known.longest), (EMPTIEST, self._known.emptiest)]

    def _missing(self, channel: str, language: str, readers: Readers) -> list[Problem]:
        """Return what the text needs and somebody has not, with how many they are."""
        if not readers.count:
            return []
        values = {name: value for name, value in readers.widest.items() if not readers.empty.get(name)}
        bare = Person(channel=channel, language=language, name=values.get("name", ""), values=values)
        found = self._composer.letter(bare, token=TOKEN, unsubscribe=self._unsubscribe).problems
        lost = [one for one in found if one.code == "missing"]
        counts = [str(readers.empty.get(one.more["what"], readers.count)) for one in lost]
        return [replace(one, more={**one.more, "count": count}) for one, count in zip(lost, counts, strict=True)]

    def _sample(self, kind: str, person: Person) -> tuple[Sample, tuple[Problem, ...]]:
        rendered = self._composer.letter(person, token=TOKEN, unsubscribe=self._unsubscribe)
        shown, problems = rendered.text, rendered.problems
        ask = self._standing.ways.previews.get(person.channel)
        if ask is not None:
            try:
                shown = ask(outgoing(rendered))
            except GiveUp as error:
                wrong = Problem(code="template", language=rendered.language, more={"what": str(error)})
                problems = (*problems, on(person.channel, wrong))
        return Sample(kind=kind, name=person.name, rendered=rendered, shown=shown), problems


def outgoing(rendered: Rendered) -> Outgoing:
    """Return what an adapter would be handed."""
    return Outgoing(
        key="0-preview",
        to="",
        text=rendered.text,
        template=rendered.template,
        variables=rendered.variables,
        language=rendered.language,
        subject=rendered.subject,
    )


def _person(target: Target | None, channel: str, language: str, readers: Readers) -> Person:
    """Put one of the audience on a channel; what nobody lacks there is not lacking, whoever lacks it elsewhere."""
    if target is None:
        return _made_up(channel, language)
    kept = {name: value for name, value in readers.widest.items() if not readers.empty.get(name)}
    values = {name: value or kept.get(name, "") for name, value in target.values.items()}
    name = target.name or kept.get("name", "")
    return Person(channel=channel, language=language, who=target.who, name=name, values=values)


def _made_up(channel: str, language: str) -> Person:
    """Stand in for an audience that is still empty."""
    zh = language == "zh"
    values = {"customer": "某某公司" if zh else "Example Ltd", "product": "OLT", "version": "2.0"}
    return Person(channel=channel, language=language, name="张三" if zh else "Zhang San", values=values)


def _of_package(package: Package | None) -> tuple[Problem, ...]:
    """A package can be taken back, or turn out broken, after it was chosen."""
    if package is None or package.state == PackageState.READY:
        return ()
    return (Problem(code="package_state", more={"what": f"{package.name} {package.version}"}),)


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return each once; of the sizes of a text that is too long only the greatest, which comes last."""
    sized = ("too_long", "template")
    found = {
        (one.code, one.channel, one.language) if one.code in sized else (str(one), one.blocks): one for one in problems
    }
    return tuple(found.values())

"""What a text of one of the staff means: which tickets it is about, and which move it makes on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from router import family, holding, leave, moves, visiting
from router.case import Case, Scene
from router.commands import Command
from router.correct import correct, said
from router.effects import Effect, List, Note, PutPresence, Tell, TellOthers
from router.grammar import Intent
from router.inquiries import DIGITS, Asked, Meant, late, meant, settled
from router.merging import On
from router.pairs import PAIRS, children_of, foremost, of_id, paired
from store.model import OPEN_STATES, EventKind, Kind, PageState, PresenceKind

AWAKE = timedelta(hours=1)
"""How long somebody who says no more than that they are awake counts as such."""
LATE = timedelta(minutes=30)
"""A bare digit this long after the page was ended by another still gets told by whom."""
NEWER = timedelta(seconds=60)
"""A bare digit this soon after a page may have been meant for the one before."""
PER_TICKET = {
    Intent.TAKE,
    Intent.ESCALATE,
    Intent.SNOOZE,
    Intent.ARRIVE,
    Intent.RESOLVE,
    Intent.RELEASE,
    Intent.UNDO,
    Intent.TRANSFER,
    Intent.NOTE,
    Intent.LEVEL,
    Intent.KIND,
    Intent.REPLY,
    Intent.STATUS,
    Intent.HOLD,
    Intent.RESUME,
    Intent.WORKAROUND,
    Intent.SECOND_LINE,
    *visiting.ORDERS,
}
OF_ITSELF = frozenset({Intent.REPLY, Intent.STATUS})
"""What concerns a ticket that became a part of another itself: its own customer, and that it is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speaker:
    """One of the staff, and what they may be talking about."""

    person: str
    cases: Mapping[int, Case]
    """By ticket number: those named in the text, those the person is asked about, those they have."""
    pointed: tuple[int, ...] = ()
    """Numbers that the way of the answer points at: the call in which the digit was pressed, the mail replied to."""
    listed: tuple[int, ...] = ()
    """The last list that the person was sent."""
    became: Mapping[int, int] = field(default_factory=dict)
    """Number of a ticket to that of the one that it became a part of."""
    inquiries: tuple[Asked, ...] = ()
    """What the person was asked beside tickets and has not answered."""
    pushes: bool = False
    """There is a way to wake an app of theirs."""
    inquired: int | None = None
    """The id of the inquiry that the way of the answer points at."""
    method: str = ""
    """The way by which they speak: sms, voice, push, mail."""

    def alive(self, numbers: Sequence[int]) -> tuple[int, ...]:
        """Return the tickets that are meant by numbers, some of which may have become parts of others."""
        return tuple(dict.fromkeys(self.became.get(number, number) for number in numbers))


@dataclass(frozen=True, kw_only=True, slots=True)
class Ordered:
    """What follows: effects per ticket number, and what is said without a ticket."""

    on: tuple[tuple[int, tuple[Effect, ...]], ...] = ()
    said: tuple[Effect, ...] = field(default=())


def obey(command: Command, speaker: Speaker, scene: Scene) -> Ordered:
    """Turn a command into moves; a text that names no ticket acts on the only one it can mean, else asks which."""
    answering = answered(command, speaker, scene)
    if answering is not None:
        return answering
    if command.intent in PAIRS:
        pairs, said = paired(command, speaker.person, speaker.cases, scene)
        return Ordered(on=tuple((number, tuple(effects)) for number, effects in pairs), said=tuple(said))
    bare_status = command.intent is Intent.STATUS and command.number is None
    if command.intent in PER_TICKET and not bare_status:
        several = command.intent is Intent.TAKE and len(command.numbers) > 1
        return take_all(speaker, scene, command.numbers) if several else on_tickets(command, speaker, scene)
    return awake(command, speaker, scene) if command.intent is Intent.AWAKE else of_none(command, speaker, scene)


def answered(command: Command, speaker: Speaker, scene: Scene) -> Ordered | None:
    """Take a command for the answer to a question that is no page; None where it is about tickets."""
    pages = [] if speaker.inquired else [c for c in speaker.cases.values() if c.waiting and c.open_page(speaker.person)]
    if speaker.pointed and speaker.inquired is None:
        return None
    found = meant(
        command, speaker.inquiries, pages=pages, pointed=speaker.inquired, method=speaker.method, now=scene.now
    )
    if found is None:
        return None
    if not isinstance(found, Meant):
        return which_question(speaker, found, pages)
    effects = tuple(settled(found.asked, found.answer, scene))
    case = found.asked.case
    return Ordered(said=effects) if case is None else Ordered(on=((case.number, effects),))


def which_question(speaker: Speaker, found: Sequence[Asked], pages: Sequence[Case]) -> Ordered:
    """Ask which of several questions and pages was answered."""
    numbers = [str(case.number) for case in pages]
    kinds = [f"{one.inquiry.kind}{f' {one.case.number}' if one.case else ''}" for one in found]
    return say(speaker, "which_question", list=" ".join(numbers), questions=", ".join(kinds))


def of_none(command: Command, speaker: Speaker, scene: Scene) -> Ordered:
    """Obey a command that names no single ticket."""
    match command.intent:
        case Intent.TAKE_ALL:
            return take_all(speaker, scene, command.numbers)
        case Intent.LIST | Intent.STATUS:
            return listing(speaker)
        case Intent.DUTY | Intent.SWAP | Intent.AWAY | Intent.BACK:
            return Ordered(said=tuple(leave.obeyed(command, speaker.person, scene)))
        case Intent.TEST:
            return say(speaker, "test_ok")
        case Intent.RESERVED:
            return barred(speaker, command.text or "", scene)
    return say(speaker, "help")


def awake(command: Command, speaker: Speaker, scene: Scene) -> Ordered:
    """Wake the app in place of texts and calls for a while; who has none is told that nothing changes."""
    if command.minutes == 0:
        over = PutPresence(person=speaker.person, kind=PresenceKind.AWAKE, until=scene.now, by=speaker.person)
        return Ordered(said=(over, moves.told(speaker.person, "awake_over")))
    if not speaker.pushes:
        return say(speaker, "awake_no_app")
    length = timedelta(minutes=command.minutes) if command.minutes else AWAKE
    until = scene.now + length
    put = PutPresence(person=speaker.person, kind=PresenceKind.AWAKE, until=until, by=speaker.person)
    return Ordered(said=(put, moves.told(speaker.person, "awake", until=until.isoformat())))


def say(speaker: Speaker, template: str, **variables: str) -> Ordered:
    """Answer without touching a ticket."""
    return Ordered(said=(moves.told(speaker.person, template, **variables),))


def barred(speaker: Speaker, word: str, scene: Scene) -> Ordered:
    """Alarm: after such a word a carrier may swallow every page to this phone; the person is not answered."""
    others = [p for p in (scene.duty.manager, scene.duty.lead, *scene.duty.everyone) if p and p != speaker.person]
    variables = {"who": speaker.person, "word": word}
    return Ordered(
        said=(
            Note(kind=EventKind.ALARM, actor=speaker.person, text=f"opt-out word: {word}"),
            *(Tell(person=person, template="reserved_word", variables=variables) for person in others[:1]),
        )
    )


def on_tickets(command: Command, speaker: Speaker, scene: Scene) -> Ordered:
    """Find the tickets and make the move on each."""
    command = code_alone(command, speaker)
    meant = numbers = targets(command, speaker, scene)
    if command.intent not in OF_ITSELF:
        numbers = speaker.alive(numbers)
    if not numbers:
        old = [one for one in speaker.inquiries if command.intent in DIGITS and late(one, scene.now)]
        return which_question(speaker, old, ()) if old else say(speaker, "nothing_open")
    named = bool(command.numbers)
    together = command.intent is Intent.ESCALATE and set(numbers) <= {*speaker.pointed, *speaker.listed}
    if len(numbers) > 1 and not (named or together):
        return which(speaker, numbers)
    unknown = [moves.told(speaker.person, "unknown_ticket", number=str(n)) for n in numbers if n not in speaker.cases]
    cases = [speaker.cases[n] for n in numbers if n in speaker.cases]
    on = [(case.number, move(command, case, speaker, scene)) for case in cases]
    on += [more for case in cases for more in apart(command, case, speaker)] + parts(command, meant, speaker)
    return Ordered(on=tuple((number, tuple(effects)) for number, effects in on), said=tuple(unknown))


def code_alone(command: Command, speaker: Speaker) -> Command:
    """Take one number after "code" for the code, unless it is a ticket that the person goes to."""
    if command.intent is not Intent.PROVE or command.text or len(command.numbers) != 1:
        return command
    case = speaker.cases.get(command.numbers[0])
    if case is not None and case.visits:
        return command
    return replace(command, number=None, numbers=(), text=str(command.numbers[0]))


def apart(command: Command, case: Case, speaker: Speaker) -> On:
    """Return what a new kind means for the outage of a ticket, or for its reports."""
    if command.intent is not Intent.KIND or not command.kind:
        return []
    parent = of_id(case.ticket.parent_id, speaker.cases)
    return family.disowned(case, command.kind, speaker.person, parent, children_of(case, speaker.cases))


def parts(command: Command, meant: Sequence[int], speaker: Speaker) -> On:
    """Keep a correction by the number of a part for the words behind that part as well: those were named."""
    if command.intent not in (Intent.LEVEL, Intent.KIND) or not (command.level or command.kind):
        return []
    kind, named = command.kind or Kind.FAULT, [number for number in meant if number in speaker.became]
    cases = [speaker.cases[number] for number in named if number in speaker.cases]
    return [(case.number, [said(case, speaker.person, kind=kind, level=command.level)]) for case in cases]


def targets(command: Command, speaker: Speaker, scene: Scene) -> tuple[int, ...]:
    """Return the ticket numbers that the command can mean, best guess alone when it is clear."""
    if command.numbers or command.number is not None:
        return command.numbers or (command.number or 0,)
    if speaker.pointed:
        return speaker.pointed
    asked = tuple(n for n, case in speaker.cases.items() if case.waiting and case.open_page(speaker.person))
    held = tuple(n for n, case in speaker.cases.items() if case.held and case.has(speaker.person))
    held = foremost(held, speaker.cases)
    if command.intent in (Intent.TAKE, Intent.SNOOZE):
        return either(asked, speaker, scene) or lately(speaker, scene)
    if command.intent is Intent.ESCALATE:
        return either(asked, speaker, scene) or held or lately(speaker, scene)
    if command.intent is Intent.KIND:
        # It may close a matter: with a ticket in hand and a page open only a number says which one is meant.
        return tuple(dict.fromkeys((*either(asked, speaker, scene), *held)))
    return held or asked


def either(asked: tuple[int, ...], speaker: Speaker, scene: Scene) -> tuple[int, ...]:
    """Add the ticket whose page others ended when a newer page came within a minute: the digit may mean the old one."""
    if len(asked) != 1:
        return asked
    page = speaker.cases[asked[0]].open_page(speaker.person)
    if page is None or scene.now - page.asked_at > NEWER:
        return asked
    crossed = [
        number
        for number, case in speaker.cases.items()
        for old in case.pages
        if old.person == speaker.person
        and number not in asked
        and old.ended_at
        and old.ended_by != speaker.person
        and old.ended_at >= page.asked_at - NEWER
        and old.asked_at <= page.asked_at
    ]
    return (*asked, *dict.fromkeys(crossed))


def lately(speaker: Speaker, scene: Scene) -> tuple[int, ...]:
    """Return the ticket of the person's page that ended last, if that is not long ago."""
    ended = [
        (page.ended_at, number)
        for number, case in speaker.cases.items()
        for page in case.pages
        if page.person == speaker.person and page.ended_at and page.state != PageState.OPEN
    ]
    recent = [pair for pair in ended if scene.now - pair[0] <= LATE]
    return (max(recent)[1],) if recent else ()


def which(speaker: Speaker, numbers: Sequence[int]) -> Ordered:
    """Ask which one, and remember what was listed."""
    text = listed(speaker, numbers)
    return Ordered(
        said=(
            moves.told(speaker.person, "which_one", count=str(len(numbers)), list=text),
            List(person=speaker.person, numbers=tuple(numbers)),
        )
    )


def listed(speaker: Speaker, numbers: Sequence[int]) -> str:
    """Write tickets into one line."""
    return " ".join(item(n, short(speaker.cases[n])) if n in speaker.cases else str(n) for n in numbers)


def item(number: int, words: str) -> str:
    """Write one ticket so that its number ends where the words begin."""
    words = words.replace(" ", "")
    return f"{number}-{words}" if words[:1].isdigit() else f"{number}{words}"


def short(case: Case) -> str:
    """Return the few words by which a ticket is recognised in a list."""
    return (case.ticket.site or case.ticket.title)[:8]


def listing(speaker: Speaker) -> Ordered:
    """List what waits for this person or is in their hands, up to five."""
    numbers = [
        n
        for n, case in speaker.cases.items()
        if case.ticket.state in OPEN_STATES and (case.open_page(speaker.person) or case.has(speaker.person))
    ]
    numbers = list(foremost(tuple(numbers), speaker.cases))
    if not numbers:
        return say(speaker, "nothing_open")
    lines = listed(speaker, numbers[:5])
    waiting = tuple(n for n in numbers[:5] if speaker.cases[n].waiting)
    told = moves.told(speaker.person, "listing", lines=lines, more=str(max(0, len(numbers) - 5)))
    return Ordered(said=(told, List(person=speaker.person, numbers=waiting)) if waiting else (told,))


def take_all(speaker: Speaker, scene: Scene, named: Sequence[int] = ()) -> Ordered:
    """Take exactly the tickets that were named, or that the call or the last list told of, never newer ones."""
    numbers = speaker.alive(named or speaker.pointed or speaker.listed)
    cases = [speaker.cases[n] for n in numbers if n in speaker.cases]
    waiting = [case for case in cases if case.waiting]
    own = [case for case in cases if case.held and case.ticket.owner == speaker.person]
    if not waiting and not own:
        late = tuple((case.number, tuple(moves.already(case, speaker.person))) for case in cases[:1])
        return Ordered(on=late) if late else listing(speaker)
    taken = tuple((case.number, tuple(moves.take(case, speaker.person, scene, silent=True))) for case in waiting)
    text = " ".join(str(case.number) for case in (*waiting, *own))
    count = str(len(waiting) + len(own))
    return Ordered(
        on=taken,
        said=(*told_once(waiting, speaker, scene), moves.told(speaker.person, "taken_all", count=count, list=text)),
    )


def told_once(cases: Sequence[Case], speaker: Speaker, scene: Scene) -> tuple[Effect, ...]:
    """Tell each of the others with one text who has the tickets that they were asked about."""
    who = {"who": speaker.person, "at": scene.now.isoformat()}
    numbers = tuple(case.number for case in cases)
    return (TellOthers(by=speaker.person, numbers=numbers, template="too_late", variables=who),) if numbers else ()


def move(command: Command, case: Case, speaker: Speaker, scene: Scene) -> list[Effect]:
    """Make one move on one ticket."""
    by = speaker.person
    if command.intent in visiting.ORDERS:
        return visiting.ordered(command, case, by, scene)
    plain: dict[Intent, Callable[[], list[Effect]]] = {
        Intent.TAKE: lambda: moves.take(case, by, scene),
        Intent.ESCALATE: lambda: moves.escalate(case, by, scene, why=command.text),
        Intent.SNOOZE: lambda: moves.snooze(case, by, scene, minutes=command.minutes),
        Intent.ARRIVE: lambda: moves.arrive(case, by, scene),
        Intent.RESOLVE: lambda: family.offered(
            moves.resolve(case, by, scene, text=command.text), children_of(case, speaker.cases)
        ),
        Intent.RELEASE: lambda: moves.release(case, by, scene),
        Intent.UNDO: lambda: moves.undo(case, by, scene),
        Intent.HOLD: lambda: holding.hold(case, by, scene, text=command.text),
        Intent.RESUME: lambda: holding.resume(case, by),
        Intent.WORKAROUND: lambda: holding.workaround(case, by, scene, text=command.text),
        Intent.SECOND_LINE: lambda: holding.second_line(case, by, scene, text=command.text),
    }
    make = plain.get(command.intent)
    return make() if make else further(command, case, speaker, scene)


def further(command: Command, case: Case, speaker: Speaker, scene: Scene) -> list[Effect]:
    """Make the moves that carry words, a person, a level or a kind."""
    by = speaker.person
    match command.intent:
        case Intent.TRANSFER:
            return handed(command, case, by, scene)
        case Intent.NOTE if command.text:
            return moves.note(by, command.text)
        case Intent.REPLY if command.text:
            return moves.reply(by, command.text)
        case Intent.LEVEL | Intent.KIND if command.level or command.kind:
            effects = correct(case, by, scene, kind=command.kind or Kind.FAULT, level=command.level)
            return family.offered(effects, children_of(case, speaker.cases))
        case Intent.STATUS:
            return [status(case, by, became=speaker.became.get(case.number))]
    return [moves.told(by, "help")]


def handed(command: Command, case: Case, by: str, scene: Scene) -> list[Effect]:
    """Hand over to the one person that the name means, else say which names there are."""
    found = visiting.meant(command.person or "", scene)
    if len(found) != 1:
        names = " ".join(person.name for person in scene.settings.people.values())
        return [moves.told(by, "who_is_that", person=command.person or "", list=names)]
    return moves.transfer(case, by, found[0], scene)


def status(case: Case, by: str, *, became: int | None = None) -> Tell:
    """Say how one ticket stands: what it became a part of, or which one may be the same matter."""
    if case.merged and became is not None:
        return moves.told(by, "status_merged", other=str(became))
    if case.similar and case.open:
        similar = {"other": str(case.similar[0]), "state": case.ticket.state, "who": case.ticket.owner or ""}
        return moves.told(by, "status_similar", **similar)
    return moves.told(by, "status", state=case.ticket.state, who=case.ticket.owner or "")

"""Whose is it: does a customer's message belong to a matter we know, open a new one, or nothing at all.

The rules are those of the design, section 5, "One matter or another". Sender and content beat a mistyped number; a
technical reply is strong evidence and not proof; an address we do not know joins only by number or by site and symptom.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from router import about, doubt, goes_on
from router.alerts import Alert, State, kept
from router.likeness import (
    away,
    best,
    chases,
    elsewhere,
    fits,
    fixed,
    is_central,
    is_code,
    noise,
    other_place,
    same_cause,
    same_report,
    same_words,
)
from router.similar import is_still_broken
from store.model import Kind, Ticket, TicketState

SETTLED = (TicketState.RESOLVED, TicketState.CLOSED)
PREFIX = re.compile(
    r"^\s*(?:(?:re|fw|fwd|aw|sv|回复|答复|回覆|转发|轉寄)\s*[:：]\s*|\[[A-Za-z]*-?\d{4,}\]\s*)+", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One message of a customer as the placing sees it."""

    text: str
    subject: str | None
    kind: str
    level: int | None
    site: str
    contact_id: int | None
    at: datetime
    group: str | None = None
    automatic: str | None = None
    alert: Alert | None = None
    """A machine's alert, where it is one."""
    sure: float = 1.0
    """How sure the judge is of the kind, from 0 to 1."""

    @property
    def words(self) -> str:
        """Subject and text together, without reply marks."""
        return f"{bare_subject(self.subject)} {self.text}".strip()

    @property
    def heading(self) -> str:
        """The subject of a mail that answers nothing."""
        return self.subject.strip() if self.subject and not PREFIX.match(self.subject) else ""

    @property
    def chat(self) -> bool:
        """Whether it is thanks, a greeting or a notice; what tells of a defect is none unless the judge is sure."""
        return self.kind == Kind.CHAT and (self.sure >= goes_on.SURE or not goes_on.reports(self.words))


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """The tickets that the message might belong to, newest first."""

    numbered: tuple[Ticket, ...] = ()
    referred: tuple[Ticket, ...] = ()
    own: tuple[Ticket, ...] = ()
    group: tuple[Ticket, ...] = ()
    """Open tickets of anybody in the group that the message was written in."""
    nearby: tuple[Ticket, ...] = ()
    """Open tickets of anybody at the site, heard of within the time in which the same outage is one matter."""
    central: tuple[Ticket, ...] = ()
    """The same at any site, of what serves several sites."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Join:
    """It belongs to this ticket; `reopen` when that was settled and is not."""

    ticket: Ticket
    why: str
    reopen: bool = False
    fixed: bool = False
    rating: int | None = None
    outage: bool = False
    """Somebody else reported the same; whoever says it again is told the number."""
    rivals: tuple[Ticket, ...] = ()
    """The open matters of the person that are about as likely, this one first; empty when there is no doubt."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Open:
    """It is a matter of its own, perhaps back from an earlier one."""

    why: str
    linked: Ticket | None = None
    back: bool = False
    """It is the linked matter again, after its fix was long ago."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignore:
    """It belongs to nothing."""

    why: str


Placement = Join | Open | Ignore


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The spans within which things belong together."""

    reopen_within: timedelta
    burst: timedelta


def bare_subject(subject: str | None) -> str:
    """Strip reply marks and ticket numbers from a subject."""
    return PREFIX.sub("", subject or "").strip()


def place(said: Said, known: Known, limits: Limits, *, rating: int | None = None) -> Placement:
    """Decide; the first rule that answers wins."""
    if said.automatic in ("auto-reply", "bounce", "history"):
        return Ignore(why=f"automatic: {said.automatic}")
    for rule in RULES:
        answer = rule(_Question(said=said, known=known, limits=limits, rating=rating))
        if answer is not None:
            return answer
    return Open(why="a new matter")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    said: Said
    known: Known
    limits: Limits
    rating: int | None = field(default=None)

    @property
    def open(self) -> list[Ticket]:
        return open_of(self.known.own)


def by_rating(ask: _Question) -> Placement | None:
    """A lone digit 1-5 after a fix is the customer's rating."""
    settled = next((t for t in ask.known.own if t.state in SETTLED and t.rating is None), None)
    if ask.rating is not None and settled and not ask.open:
        return Join(ticket=settled, why="rating", rating=ask.rating)
    return None


def by_alert(ask: _Question) -> Placement | None:
    """A machine's alert is its host and its check, through recovery and firing again; and nothing else."""
    alert = ask.said.alert
    if alert is None:
        return None
    for ticket in ask.known.own:
        before = kept(ticket.symptom)
        if before is None or not before.same(alert):
            continue
        if not alert.fires:
            return Join(ticket=ticket, why="the same alert", fixed=alert.state is State.RECOVERED)
        return again(ticket, ask, "the same alert")
    if alert.fires:
        return Open(why="an alert not known yet")
    return Ignore(why="an alert that ended and was not known")


def by_complaint(ask: _Question) -> Placement | None:
    """A complaint has a promise of its own: it never disappears in the matter that it is about."""
    if ask.said.kind != Kind.COMPLAINT or (ask.open and (fixed(ask.said.text) or not goes_on.grieves(ask.said))):
        return None
    about = next(iter((*ask.known.numbered, *ask.known.referred, *ask.open, *ask.known.own)), None)
    mine = next((ticket for ticket in ask.open if ticket.kind == Kind.COMPLAINT), None)
    if mine and not (about and about.kind != Kind.COMPLAINT and about in ask.known.numbered):
        return Join(ticket=mine, why="more of the open complaint")
    return Open(why="a complaint is a matter of its own", linked=about)


def by_number(ask: _Question) -> Placement | None:
    """A ticket number decides, unless it is another's and sender or content speak against it."""
    for ticket in ask.known.numbered:
        own = ticket in ask.known.own or (ask.said.contact_id is not None and ticket.contact_id == ask.said.contact_id)
        if own or ticket in ask.known.referred or not mistyped(ticket, ask):
            return joined(ticket, ask, f"ticket number {ticket.number}")
    return None


def mistyped(ticket: Ticket, ask: _Question) -> bool:
    """Tell whether the number of another's ticket was probably not meant."""
    if fits(ask.said, ticket) or goes_on.same_as(ask.said.text):
        return False
    if best(ask.known.own, ask.said, at_least=0.3):
        return True
    if chases(ask.said.text) and ask.open:
        return True
    return ask.said.kind == Kind.FAULT and not chases(ask.said.text) and elsewhere(ask.said, ticket)


def by_reference(ask: _Question) -> Placement | None:
    """A reply belongs to its thread, but a new subject or another site in an old thread is a new matter."""
    for ticket in ask.known.referred:
        if new_subject(ticket, ask.said) or (ask.said.chat and away(ask.said.text)):
            return None
        return joined(ticket, ask, "reply to this ticket")
    return None


def new_subject(ticket: Ticket, said: Said) -> bool:
    """Tell whether a reply talks of something else than its thread."""
    subject = bare_subject(said.subject)
    if said.kind in (Kind.FOLLOWUP, Kind.CHAT) or chases(said.text):
        return False
    if not subject:
        return said.kind == Kind.FAULT and elsewhere(said, ticket)
    known = f"{ticket.title} {ticket.symptom}"
    return subject not in known and about.shared(said.words, ticket.symptom) < goes_on.SAME


def by_chatter(ask: _Question) -> Placement | None:
    """Chatter, adverts and bulk mail belong to nothing; what a person with an open matter says to us adds to it."""
    if ask.said.automatic and ask.said.kind != Kind.FAULT:
        return Ignore(why=f"automatic: {ask.said.automatic}")
    if is_code(ask.said.text):
        return Ignore(why="a code")
    if not ask.said.chat:
        return None
    if ask.open and fixed(ask.said.text):
        return None
    other = goes_on.new_topic(ask.said.text) or bare_subject(ask.said.subject)
    lately = ask.open or [t for t in ask.known.own if ask.said.at - t.heard_at <= goes_on.TALK]
    if lately and ask.rating is None and ask.said.group is None and not noise(ask.said.text) and not other:
        return Join(ticket=best(lately, ask.said, at_least=0.0) or lately[0], why="a word on the matter")
    return Ignore(why="chatter or notice")


def by_topic(ask: _Question) -> Placement | None:
    """The person talks of the same things again; a question about what is broken is a matter of its own."""
    said = ask.said
    if goes_on.new_topic(said.text):
        return None
    for score, ticket in goes_on.fitting(said.words, ours(ask, ask.known.own)):
        if score >= goes_on.enough(said, ticket):
            return joined(ticket, ask, "the same things again")
    return None


def ours(ask: _Question, tickets: Iterable[Ticket]) -> list[Ticket]:
    """Leave out what words of a person cannot go on with: alerts, other places, and complaints they do not speak of."""
    complains = goes_on.complains(ask.said.words)
    strictly = not (goes_on.status(ask.said.text) or goes_on.turned(ask.said.text))
    return [
        ticket
        for ticket in tickets
        if kept(ticket.symptom) is None
        and (goes_on.a_complaint(ticket) == complains or (goes_on.a_complaint(ticket) and chases_only(ask, ticket)))
        and not other_place(ask.said.site, ticket.site, strictly=strictly)
    ]


def chases_only(ask: _Question, complaint: Ticket) -> bool:
    """Tell whether a complaint is all that is open, so that a chase can only mean it."""
    chase = goes_on.status(ask.said.text) and not fixed(ask.said.text)
    return chase and all(ticket is complaint for ticket in ask.open)


def by_followup(ask: _Question) -> Placement | None:
    """A chase belongs to the person's matter however old while it was never fixed."""
    if not chases(ask.said.text) and not goes_on.follows(ask.said):
        return None
    candidates = ask.open
    if is_still_broken(ask.said.text) or not candidates:
        candidates = candidates + [ticket for ticket in ask.known.own if ticket.state in SETTLED]
    found = [ticket for _, ticket in goes_on.fitting(ask.said.words, ours(ask, candidates))]
    if is_still_broken(ask.said.text):  # a question is not what is broken still, where something else is
        found = [ticket for ticket in found if ticket.kind == Kind.FAULT] or found
    chosen = next((ticket for ticket in found if ticket.state not in SETTLED), next(iter(found), None))
    chosen = doubt.clearly(ask.said, found) or chosen
    placement = joined(chosen, ask, "follow-up of the matter") if chosen else None
    if isinstance(placement, Join) and placement.ticket in ask.open:
        return replace(placement, rivals=doubt.beside(placement.ticket, ask.said, open_of(found)))
    return placement


def meant(ticket: Ticket, said: Said, limits: Limits, why: str) -> Placement:
    """Place words on the matter that was meant, whoever or whatever told which."""
    return joined(ticket, _Question(said=said, known=Known(own=(ticket,)), limits=limits, rating=None), why)


def by_context(ask: _Question) -> Placement | None:
    """What names nothing new adds to what the person spoke of last."""
    said = ask.said
    if bare_subject(said.subject) and not goes_on.status(said.text):
        return None
    lately = [t for t in ask.known.own if t.state not in SETTLED or said.at - t.heard_at <= goes_on.TALK]
    found = [ticket for _, ticket in goes_on.fitting(said.words, ours(ask, lately))]
    if goes_on.corrects(said.text):
        found = ours(ask, lately)
    last = max(found, key=lambda ticket: ticket.heard_at, default=None)
    if last is None or (goes_on.grave(said) and last.kind != Kind.FAULT and not goes_on.begun(last, said.at)):
        return None
    if said.group and not goes_on.status(said.text) and not goes_on.to_us(said, last):
        return None
    adds = goes_on.corrects(said.text) or goes_on.adds(said.text, last, said.at)
    return joined(last, ask, "adds to the matter") if adds else None


def by_group(ask: _Question) -> Placement | None:
    """People of a group speak of one matter together: whoever names its things, or tells how it stands."""
    said = ask.said
    if not said.group or goes_on.new_topic(said.text) or goes_on.wonders(said.text):
        return None
    found = goes_on.fitting(said.words, ours(ask, ask.known.group))
    if found and found[0][0] >= goes_on.SAME:
        return joined(found[0][1], ask, "the same things in the group")
    heard = [ticket for _, ticket in found if said.at - ticket.heard_at <= goes_on.ASIDE]
    if len(heard) == 1 and goes_on.status(said.text) and about.weight(said.words) <= goes_on.SLIGHT:
        return joined(heard[0], ask, "how it stands in the group")
    return None


def by_outage(ask: _Question) -> Placement | None:
    """The same site and symptom within minutes is one outage, whoever reports it; what is central has no one site."""
    if ask.said.kind not in (Kind.FAULT, Kind.FOLLOWUP):
        return None
    if not ask.said.site:
        found = next((ticket for ticket in ask.known.nearby if same_words(ask.said, ticket)), None)
        return Join(ticket=found, why="the same report", outage=True) if found else None
    for ticket in ask.known.nearby:
        same_site = ask.said.site == ticket.site and not about.apart(ask.said.words, ticket.symptom)
        if same_site and same_report(ask.said, ticket):
            return Join(ticket=ticket, why="the same site and symptom", outage=True)
    if is_central(ask.said.words):
        for ticket in ask.known.central:
            if same_cause(ask.said, ticket):
                return Join(ticket=ticket, why="the same central system", outage=True)
    return None


def joined(ticket: Ticket, ask: _Question, why: str) -> Placement:
    """Join, reopen within the allowed time of a fix, or open a linked matter after it."""
    is_fixed = fixed(ask.said.text)
    if ticket.state not in SETTLED:
        return Join(ticket=ticket, why=why, fixed=is_fixed)
    if is_fixed or ask.said.chat:
        return Join(ticket=ticket, why=why, fixed=True)
    if goes_on.breaks(ask.said):
        return again(ticket, ask, why)
    if chases(ask.said.text) or not goes_on.asks(ask.said.text) or goes_on.bare(ask.said):
        return Join(ticket=ticket, why=why)
    return Open(why=f"something new about {ticket.number}", linked=ticket)


def again(ticket: Ticket, ask: _Question, why: str) -> Placement:
    """Take what broke again: the same matter for a day after its fix, then a new one that is linked."""
    if ticket.state not in SETTLED:
        return Join(ticket=ticket, why=why)
    if ticket.kind == Kind.CHAT:
        return Open(why=f"{ticket.number} was closed as no matter", linked=ticket)
    since = ask.said.at - (ticket.resolved_at or ticket.opened_at)
    if since <= ask.limits.reopen_within:
        return Join(ticket=ticket, why=why, reopen=True)
    return Open(why=f"back {since.days} days after the fix", linked=ticket, back=True)


def open_of(tickets: Iterable[Ticket]) -> list[Ticket]:
    """Return those that are not settled."""
    return [ticket for ticket in tickets if ticket.state not in SETTLED]


RULES: tuple[Callable[[_Question], Placement | None], ...] = (
    by_rating,
    by_alert,
    by_complaint,
    by_number,
    by_reference,
    by_chatter,
    by_topic,
    by_followup,
    by_context,
    by_group,
    by_outage,
)

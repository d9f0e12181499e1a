"""Whose is it: does a customer's message belong to a matter we know, open a new one, or nothing at all.

The rules are those of the design, section 5, "One matter or another". Sender and content beat a mistyped number; a
technical reply is strong evidence and not proof; an address we do not know joins only by number or by site and symptom.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from router import doubt
from router.alerts import Alert, State, kept
from router.likeness import away, best, chases, elsewhere, fits, fixed, is_central, is_code, noise, same_cause
from router.similar import alike, is_still_broken, same_symptom
from store.model import Kind, Ticket, TicketState

SETTLED = (TicketState.RESOLVED, TicketState.CLOSED)
PREFIX = re.compile(
    r"^\s*(?:(?:re|fw|fwd|aw|sv|回复|答复|回覆|转发|轉寄)\s*[:：]\s*|\[[A-Za-z]*-?\d{4,}\]\s*)+", re.IGNORECASE
)
SHORT = 16
"""A line of at most this many characters right after another adds to it rather than opening a matter."""


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

    @property
    def words(self) -> str:
        """Subject and text together, without reply marks."""
        return f"{bare_subject(self.subject)} {self.text}".strip()

    @property
    def chat(self) -> bool:
        """Whether it is thanks, a greeting or a notice."""
        return self.kind == Kind.CHAT


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """The tickets that the message might belong to, newest first."""

    numbered: tuple[Ticket, ...] = ()
    referred: tuple[Ticket, ...] = ()
    own: tuple[Ticket, ...] = ()
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
    if ask.said.kind != Kind.COMPLAINT:
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
    if fits(ask.said, ticket):
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
    return subject not in known and alike(said.words, ticket.symptom) < 0.2 and alike(subject, known) < 0.2


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
    if ask.open and ask.said.group is None and not noise(ask.said.text):
        return Join(ticket=best(ask.open, ask.said, at_least=0.0) or ask.open[0], why="a word on the open matter")
    return Ignore(why="chatter or notice")


def by_followup(ask: _Question) -> Placement | None:
    """A chase belongs to the person's matter however old while it was never fixed."""
    if ask.said.kind != Kind.FOLLOWUP and not chases(ask.said.text):
        return None
    candidates = ask.open
    if is_still_broken(ask.said.text) or not candidates:
        candidates = candidates + [ticket for ticket in ask.known.own if ticket.state in SETTLED]
    if ask.said.kind == Kind.FAULT:
        candidates = [ticket for ticket in candidates if not elsewhere(ask.said, ticket)]
    chosen = doubt.clearly(ask.said, candidates) or best(candidates, ask.said, at_least=0.0)
    found = joined(chosen, ask, "follow-up of the matter") if chosen else None
    if isinstance(found, Join) and found.ticket in ask.open:
        return replace(found, rivals=doubtful(found.ticket, ask))
    return found


def doubtful(chosen: Ticket, ask: _Question) -> tuple[Ticket, ...]:
    """Return the open matters between which the words do not decide, the chosen one first."""
    near = doubt.rivals(ask.said, ask.open)
    return (chosen, *(ticket for ticket in near if ticket is not chosen)) if chosen in near else ()


def meant(ticket: Ticket, said: Said, limits: Limits, why: str) -> Placement:
    """Place words on the matter that was meant, whoever or whatever told which."""
    return joined(ticket, _Question(said=said, known=Known(own=(ticket,)), limits=limits, rating=None), why)


def by_symptom(ask: _Question) -> Placement | None:
    """The person says the same again, or says it again after a reported fix."""
    for ticket in ask.known.own:
        if not elsewhere(ask.said, ticket) and same_symptom(ask.said.words, ticket.symptom):
            return joined(ticket, ask, "the same symptom again")
    return None


def by_burst(ask: _Question) -> Placement | None:
    """Several short lines of one person within minutes are one matter."""
    for ticket in ask.open:
        if ask.said.kind == Kind.FAULT and ask.said.level in (1, 2) and ticket.kind != Kind.FAULT:
            continue
        soon = ask.said.at - ticket.heard_at <= ask.limits.burst
        if soon and len(ask.said.text) <= SHORT and not elsewhere(ask.said, ticket):
            return joined(ticket, ask, "short line right after")
    return None


def by_outage(ask: _Question) -> Placement | None:
    """The same site and symptom within minutes is one outage, whoever reports it; what is central has no one site."""
    if ask.said.kind not in (Kind.FAULT, Kind.FOLLOWUP) or not ask.said.site:
        return None
    for ticket in ask.known.nearby:
        same_site = ask.said.site == ticket.site and not elsewhere(ask.said, ticket)
        if same_site and same_symptom(ask.said.words, ticket.symptom):
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
    if ask.said.kind == Kind.FAULT or is_still_broken(ask.said.text):
        return again(ticket, ask, why)
    if ask.said.kind == Kind.FOLLOWUP or chases(ask.said.text):
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
    by_followup,
    by_symptom,
    by_burst,
    by_outage,
)

"""Asks people: climbs a ticket's ladder, folds floods into bundles, writes the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway import texts, wording
from gateway.files import File, Files
from gateway.post import Letter, send
from router.absence import passed_over
from router.case import stored
from router.effects import Climb, Rung
from router.ladder import due, next_due, renewed, urgency
from router.policies import policy_named
from store import tickets, timers
from store.model import Event, EventKind, Lane, Listing, Page, PageState, Ticket, TicketState, Timer, TimerKind

APART = timedelta(seconds=60)
"""Between two calls to one phone (mainland voice providers refuse a second one within a minute)."""


def climb(files: Files, file: File, effect: Climb) -> None:
    """Begin a ladder, or go on with a changed one, and ask whoever is due now."""
    ticket = file.ticket
    if ticket.round:
        files.work.flush()
        timers.drop(files.tx, [ticket.id], [TimerKind.STEP])
    files.work.change(
        ticket,
        plan=stored(effect.plan),
        plan_from=effect.start,
        plan_next=effect.next,
        round=ticket.round + (1 if effect.new_round else 0),
        policy=effect.policy or ticket.policy,
    )
    step(files, file)


def step(files: Files, file: File) -> None:
    """Ask everybody whose rung is due and set the timer for the next one; a ladder has one timer at most."""
    ticket, now = file.ticket, files.tx.now
    if ticket.state != TicketState.PAGING or ticket.plan_from is None:
        return
    if _parent_in_hand(files, file):
        return
    rungs = file.case().rungs
    end = due(rungs, ticket.plan_from, ticket.plan_next, now)
    skipped = [rung for rung in rungs[ticket.plan_next : end] if files.scene.absent(rung.person)]
    for rung in rungs[ticket.plan_next : end]:
        ask(files, file, rung)
    rungs = file.case().rungs  # somebody who is awake is texted or called later
    files.work.change(ticket, plan_next=end)
    around = passed_over(file.case(), skipped, files.scene)
    if around is not None:
        climb(files, file, around)
        return
    if end == len(rungs):
        policy = policy_named(files.scene.settings, ticket.policy, urgency(ticket.kind, ticket.level))
        rungs, end = renewed(rungs, policy.repeat)
        files.work.change(ticket, plan=stored(rungs), plan_next=end)
    ahead = next_due(rungs, ticket.plan_from, end)
    if ahead:
        timer(files, TimerKind.STEP, ahead, ticket)


def _parent_in_hand(files: Files, file: File) -> bool:
    """Tell whether the great outage that this is a report of is in somebody's hands: then nobody is asked for it."""
    parents = files.load([file.ticket.parent_id]) if file.ticket.parent_id is not None else []
    return bool(parents) and parents[0].case().held


def timer(
    files: Files, kind: TimerKind, at: datetime, ticket: Ticket | None, *, about: str = "", part: float = 0.0
) -> None:
    """Write a due time."""
    files.work.add(
        Timer(
            id=files.work.id(),
            due=at,
            kind=kind,
            ticket_id=ticket.id if ticket else None,
            round=ticket.round if ticket else 0,
            about=about,
            part=part,
        )
    )
    files.tx.wake("due")


def ask(files: Files, file: File, rung: Rung) -> None:
    """Ask one person by one method, unless they went away, or a bundle or a call already does."""
    from gateway import sparing  # noqa: PLC0415 - it writes by the means of this module

    if files.scene.absent(rung.person):
        suppressed(files, file.ticket, rung, "away: passed over, the next one is asked")
        return
    page = page_of(files, file, rung.person)
    if page.state == PageState.SNOOZED:
        files.work.change(page, state=PageState.OPEN, ended_at=None, ended_by=None)
    if page.state != PageState.OPEN:
        return
    if sparing.spared(files, file, page, rung):
        return
    pushed = rung.by == "sms" and push_as_well(files, file, page, rung)
    reach = way(files, rung.person, rung.by)
    if reach is None:
        if not pushed:
            why = "no way: no channel or no address for this method"
            suppressed(files, file.ticket, rung, why, EventKind.FAILED)
        return
    call = Call(file=file, page=page, rung=rung, reach=reach)
    if rung.by == "voice":
        ring(files, call)
    else:
        write(files, call)


def push_as_well(files: Files, file: File, page: Page, rung: Rung) -> bool:
    """Wake the person's app beside a text, unless the ladder has a step of its own for that."""
    if any(one.by == "push" and one.person == rung.person for one in file.case().rungs):
        return False
    reach = way(files, rung.person, "push")
    if reach is not None:
        write(files, Call(file=file, page=page, rung=replace(rung, by="push"), reach=reach))
    return reach is not None


def write(files: Files, call: Call) -> None:
    """Write, unless the person was written to a moment ago: then a bundle follows."""
    if fold_later(files, call):
        suppressed(files, call.file.ticket, call.rung, "folded into the next bundle")
    else:
        send(files, letter(files, call, "page"))


def page_of(files: Files, file: File, person: str) -> Page:
    """Return the person's page of this round; asking anew begins one."""
    for page in file.pages:
        if page.person == person and page.round == file.ticket.round:
            return page
    page = Page(
        id=files.work.id(), ticket_id=file.ticket.id, person=person, round=file.ticket.round, asked_at=files.tx.now
    )
    file.pages.append(files.work.add(page))
    return page


def way(files: Files, person: str, method: str, *, but: Sequence[str] = ()) -> tuple[str, str] | None:
    """Return (destination, address) for a person and method; None when there is none."""
    known = files.scene.settings.people.get(person)
    tel = known.addresses.get("tel", "") if known else ""
    for destination in files.standing.carrying(method, tel):
        book = files.standing.ways.book(destination)
        address = (known.addresses.get(book) or files.linked(book, person=person)) if known else None
        if address and destination not in but:
            return destination, address
    return None


def suppressed(files: Files, ticket: Ticket, rung: Rung, why: str, kind: EventKind = EventKind.SUPPRESSED) -> None:
    """Write down that somebody was not asked, and why."""
    files.work.add(
        Event(
            id=files.work.id(),
            at=files.tx.now,
            kind=kind,
            ticket_id=ticket.id,
            text=why,
            more={"to": rung.person, "by": rung.by},
        )
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One demand about to be made: who, about which ticket, by which way."""

    file: File
    page: Page
    rung: Rung
    reach: tuple[str, str]
    """Destination and address."""
    foremost: File | None = None
    """The most urgent of a bundle, which the words name, when it is another ticket."""


def letter(files: Files, call: Call, template: str, **more: str) -> Letter:
    """Write the text of a page."""
    file, page, rung, reach = call.file, call.page, call.rung, call.reach
    person = files.scene.settings.people[rung.person]
    if rung.giver:
        more = {"who": rung.giver, **more}
    named = (call.foremost or file).ticket
    variables = texts.filled(files, named, person.language, more)
    if rung.by == "voice":
        variables["number"] = wording.spelled(named.number, person.language)
        variables["level"] = wording.spoken_label(named.kind, named.level, person.language)
    elif template == "page":
        template = words_for(files, call, variables)
        variables = texts.doubted(named, person.language, variables)
    text = texts.render(template, person.language, variables, short=rung.by == "sms")
    return Letter(
        destination=reach[0],
        recipient=reach[1],
        text=texts.with_doubt(text, variables, person.language, short=rung.by == "sms"),
        template=template,
        variables={**variables, "numbers": more.get("numbers", str(file.ticket.number))},
        language=person.language,
        lane=Lane.PAGE,
        kind=EventKind.PAGE,
        to=rung.person,
        ticket=file.ticket,
        page_id=page.id,
        subject=wording.say("mail_subject", person.language, number=str(file.ticket.number), title=file.ticket.title),
    )


def words_for(files: Files, call: Call, variables: Mapping[str, str]) -> str:
    """Choose the words of a page: handed over, the first, one more, or one without a limit."""
    can = files.standing.ways.can.get(call.reach[0])
    if can is not None and not can.replies:
        return "page_one_way"
    if call.rung.giver:
        return "transferred_ask"
    if not variables["until"]:
        return "page_no_limit"
    if call.page.asked_at == files.tx.now:
        return "page"
    return "page_again" if tickets.reached(files.tx.connection, [call.page.id]) else "page"


def recent(files: Files, address: str, destination: str, since: timedelta) -> int:
    """Count the pages that one address got by one destination lately, those of this transaction included."""
    known = files.recent.get((destination, address))
    if known is None:
        before = files.tx.now - max(files.scene.settings.fold.window, APART)
        known = list(tickets.page_texts_since(files.tx.connection, destination, address, before))
        files.recent[destination, address] = known
    return sum(1 for at in known if at > files.tx.now - since)


def ring(files: Files, call: Call) -> None:
    """Call; a call within the last minute already says that something waits."""
    if recent(files, call.reach[1], call.reach[0], APART):
        suppressed(files, call.file.ticket, call.rung, "a call to this phone is less than a minute old")
        return
    files.recent[call.reach[0], call.reach[1]].append(files.tx.now)
    waiting = waiting_for(files, call.rung.person)
    if len(waiting) < 2:
        send(files, letter(files, call, "voice_page"))
        return
    call = replace(call, foremost=waiting[0])
    send(files, letter(files, call, "voice_page_fold", **folded(files, call.rung.person, waiting)))


def folded(files: Files, person: str, waiting: Sequence[File]) -> dict[str, str]:
    """Return what a bundle says of the tickets in it, and remember which those are."""
    language = files.scene.settings.people[person].language
    numbers = remember_list(files, person, waiting)
    return {"count": str(len(waiting)), "per_level": texts.waiting_words(waiting, language), "numbers": numbers}


def fold_later(files: Files, call: Call) -> bool:
    """Tell whether this text must wait for a bundle; otherwise it counts as sent.

    A text about a ticket of level 1 waits only for another of level 1: no lesser matter holds it back.
    """
    fold = files.scene.settings.fold
    destination, address = call.reach
    first_of_all = recent(files, address, destination, fold.window) < fold.free
    if first_of_all or first_urgent(files, call):
        files.recent[destination, address].append(files.tx.now)
        if call.file.ticket.level == 1:
            files.urgent.add((destination, address))
        return False
    first = min(at for at in files.recent[destination, address] if at > files.tx.now - fold.window)
    bundle_at(files, call.rung.person, max(files.tx.now, first + fold.window))
    return True


def first_urgent(files: Files, call: Call) -> bool:
    """Tell whether this is the first text of level 1 to an address within the window."""
    if call.file.ticket.level != 1 or call.reach in files.urgent:
        return False
    since = files.tx.now - files.scene.settings.fold.window
    files.work.flush()
    if tickets.urgent_since(files.tx.connection, call.reach[0], call.reach[1], since):
        files.urgent.add(call.reach)  # the next of this transaction need not ask again
        return False
    return True


def bundle_at(files: Files, person: str, at: datetime) -> None:
    """Plan a person's bundle, once."""
    if person not in files.folding:
        files.folding.add(person)
        if not tickets.fold_ahead(files.tx.connection, person):
            timer(files, TimerKind.FOLD, at, None, about=person)


def waiting_for(files: Files, person: str) -> list[File]:
    """Return the tickets that wait for this person's answer, the worst and oldest first."""
    files.work.flush()
    found = [
        file
        for file in files.load(tickets.waiting_for(files.tx.connection, person))
        if file.ticket.state == TicketState.PAGING and file.case().open_page(person)
    ]
    return sorted(found, key=lambda file: (file.ticket.level or 4, file.ticket.id))


def remember_list(files: Files, person: str, waiting: Sequence[File]) -> str:
    """Keep which tickets a text names, so that 9 takes exactly these; returns the numbers."""
    numbers = [file.ticket.number for file in waiting]
    files.work.add(Listing(id=files.work.id(), person=person, at=files.tx.now, numbers=numbers))
    return " ".join(str(number) for number in numbers)


def bundle(files: Files, person: str) -> None:
    """Send what was folded: one text that names how many wait, or the only one as a page of its own.

    Nothing is sent when others took what was folded and the only one left was in the text before.
    """
    from gateway import sparing  # noqa: PLC0415 - it writes by the means of this module

    waiting = waiting_for(files, person)
    order = sparing.order(files, person, [(file.ticket, page_of(files, file, person)) for file in waiting])
    reach = next(filter(None, (way(files, person, method) for method in order)), None)
    if not waiting or reach is None:
        return
    first = waiting[0]
    rung = Rung(after=0.0, person=person, by=files.standing.ways.method(reach[0]))
    call = Call(file=first, page=page_of(files, first, person), rung=rung, reach=reach)
    last = tickets.last_text(files.tx.connection, call.page.id)
    if len(waiting) == 1 and last and last >= files.tx.now - files.scene.settings.fold.window:
        return
    recent(files, reach[1], reach[0], APART)
    files.recent[reach[0], reach[1]].append(files.tx.now)
    if len(waiting) == 1:
        send(files, letter(files, call, "page"))
        return
    send(files, letter(files, call, "page_fold", **folded(files, person, waiting)))

"""Asks people: climbs a ticket's ladder, folds floods into bundles, writes the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway import texts
from gateway.demand import Call, letter
from gateway.files import File, Files
from gateway.post import send
from gateway.quotas import foreseen, known_uses, room_for, roomy, ways_of
from gateway.storms import watch
from router.absence import passed_over
from router.case import Case, stored
from router.effects import Climb, Rung
from router.ladder import due, first_new, next_due, renewed, urgency
from router.policies import policy_named
from router.quotas import ORDER, PATIENCE, Room
from router.storm import LEADERS, carried
from store import tickets, timers
from store.model import Event, EventKind, Listing, Page, PageState, Ticket, TicketState, Timer, TimerKind

APART = timedelta(seconds=60)
"""Between two calls to one phone (mainland voice providers refuse a second one within a minute)."""
FOLDED = "folded into the next bundle"
RUNG_ALREADY = "a call to this phone is less than a minute old"
JOINED = "joins the calls of"


def climb(files: Files, file: File, effect: Climb) -> None:
    """Begin a ladder, or go on with a changed one, and ask whoever is due now."""
    ticket = file.ticket
    if ticket.round:
        files.work.flush()
        timers.drop(files.tx, [ticket.id], [TimerKind.STEP])
    plan, moves = foreseen(files, effect)
    for move in moves:
        whom = "" if move.instead.person == move.rung.person else f"{move.instead.person} "
        why = f"quota of {move.account} ({move.quota}) would be passed: {whom}by {move.instead.by} instead"
        suppressed(files, ticket, move.rung, why)
    files.work.change(
        ticket,
        plan=stored(plan),
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
    held = [rung for rung in rungs[ticket.plan_next : end] if not ask(files, file, rung)]
    others = len(held) < end - ticket.plan_next
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
    if held and not others and not forward(files, file):
        for rung in held:
            wait(files, file, rung)


def forward(files: Files, file: File) -> bool:
    """Go on with the ladder at once: whoever was not asked yet is asked now; False when there is nobody."""
    ticket, case = file.ticket, file.case()
    begin = ticket.plan_next
    there = (rung for rung in case.rungs[begin:] if not files.scene.absent(rung.person))
    following = first_new(there, case.asked())
    if following is None:
        return False
    start = files.tx.now - timedelta(seconds=following.after)
    start = min(ticket.plan_from or files.tx.now, start)
    climb(files, file, Climb(plan=case.rungs, start=start, next=begin, new_round=False))
    return True


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


def ask(files: Files, file: File, rung: Rung) -> bool:
    """Ask one person by one method, unless they went away, or a bundle or a call already does.

    False when quotas leave no way to the person at this instant, which is written down.
    """
    from gateway import sparing  # noqa: PLC0415 - it writes by the means of this module

    if files.scene.absent(rung.person):
        suppressed(files, file.ticket, rung, "away: passed over, the next one is asked")
        return True
    page = page_of(files, file, rung.person)
    if page.state == PageState.SNOOZED:
        files.work.change(page, state=PageState.OPEN, ended_at=None, ended_by=None)
    if page.state != PageState.OPEN:
        return True
    if sparing.spared(files, file, page, rung):
        return True
    pushed = rung.by == "sms" and push_as_well(files, file, page, rung)
    reach = way(files, rung.person, rung.by)
    if reach is None:
        if not pushed:
            why = "no way: no channel or no address for this method"
            suppressed(files, file.ticket, rung, why, EventKind.FAILED)
        return True
    call = Call(file=file, page=page, rung=rung, reach=reach)
    return said_already(files, call) or within_quotas(files, call) or pushed


def said_already(files: Files, call: Call) -> bool:
    """Tell whether a call or a bundle says it anyway, and write that down."""
    if call.rung.by != "voice":
        if not fold_later(files, call):
            return False
        suppressed(files, call.file.ticket, call.rung, FOLDED)
        return True
    if any(recent(files, reach[1], reach[0], APART) for reach in ways_of(files, call.rung.person, "voice")):
        suppressed(files, call.file.ticket, call.rung, RUNG_ALREADY)
        return True
    leader = carried(call.file.case(), leaders(files, call.rung.person), call.rung.person, files.tx.now)
    if leader is not None:
        suppressed(files, call.file.ticket, call.rung, f"{JOINED} {leader.number}")
    return leader is not None


def leaders(files: Files, person: str) -> list[Case]:
    """Return the first of the tickets that wait for a person; asked once in a transaction."""
    found = files.leaders.get(person)
    if found is None:
        files.work.flush()
        found = files.leaders[person] = list(tickets.leading(files.tx.connection, person, LEADERS))
    return [file.case() for file in files.load(found) if file.ticket.state == TicketState.PAGING]


def within_quotas(files: Files, call: Call) -> bool:
    """Ask by the first way that has room: an account of the method, else another method; False when none has."""
    held: Room | None = None
    for reach in ways_of(files, call.rung.person, call.rung.by):
        found = room_for(files, reach, call.rung.by)
        if found.at <= files.tx.now + PATIENCE:
            return demand(files, replace(call, reach=reach), held)
        held = held or found
    for method in ORDER:
        other = roomy(files, call.rung.person, method) if method != call.rung.by else None
        if other is not None and not recent(files, other[1], other[0], files.scene.settings.fold.window):
            return demand(files, replace(call, rung=replace(call.rung, by=method), reach=other), held, call)
    full(files, call, held, "no other way to this person has room")
    return False


def demand(files: Files, call: Call, held: Room | None, meant: Call | None = None) -> bool:
    """Make the demand; where a quota `held` another way back, that is written down."""
    if held is not None:
        full(files, meant or call, held, f"asked by {call.reach[0]} instead")
    if call.rung.by == "voice":
        ring(files, call)
    else:
        recent(files, call.reach[1], call.reach[0], APART)
        send(files, letter(files, call, "page"))
    return True


def full(files: Files, call: Call, held: Room | None, instead: str) -> None:
    """Write down that a quota stood in the way, and what is done instead."""
    account = ways_of(files, call.rung.person, call.rung.by)[0][0]
    suppressed(files, call.file.ticket, call.rung, f"quota of {account} ({held and held.quota}) is used up: {instead}")


def wait(files: Files, file: File, rung: Rung) -> None:
    """Ask as soon as a quota lets it, since there is nobody else and no other way."""
    reaches = ways_of(files, rung.person, rung.by)
    if not reaches:
        return
    at, reach = min((room_for(files, reach, rung.by).at, reach) for reach in reaches)
    if any(use.to == reach[1] and use.at > files.tx.now for use in known_uses(files, reach)):
        return  # one waits already
    call = Call(file=file, page=page_of(files, file, rung.person), rung=rung, reach=reach)
    send(files, replace(letter(files, call, "voice_page" if rung.by == "voice" else "page"), due=at))
    suppressed(files, file.ticket, rung, f"nobody else can be asked: it waits until {at:%Y-%m-%dT%H:%M:%SZ}")


def push_as_well(files: Files, file: File, page: Page, rung: Rung) -> bool:
    """Wake the person's app beside a text, unless the ladder has a step of its own for that."""
    if any(one.by == "push" and one.person == rung.person for one in file.case().rungs):
        return False
    reach = roomy(files, rung.person, "push")
    if reach is not None:
        write(files, Call(file=file, page=page, rung=replace(rung, by="push"), reach=reach))
    return reach is not None


def write(files: Files, call: Call) -> None:
    """Write, unless the person was written to a moment ago: then a bundle follows."""
    if fold_later(files, call):
        suppressed(files, call.file.ticket, call.rung, FOLDED)
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
    return next((reach for reach in ways_of(files, person, method) if reach[0] not in but), None)


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
        suppressed(files, call.file.ticket, call.rung, RUNG_ALREADY)
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
    watch(files, call.rung.person)
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
    watch(files, person)
    if not waiting:
        return
    methods = sparing.order(files, person, [(file.ticket, page_of(files, file, person)) for file in waiting])
    reach = next((found for by in methods if (found := roomy(files, person, by))), None)
    if reach is None:
        rooms = [room_for(files, one, by).at for by in methods for one in ways_of(files, person, by)]
        if rooms:
            bundle_at(files, person, min(rooms))
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

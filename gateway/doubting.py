"""Where a person has several open matters and the words fit two alike: asks once, remembers, and goes on without.

Where nobody can be asked (groups, what is only heard, machines) the likeliest is taken and a merge suggested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from gateway import customers, texts
from gateway.asking import timer
from gateway.customer_texts import allowed
from gateway.files import Files
from gateway.gather import Known, address, gather
from gateway.judged import Judged
from gateway.perform import perform
from gateway.post import Letter, send
from gateway.reading import Reading, about_of, read
from gateway.relations import suggest
from router import matter
from router.doubt import answered
from router.effects import Note
from store import matters
from store.model import EventKind, Kind, Lane, Message, Question, Ticket, TimerKind

PATIENCE = timedelta(minutes=10)
"""How long words wait for the answer which matter they belong to."""
TALK = timedelta(minutes=30)
"""Who was written to by one of the staff about a matter this lately is most likely answering that."""
CHOICES = 3
"""Most matters that one question names."""
LABEL = {2: 8, 3: 5}
"""Characters of what a matter is called, by how many are named: the question is one text message."""


def weighed(files: Files, message: Message, placement: matter.Placement) -> matter.Placement:
    """Let the talk decide between two matters: what one of the staff last wrote about to this address."""
    if not isinstance(placement, matter.Join) or not placement.rivals:
        return placement
    since, to = files.tx.now - TALK, message.recipient or message.sender
    talked = matters.spoken_of(files.tx.connection, to, [t.id for t in placement.rivals], since)
    chosen = next((ticket for ticket in placement.rivals if ticket.id == talked), None)
    return replace(placement, ticket=chosen, why="what was last talked about", rivals=()) if chosen else placement


def hold(files: Files, known: Known, message: Message, reading: Reading, placement: matter.Placement) -> Judged | None:
    """Ask which matter was meant, and keep the words until the answer; None where that is not in doubt or not asked.

    What may be an outage waits for nobody: it goes to the likeliest matter at once.
    """
    if not isinstance(placement, matter.Join) or not placement.rivals:
        return None
    contact_id = customers.contact_of(files, known, message)
    urgent = Kind(reading.verdict.kind) is Kind.FAULT and reading.verdict.level in (1, 2)
    question = known.questions.get(contact_id)
    if not urgent and question is not None and not _over(files, question):
        files.work.change(question, messages=[*question.messages, message.id])
        return _kept(files, message, reading, contact_id)
    if urgent or not askable(files, message):
        one, two = placement.rivals[:2]
        suggest(files, one, two, likeness=0.0, why="doubt")
        return None
    known.questions[contact_id] = ask(files, message, placement.rivals[:CHOICES], contact_id)
    return _kept(files, message, reading, contact_id)


def _kept(files: Files, message: Message, reading: Reading, contact_id: int) -> Judged:
    files.work.change(message, contact_id=contact_id)
    customers.mark(files, message, reading.verdict, None, "asked which matter is meant")
    return Judged(message_id=message.id)


def askable(files: Files, message: Message) -> bool:
    """Tell whether this very person can be asked where they wrote, and may be by the limit of automatic texts."""
    can = files.standing.ways.can.get(message.channel)
    to = message.recipient or message.sender
    if message.automatic or message.group or not to or can is None:
        return False
    return can.sends and can.replies and can.receives and not can.speaks and allowed(files, to)


def ask(files: Files, message: Message, rivals: Sequence[Ticket], contact_id: int) -> Question:
    """Write the one question, and the due time after which the likeliest matter is taken."""
    question = Question(
        id=files.work.id(),
        contact_id=contact_id,
        messages=[message.id],
        tickets=[ticket.id for ticket in rivals],
        at=files.tx.now,
        until=files.tx.now + PATIENCE,
    )
    files.work.add(question)
    timer(files, TimerKind.QUESTION, question.until, None, about=str(question.id))
    language = texts.language_of(message.text)
    variables = texts.filled(files, None, language, {"choices": choices(rivals, language)})
    can = files.standing.ways.can[message.channel]
    short = files.standing.ways.method(message.channel) == "sms"
    letter = Letter(
        destination=message.channel,
        recipient=message.recipient or message.sender,
        text=texts.render("customer_which", language, variables, short=short),
        template="customer_which",
        variables=variables,
        language=language,
        lane=Lane.REPLY,
        kind=EventKind.ASKED,
        to="customer",
        ticket=None,
        contact_id=contact_id,
        subject=texts.subject(rivals[0], language) if can.threads else None,
        refs=(message.key,),
    )
    send(files, letter)
    return question


def choices(rivals: Sequence[Ticket], language: str) -> str:
    """Name the matters: 1042（打印机）还是1043（网络）, or 1042 (printer) or 1043 (network)."""
    room = LABEL[len(rivals)] * (1 if language == "zh" else 2)
    named = [(ticket.number, label(ticket)[:room].strip()) for ticket in rivals]
    if language == "zh":
        return "还是".join(f"{number}（{words}）" for number, words in named)
    return " or ".join(f"{number} ({words})" for number, words in named)


def label(ticket: Ticket) -> str:
    """Call a matter by what is wrong, without the place that two of them may share."""
    return ticket.title.replace(ticket.site, "", 1).strip(" ,，:：") or ticket.title or ticket.site


def hear(files: Files, known: Known, message: Message) -> Judged | None:
    """Take the bare answer to a question; None for everything else."""
    contact_id = known.contacts.get(address(files, message))
    question = known.questions.get(contact_id or 0)
    if question is None or message.automatic or _over(files, question):
        return None
    rivals = [file.ticket for file in files.load(question.tickets)]
    number = answered(message.text, [(ticket.number, f"{ticket.title} {ticket.symptom}") for ticket in rivals])
    chosen = next((ticket for ticket in rivals if ticket.number == number), None)
    if chosen is None:
        return None
    ticket_id = put(files, known, question, chosen, "the person said which")
    verdict = {"placed": "the answer to our question"}
    files.work.change(message, contact_id=contact_id, ticket_id=ticket_id, verdict=verdict)
    files.heard(ticket_id, message.key)
    perform(files, files.by_id[ticket_id], [Note(kind=EventKind.JOINED, actor="customer", text=message.text)])
    return Judged(message_id=message.id)


def _over(files: Files, question: Question) -> bool:
    """Tell whether a question is settled, also because its words were placed together with later ones."""
    if question.ended_at is not None or question.until <= files.tx.now:
        return True
    if not held(files, question):
        files.work.change(question, ended_at=files.tx.now)
        return True
    return False


def held(files: Files, question: Question) -> list[Message]:
    """Return the words that still wait."""
    files.work.flush()
    rows = matters.messages(files.tx.connection, question.messages)
    return [message for message in files.work.load(Message, rows) if message.ticket_id is None]


def put(files: Files, known: Known, question: Question, ticket: Ticket, why: str) -> int:
    """Put the words that wait to a matter, as if they had just been said; returns the ticket that they went to."""
    hearing, target = files.hearing, files.alive(files.by_id[ticket.id]).ticket
    for message in held(files, question):
        files.hearing = message.id
        known.contacts[address(files, message)] = question.contact_id
        reading = read(files, known, message, about_of(files, message))
        limits = matter.Limits(reopen_within=files.scene.settings.reopen_within, burst=files.scene.settings.burst)
        placement = matter.meant(target, customers.said(message, reading, question.contact_id, files), limits, why)
        customers.settle(files, known, message, reading, placement)
        target = files.by_id[message.ticket_id].ticket if message.ticket_id in files.by_id else target
    files.hearing = hearing
    files.work.change(question, ended_at=files.tx.now, ticket_id=target.id)
    return target.id


def waited(files: Files, ident: int) -> None:
    """Give the words to the likeliest matter: the person did not say in time which was meant."""
    found = files.work.load(Question, matters.question(files.tx.connection, ident))
    question = found[0] if found else None
    if question is None or question.ended_at is not None:
        return
    rivals = [file.ticket for file in files.load(question.tickets)]
    words = held(files, question)
    if not words or not rivals:
        files.work.change(question, ended_at=files.tx.now)
        return
    known = gather(files, words, [about_of(files, message).site or "" for message in words])
    ticket_id = put(files, known, question, rivals[0], "no answer which matter was meant")
    others = " ".join(str(ticket.number) for ticket in rivals[1:])
    text = f"the customer did not say which matter was meant; it may be {others}"
    perform(files, files.by_id[ticket_id], [Note(kind=EventKind.NOTED, text=text)])

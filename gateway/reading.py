"""Reads what a customer wrote with the facts around it: who, for whom, what is open, what is critical here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.files import Files
from gateway.gather import Known, address
from router.alerts import Alert, alert_in
from router.contracts import contract_state
from router.extract import About, about
from router.judge import Facts, Verdict, judge
from router.reading import Who
from store.model import OPEN_STATES, Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a message says, judged."""

    verdict: Verdict
    about: About
    alert: Alert | None


def about_of(files: Files, message: Message, text: str | None = None, *, fault: bool = True) -> About:
    """Read what the words are about, or other words in their place; who wrote them does not matter."""
    text = message.text if text is None else text
    return about(message.subject, text, sites=tuple(files.scene.settings.sites), fault=fault)


def read(files: Files, known: Known, message: Message, found: About, text: str | None = None) -> Reading:
    """Judge the words of a message, or other words in their place, with what is known of their writer."""
    facts = facts_of(files, known, message)
    facts = facts if text is None else replace(facts, text=text)
    looks = facts.alert
    if looks and message.automatic == "bulk":
        # What looks like an alert is judged by its words alone: alerts come as bulk mail, like newsletters.
        facts = replace(facts, automatic=None)
    verdict = judge(facts, files.standing.table, *files.standing.judges)
    alert = looks or alert_in(facts.subject, facts.text, automatic=message.automatic == "bulk")
    fault = verdict.kind in ("fault", "followup")
    if not fault:
        found = about_of(files, message, fault=False)
    return Reading(verdict=verdict, about=found, alert=alert if fault else None)


def facts_of(files: Files, known: Known, message: Message) -> Facts:
    """Gather what a judge may look at; everything was read for the whole batch before."""
    contact_id = known.contacts.get(address(files, message))
    own = known.own.get(contact_id, ()) if contact_id is not None else ()
    return Facts(
        channel=message.channel.partition(":")[0],
        subject=message.subject,
        text=message.text,
        automatic=message.automatic,
        sender_known=contact_id is not None,
        has_open=any(ticket.state in OPEN_STATES for ticket in own),
        who=who_of(files, known, message, contact_id),
        critical_systems=tuple(files.scene.settings.critical_systems),
    )


def who_of(files: Files, known: Known, message: Message, contact_id: int | None) -> Who:
    """Say who writes and for which customer, as far as it is known."""
    person = known.people.get(contact_id or 0)
    today = files.tx.now.astimezone(files.scene.settings.zone).date()
    return Who(
        address=message.sender,
        name=(person.name if person else "") or message.sender_name,
        customer=(person.customer if person else "") or (message.variables or {}).get("customer", ""),
        grade=person.grade if person else "",
        contract=contract_state(person.contract, today) if person else "",
    )

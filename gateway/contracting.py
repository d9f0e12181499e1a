"""Brings contacts in, and counts the promises of open tickets anew whose customer's contract or grade changed by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gateway.files import Files
from gateway.perform import perform
from gateway.standing import Standing
from router.promises import terms_for
from router.recount import by_contract
from store import contacts, people, tickets
from store.contacts import Outcome, Row
from store.writer import Tx, exclusive


class Contracting:
    """The move that brings contacts in."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def bring(self, tx: Tx, imports: Sequence[Sequence[Row]]) -> list[Outcome]:
        """Write what the rows say, and count anew in the same transaction; done again it changes nothing."""
        if not self._standing.router.contracts:
            return contacts.bring(tx, imports)
        waiting = tickets.of_customers(tx.connection)
        before = people.customers(tx.connection, waiting.values())
        outcomes = contacts.bring(tx, imports)
        after = people.customers(tx.connection, waiting.values())
        changed = {customer for customer, said in after.items() if before.get(customer) != said}
        self._recount(tx, [ident for ident, customer in waiting.items() if customer in changed], before)
        return outcomes

    def _recount(self, tx: Tx, idents: Iterable[int], before: Mapping[int, tuple[str, str, str]]) -> None:
        files = Files(tx, self._standing)
        for file in files.load(idents):
            _, grade, contract = before.get(file.ticket.customer_id or 0, ("", "", ""))
            old = terms_for(self._standing.router, contract=contract, grade=grade)
            perform(files, file, by_contract(file.case(), files.scene, before=old))
        files.work.flush()

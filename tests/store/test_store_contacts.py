"""Contacts out of tables, on both databases: planned, written, and the same again."""

from sqlalchemy import select

from store import contacts
from store.batch import run
from store.contacts import Row
from store.db import table_of
from store.model import Address, Contact, Customer


def row(line, name, *values, customer="华信", **more):
    addresses = tuple(("tel", value) for value in values)
    return Row(place=f"a.csv:{line}", name=name, customer=customer, addresses=addresses, **more)


def bring(database, *rows):
    with database.engine.connect() as connection:
        answers, _ = run(connection, database, [(contacts.bring, list(rows))])
    return answers[0]


def stored(database):
    with database.read() as connection:
        return [
            [tuple(one) for one in connection.execute(select(table_of(noun)).order_by(table_of(noun).c.id)).all()]
            for noun in (Customer, Contact, Address)
        ]


ROWS = (
    row(2, "张三", "+861", "+862", grade="A"),
    row(3, "李四", "+863", "+862"),
    row(4, "王\0五", "+864", customer=""),
)


def test_what_was_brought_once_is_the_same_the_second_time(database):
    first = bring(database, *ROWS)
    before = stored(database)
    again = bring(database, *ROWS)
    assert (first.contacts_new, first.customers_new, first.addresses_new) == (3, 1, 4)
    assert (again.contacts_new, again.contacts_same, again.contacts_changed) == (0, 3, 0)
    assert stored(database) == before
    assert [one.place for one in first.refused] == [one.place for one in again.refused] == ["a.csv:3"]


def test_a_preview_says_what_would_be_and_writes_nothing(database):
    with database.read() as connection:
        shown = contacts.preview(connection, ROWS, now=database.now())
    assert stored(database) == [[], [], []]
    assert shown == bring(database, *ROWS)


def test_a_contact_is_changed_by_what_a_row_says_and_not_by_what_it_does_not(database):
    bring(database, row(2, "", "+861", language="en"))
    changed = bring(database, row(2, "张三", "+861", "+869", grade="B", contract="H-1"))
    ((_, name, grade, contract),), ((_, person, *_),), addresses = stored(database)
    assert (name, grade, contract, person, len(addresses)) == ("华信", "B", "H-1", "张三", 2)
    assert (changed.contacts_changed, changed.customers_changed, changed.addresses_new) == (1, 1, 1)
    assert bring(database, row(2, "", "+861", customer="")).contacts_same == 1


def test_more_rows_than_one_statement_can_hold_are_brought(database):
    rows = [row(n, f"人{n}", f"+86{n:08}") for n in range(2 * contacts.CHUNK + 1)]
    assert bring(database, *rows).contacts_new == len(rows)
    assert bring(database, *rows).contacts_same == len(rows)


def test_two_imports_in_one_transaction_see_each_other(database):
    with database.engine.connect() as connection:
        (first, second), _ = run(connection, database, [(contacts.bring, ROWS[:1]), (contacts.bring, ROWS[:1])])
    assert (first.contacts_new, second.contacts_new, second.contacts_same) == (1, 0, 1)

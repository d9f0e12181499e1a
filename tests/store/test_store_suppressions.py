"""Who is not written to, on both databases: written once, asked for by the thousand, lifted again."""

from store import suppressions
from store.batch import run
from store.model import Suppression, SuppressionKind


def row(database, method, address, kind=SuppressionKind.OPTED_OUT, why="", by=""):
    now = database.now()
    return Suppression(id=database.ids(), channel=method, address=address, kind=kind, why=why, by=by, at=now)


def put(database, *rows):
    def move(tx, items):
        return [suppressions.put(tx, items)] * len(items)

    with database.engine.connect() as connection:
        answers, _ = run(connection, database, [(move, one) for one in rows])
    return answers[0]


def lift(database, pair, *kinds):
    def move(tx, items):
        return [suppressions.lift(tx, pair, *([kinds] if kinds else [])) for _ in items]

    with database.engine.connect() as connection:
        answers, _ = run(connection, database, [(move, None)])
    return answers[0]


def kinds(database, *pairs):
    with database.read() as connection:
        return {pair: one.kind for pair, one in suppressions.suppressed(connection, pairs).items()}


def test_an_address_is_found_by_its_method_and_in_the_way_it_was_asked_for(database):
    put(database, row(database, "mail", "Wang@Example.cn"), row(database, "sms", "+8613900000001"))
    asked = (("mail", "wang@EXAMPLE.cn"), ("sms", "+8613900000001"), ("im", "+8613900000001"))
    assert kinds(database, *asked) == {asked[0]: "opted_out", asked[1]: "opted_out"}


def test_more_addresses_than_a_statement_takes_are_asked_for(database):
    put(database, *(row(database, "sms", f"+86{n}") for n in (0, 399, 400, 1999)))
    found = kinds(database, *(("sms", f"+86{n}") for n in range(2000)))
    assert sorted(pair[1] for pair in found) == ["+860", "+861999", "+86399", "+86400"]


def test_a_wish_takes_the_place_of_a_failure_and_never_the_other_way_round(database):
    bounced, wish = SuppressionKind.BOUNCED, SuppressionKind.OPTED_OUT
    assert put(database, row(database, "mail", "a@b.cn", bounced), row(database, "mail", "A@b.cn", bounced)) == [
        True,
        False,
    ]
    assert put(database, row(database, "mail", "a@b.cn", wish, why="written")) == [True]
    assert put(database, row(database, "mail", "a@b.cn", bounced)) == [False]
    with database.read() as connection:
        (only,) = suppressions.listed(connection)
    assert (only.kind, only.why) == ("opted_out", "written")


def test_the_word_of_the_staff_takes_the_place_of_the_owners_and_never_the_other_way_round(database):
    answers = [put(database, row(database, "mail", "a@b.cn", by=by)) for by in ("", "zhang", "li", "")]
    assert answers == [[True], [True], [False], [False]]
    with database.read() as connection:
        assert [one.by for one in suppressions.listed(connection)] == ["zhang"]


def test_only_what_may_be_lifted_is_lifted(database):
    put(database, row(database, "mail", "a@b.cn", SuppressionKind.BOUNCED))
    assert not lift(database, ("mail", "a@b.cn"), SuppressionKind.OPTED_OUT)
    assert lift(database, ("mail", "A@b.cn"))
    assert not lift(database, ("mail", "a@b.cn"))
    assert kinds(database, ("mail", "a@b.cn")) == {}


def test_the_list_is_searched_by_address_and_reason_and_read_on_page_by_page(database):
    put(database, *(row(database, "sms", f"+86{n}", why="says 100% no" if n == 7 else "") for n in range(10)))
    with database.read() as connection:
        first = suppressions.listed(connection, limit=6)
        second = suppressions.listed(connection, limit=6, before=first[-1].id)
        assert [one.address for one in (*first, *second)] == [f"+86{n}" for n in range(9, -1, -1)]
        assert [one.address for one in suppressions.listed(connection, search="100%")] == ["+867"]
        assert [one.address for one in suppressions.listed(connection, search="868")] == ["+868"]
        assert suppressions.counted(connection, method="mail") == 0
        assert suppressions.counted(connection, search="+86", method="sms") == 10

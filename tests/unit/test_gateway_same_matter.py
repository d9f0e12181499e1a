"""The measure of "same matter": what counts as right, as wrong, and apart."""

from datetime import UTC, datetime

from gateway.replay.matters import Tally
from gateway.replay.quick import Told
from gateway.replay.scenario import Speak


def told(key: str, matter: str | None, ticket: int | None, *, opened: bool = False, staff: bool = False) -> Told:
    line = Speak(at=datetime(2026, 1, 1, tzinfo=UTC), id=key, channel="sms", sender="+86", text=key, matter=matter)
    return Told(line=line, ticket=ticket, opened=opened, staff=staff)


def tally(*messages: Told) -> Tally:
    made = Tally()
    made.add("one", messages)
    return made


def test_all_right_is_one_and_the_staff_and_what_nobody_labelled_make_no_pairs():
    figures = tally(
        told("m1", "a", 1001, opened=True),
        told("m2", "a", 1001),
        told("m3", "", 1001, staff=True),
        told("m4", "", 1001),
        told("m5", None, None),
    ).figures()
    assert figures == {
        "conversations": 1,
        "messages": 3,
        "pairs": 1,
        "precision": 1.0,
        "recall": 1.0,
        "put_together_wrongly": 0,
        "put_apart_wrongly": 0,
        "opened_wrongly": 0,
        "joined_wrongly": 0,
        "ignored_wrongly": 0,
    }


def test_put_together_costs_precision_and_put_apart_recall():
    made = tally(
        told("m1", "a", 1001, opened=True),
        told("m2", "a", 1001),
        told("m3", "b", 1001),
        told("m4", "b", 1002, opened=True),
    )
    figures = made.figures()
    assert (figures["precision"], figures["recall"]) == (0.3333, 0.5)
    assert [(one["mistake"], one["messages"]) for one in made.mistakes] == [
        ("put together", ["m1", "m3"]),
        ("put together", ["m2", "m3"]),
        ("put apart", ["m3", "m4"]),
        ("opened", ["m4"]),
    ]


def test_what_belongs_to_nothing_and_what_was_ignored_are_listed_apart():
    made = tally(
        told("m1", None, 1001, opened=True),
        told("m2", None, 1001),
        told("m3", "a", None),
        told("m4", "", 1002, opened=True),
    )
    assert [(one["mistake"], one["messages"]) for one in made.mistakes] == [
        ("joined", ["m2"]),
        ("ignored", ["m3"]),
        ("opened", ["m1"]),
        ("opened", ["m4"]),
    ]
    assert made.figures()["recall"] == 1.0

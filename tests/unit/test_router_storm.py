"""Many tickets wait for one person: whose ladder rings the phone."""

from datetime import UTC, datetime, timedelta

import pytest

from router.case import Case, stored
from router.effects import Rung
from router.storm import carried
from store.model import Page, Ticket

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
VOICE = (1.0, 4.0, 9.0)
"""Minutes after its start at which a ladder rings."""


def case(number: int, asked: float, *, level: int | None = 1, calls=VOICE, state: str = "open") -> Case:
    at = START + timedelta(minutes=asked)
    rungs = tuple(Rung(after=60 * minute, person="zhang", by="voice") for minute in calls)
    ticket = Ticket(
        id=number,
        number=number,
        round=1,
        kind="fault",
        level=level,
        channel="sms:a",
        opened_at=at,
        heard_at=at,
        plan_from=at,
        plan=[dict(one) for one in stored(rungs)],
    )
    return Case(
        ticket=ticket, pages=(Page(id=number, ticket_id=number, person="zhang", round=1, state=state, asked_at=at),)
    )


@pytest.mark.parametrize(
    ("now", "own", "others", "by"),
    [
        pytest.param(1, case(1, 0), [], None, id="the only one rings"),
        pytest.param(1, case(1, 0), [case(2, 0.5)], None, id="the first one rings"),
        pytest.param(1.5, case(2, 0.5), [case(1, 0)], 1, id="the first rang a moment ago and named the second"),
        pytest.param(2.2, case(2, 1.2), [case(1, 0)], 1, id="the first rings in a moment"),
        pytest.param(14, case(2, 13), [case(1, 0)], None, id="the first rang before and rings no more"),
        pytest.param(15, case(3, 14), [case(1, 0), case(2, 13)], 2, id="another rings for it"),
        pytest.param(1.5, case(2, 0.5), [case(1, 0, state="acked")], None, id="the first was answered"),
        pytest.param(1.5, case(2, 0.5), [case(1, 0, level=3)], None, id="the first is less urgent"),
        pytest.param(1.5, case(1, 0.5, level=3), [case(2, 0.6, level=1)], 2, id="a later one is more urgent"),
        pytest.param(1.5, case(2, 0.5), [case(1, 0, calls=())], None, id="the first rings nobody"),
    ],
)
def test_a_call_is_carried_by_another_ladder(now, own, others, by):
    found = carried(own, [*others, own], "zhang", START + timedelta(minutes=now))
    assert (found.number if found else None) == by

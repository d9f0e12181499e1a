"""Signs of life are written down once a minute for each account, and nothing spins in between."""

from datetime import UTC, datetime, timedelta

from gateway.signs import EVERY, Signs

START = datetime(2026, 11, 24, tzinfo=UTC)


class Ticking:
    """A clock that goes on a little whenever somebody looks."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


class Kept:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.beats: list[str] = []

    async def do(self, move: object, item: object) -> None:
        del move
        self.beats.append(item.name)  # type: ignore[attr-defined]


async def test_a_first_sign_is_written_in_its_step_and_the_next_a_minute_later() -> None:
    clock, kept = Ticking(), Kept()
    signs = Signs(kept, clock)  # type: ignore[arg-type]
    signs.of("sms:main", "came in")
    assert (await signs.step(), kept.beats) == (None, ["sms:main"])
    signs.of("sms:main", "came in")
    due = await signs.step()
    assert kept.beats == ["sms:main"]
    assert due is not None
    assert due - clock.at > EVERY / 2

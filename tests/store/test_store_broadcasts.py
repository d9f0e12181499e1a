"""What faces and gauges ask about broadcasts, on both databases."""

from typing import Any

from store import audience, broadcasts
from store.batch import run
from store.db import Database
from store.model import Broadcast, BroadcastState, Customer, Package, PackageState, Recipient
from store.work import Work
from store.writer import Tx


def written(tx: Tx, items: Any) -> list[None]:
    work = Work(tx)
    for number, state in ((1, "done"), (2, "held"), (3, "paused"), (4, "draft")):
        row = Broadcast(id=number, number=number, title="a", state=state, author="li", at=work.now)
        work.add(row)
    for version in ("2.3", "2.3.1"):
        package = Package(id=work.id(), name="OLT", version=version, state=PackageState.READY, at=work.now)
        work.add(package)
    work.add(Customer(id=work.id(), name="滨江医院"))
    for ident, noted in enumerate(({}, {"opened_at"}, {"opened_at", "downloaded_at", "trouble_at"})):
        moments: dict[str, Any] = dict.fromkeys(noted, work.now)
        known: dict[str, Any] = {"who": f"c{ident}", "channel": "sms:main", "state": "sent", "wave": 1}
        work.add(Recipient(id=ident + 1, broadcast_id=3, **known, **moments))
    work.flush()
    return [None] * len(items)


def test_what_waits_for_a_person_is_found_and_what_readers_did_is_counted(database: Database) -> None:
    with database.engine.connect() as connection:
        run(connection, database, [(written, None)])
    with database.read() as connection:
        found = broadcasts.in_states(connection, (BroadcastState.PAUSED, BroadcastState.HELD))
        assert [one.number for one in found] == [2, 3]
        assert broadcasts.fetched(connection, 3) == (2, 1)
        assert (broadcasts.troubles(connection, 3), broadcasts.troubles(connection, 2)) == (1, 0)
        package = broadcasts.package_named(connection, "OLT", "2.3.1")
        assert package is not None
        assert package.version == "2.3.1"
        assert broadcasts.package_named(connection, "OLT", "2.4") is None
        assert audience.customers_named(connection, ["滨江医院", "东站"]) == {"滨江医院"}
        assert audience.customers_named(connection, []) == set()

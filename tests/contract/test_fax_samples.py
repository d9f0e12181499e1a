"""The simulated fax server beside what a real HylaFAX with two modems left."""

import json
import stat
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from channels.contract import Inbound
from channels.phone.fax import parse, simulator
from channels.phone.fax.xferfaxlog import Entry, entries

CALLER = "+862155558888"
PAGE = simulator.tiff([(8, 1, b"\xff")])
TEXT = "滨江机房全部断电，业务中断，请尽快派工程师到现场。电话 021-55558888"


@pytest.fixture
async def server(clock):
    made = simulator.build(clock=clock, gateway_url="", account="main")
    await made.start()
    yield made
    await made.stop()


def test_the_log_of_a_real_server_holds_one_fax_from_its_caller(contracts):
    folder = contracts / "phone" / "hylafax"
    wanted = json.loads((folder / "expected.json").read_text("utf-8"))["fax000000001.tif"]
    found = list(entries((folder / "xferfaxlog").read_bytes(), ZoneInfo("UTC")))
    received = [one for one in found if isinstance(one, Entry) and one.pages]
    assert [(one.caller, one.name, one.pages) for one in received] == [
        (wanted["caller_number"], wanted["caller_name"], wanted["pages"])
    ]
    (message,) = parse.rows((folder / "xferfaxlog").read_bytes(), ZoneInfo("UTC"))
    assert isinstance(message, Inbound)
    assert message.key == "hylafax:2026-11-22:fax000000001.tif"


def test_the_simulated_log_has_the_fields_of_a_real_one(contracts, server):
    real = (contracts / "phone" / "hylafax" / "xferfaxlog").read_text("utf-8").splitlines()
    server.receive(PAGE, CALLER)
    mine = server.log.read_text("utf-8").splitlines()
    for kind, other in zip(("RECV", "CALL"), mine, strict=True):
        sample = next(one for one in real if f"\t{kind}\t" in one)
        shape = [(field[:1] == '"', bool(field)) for field in sample.split("\t")]
        assert [(field[:1] == '"', bool(field)) for field in other.split("\t")] == shape


def test_the_simulated_page_is_a_page_to_others_as_well():
    import io

    with Image.open(io.BytesIO(simulator.tiff([(1728, 4, bytes(864))] * 2))) as book:
        assert (getattr(book, "n_frames", 1), book.size, tuple(map(float, book.info["dpi"]))) == (
            2,
            (1728, 4),
            (204.0, 98.0),
        )


def test_a_folder_made_by_the_simulator_is_private(server):
    assert stat.S_IMODE(server.folder.parent.stat().st_mode) == 0o700

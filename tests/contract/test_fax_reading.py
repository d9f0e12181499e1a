"""What a fax says: read as a suggestion, with its confidence, and never at the cost of the fax."""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from channels.contract import Attachment, Inbound
from channels.phone.fax import simulator
from channels.phone.fax.recognise import Reader, Reading, worded

from .conftest import Clock, build

CALLER = "+862155558888"
TEXT = "滨江机房全部断电，业务中断，请尽快派工程师到现场。电话 021-55558888"
UNREAD = "[传真 1 页，未识别，请看原件]"
PAGE = simulator.tiff([(8, 1, b"\xff")])
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")

needs_tesseract = pytest.mark.skipif(not shutil.which("tesseract"), reason="needs Tesseract")


@pytest.fixture
async def server(clock):
    made = simulator.build(clock=clock, gateway_url="", account="main")
    await made.start()
    yield made
    await made.stop()


def picture(text, *, dpi=(204, 98), size=40):
    """A page with these lines as a fax in standard quality, and its resolution."""
    page = Image.new("L", (1728, 2200), 255)
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(FONT), size)
    for at, row in enumerate(text.splitlines()):
        draw.text((100, 100 + at * size * 2), row, font=font, fill=0)
    flat = (
        page.resize((1728, round(2200 * dpi[1] / 204)))
        .point(lambda v: 255 * (v < 128))
        .convert("1", dither=Image.Dither.NONE)
    )
    return simulator.tiff([(flat.width, flat.height, flat.tobytes())], dpi=dpi)


def fax(content, kind="image/tiff"):
    file = Attachment(name="a", type=kind, content=content)
    return Inbound(key="k", sender=CALLER, text=UNREAD, attachments=(file,))


async def enriched(server, inbound):
    channel: Any = build("fax", dict(server.block(Path())), "http://127.0.0.1:1", Clock())
    return await channel.enrich(inbound)


async def test_the_text_of_a_pdf_is_taken_as_it_is(server):
    name = await server.say(sender=CALLER, text=TEXT)
    content = (server.folder / name).read_bytes()
    found = await enriched(server, fax(content, "application/pdf"))
    assert found.text == f"[传真 1 页，PDF 自带文字，请核对原件]\n{TEXT}"


@needs_tesseract
async def test_a_page_in_standard_quality_is_stretched_and_read(server):
    found = await enriched(server, fax(picture("机房断电 请尽快派人\nTel 021-55558888")))
    head, _, text = found.text.partition("\n")
    assert re.fullmatch(r"\[传真识别，可信度 \d+%(，过低，必须由人看原件|，请核对原件)\]", head)
    assert "55558888" in text
    assert "断电" in text
    assert found.attachments[0].content == picture("机房断电 请尽快派人\nTel 021-55558888")


@needs_tesseract
async def test_the_page_of_a_real_modem_is_read(server, contracts):
    folder = contracts / "phone" / "hylafax"
    content = (folder / "recvq" / "fax000000001.tif").read_bytes()
    wanted = json.loads((folder / "expected.json").read_text("utf-8"))["fax000000001.tif"]
    text = (await enriched(server, fax(content))).text
    flat = re.sub(r"\s", "", text)
    assert [one for one in wanted["must_be_found"] if re.sub(r"\s", "", one) not in flat] == []
    found = re.search(r"可信度 (\d+)%", text)
    assert found
    assert int(found[1]) > 80


@needs_tesseract
async def test_only_so_many_pages_are_read_and_that_is_said(server):
    page = (1728, 10, bytes(2160))
    reading = await Reader(pages=1).read(simulator.tiff([page] * 3))
    assert (reading.pages, reading.read) == (3, 1)


async def test_a_fax_that_was_read_or_has_no_file_stays_as_it_is(server):
    read = Inbound(
        key="k", sender=CALLER, text="[传真识别，可信度 90%，请核对原件]\nx", attachments=fax(PAGE).attachments
    )
    bare = Inbound(key="k", sender=CALLER, text=UNREAD)
    assert await enriched(server, read) is read
    assert await enriched(server, bare) is bare


async def test_what_stood_before_the_note_stays(server):
    name = await server.say(sender=CALLER, text=TEXT)
    content = (server.folder / name).read_bytes()
    broken = Inbound(
        key="k",
        sender=CALLER,
        text=f"[传真中断] 只收到一部分，原因：x。请与对方核对\n{UNREAD}",
        attachments=fax(content, "application/pdf").attachments,
    )
    assert (await enriched(server, broken)).text.startswith(
        "[传真中断] 只收到一部分，原因：x。请与对方核对\n[传真 1 页，PDF"
    )


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("import time; time.sleep(60)", "[传真 TIFF，识别超过 0.5 秒，未识别，请看原件]"),
        ("raise SystemExit(1)", "[传真 TIFF，识别程序出错（JSONDecodeError），未识别，请看原件]"),
        ("print('[]')", "[传真 TIFF，识别程序出错（TypeError），未识别，请看原件]"),
        (
            """print('{"missing": "tesseract"}')""",
            "[传真 TIFF，本机没有识别所需的 tesseract，未识别，请看原件]",
        ),
    ],
)
async def test_reading_that_fails_in_whatever_way_is_said_and_nothing_is_raised(script, text):
    seconds = 0.5 if "sleep" in script else 20
    reader = Reader(seconds=seconds, command=(sys.executable, "-c", script))
    assert worded(await reader.read(PAGE), fax(PAGE).attachments[0]) == text


async def test_a_reader_that_is_missing_altogether_is_said(tmp_path):
    reading = await Reader(command=(str(tmp_path / "no-python"),)).read(PAGE)
    assert "识别程序出错" in reading.why


async def test_without_tesseract_or_a_library_the_text_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    reading = await Reader().read(PAGE)
    assert reading.why == "本机没有识别所需的 tesseract"


@pytest.mark.parametrize(
    ("reading", "head"),
    [
        (Reading(text="x", confidence=59), "[传真识别，可信度 59%，过低，必须由人看原件]"),
        (Reading(text="x", confidence=60), "[传真识别，可信度 60%，请核对原件]"),
        (Reading(text="x", confidence=90, pages=12, read=10), "[传真识别，可信度 90%，只识别前 10 页，请核对原件]"),
        (Reading(pages=2), "[传真 2 页，没有识别出文字，未识别，请看原件]"),
    ],
)
def test_the_text_says_how_sure_it_is(reading, head):
    assert worded(reading, fax(PAGE).attachments[0]).splitlines()[0] == head

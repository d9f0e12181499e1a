"""Faxes out of files, out of the log of a server and out of tables."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from channels.contract import Inbound, Malformed
from channels.phone.fax import parse
from channels.phone.fax.config import PATTERNS, Account
from channels.phone.fax.parse import File
from channels.phone.fax.simulator import pdf, tiff
from channels.phone.fax.xferfaxlog import Entry, entries
from channels.powers import NotTaken

FIXTURES = Path(__file__).parents[1] / "fixtures" / "phone-fax"
ZONE = ZoneInfo("Asia/Shanghai")
SEEN = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)
PAGE = (8, 1, b"\xff")
GOOD = (
    '11/20/26 11:12\tRECV\t000000002\tttyS0\trecvq/fax000000001.tif\t""\tfax\t"+86.10.1"\t"SHANGHAI HUAXIN"\t22200\t3'
    '\t0:01:18\t0:00:58\t""\t"02155558888"\t"HUAXIN \\"SH\\""'
)
"""16 fields, a quote inside a text."""


def file(name="fax1.tif", content=None):
    return File(name=name, content=content or tiff([PAGE]), seen_at=SEEN)


def of(name, entry=None, content=None):
    return parse.inbound_of_file(file(name, content), PATTERNS, ZONE, entry)


def entry(line=GOOD):
    (found,) = entries(line.encode(), ZONE)
    assert isinstance(found, Entry)
    return found


def shown(item):
    if isinstance(item, NotTaken):
        return {"line": item.line, "why": item.why}
    sent_at = item.sent_at and item.sent_at.astimezone(UTC).isoformat()
    return {"sender": item.sender, "name": item.sender_name, "sent_at": sent_at, "text": item.text, "key": item.key}


@pytest.mark.parametrize("given", sorted(FIXTURES.glob("*.in.*")), ids=lambda path: path.name)
def test_what_happened_is_read_as_it_was(given):
    wanted = json.loads(given.with_name(given.name.partition(".in.")[0] + ".out.json").read_text("utf-8"))
    assert [shown(one) for one in parse.rows(given.read_bytes(), ZONE)] == wanted


@pytest.mark.parametrize(
    ("name", "sender", "at"),
    [
        ("20261120-111205-02155558888.tif", "+862155558888", datetime(2026, 11, 20, 3, 12, 5, tzinfo=UTC)),
        ("20261120111205_+862155558888.tif", "+862155558888", datetime(2026, 11, 20, 3, 12, 5, tzinfo=UTC)),
        ("02155558888_202611201112.pdf", "+862155558888", datetime(2026, 11, 20, 3, 12, tzinfo=UTC)),
        ("95588-20261120-1112.tif", "95588", datetime(2026, 11, 20, 3, 12, tzinfo=UTC)),
    ],
)
def test_the_name_of_a_file_tells_caller_and_time(name, sender, at):
    found = of(name)
    assert (found.sender, found.sent_at) == (sender, at)


def test_a_file_whose_name_tells_nothing_is_nobodys_and_as_old_as_the_file():
    one, other = of("scan.tif"), of("scan.tif", content=tiff([PAGE, PAGE]))
    assert one.sender.startswith("unknown-")
    assert one.sender != other.sender
    assert one.sent_at == SEEN


def test_a_time_that_is_none_is_not_believed():
    assert of("20261399-111205-02155558888.tif").sent_at == SEEN


def test_the_line_of_the_log_knows_more_than_the_name():
    found = of("fax000000001.tif", entry())
    assert (found.sender, found.sender_name) == ("+862155558888", 'HUAXIN "SH"')
    assert (found.key, found.raw) == ("hylafax:2026-11-20:fax000000001.tif", GOOD.encode())
    assert found.sent_at == datetime(2026, 11, 20, 3, 12, tzinfo=UTC)


def test_the_line_alone_has_the_key_and_the_bytes_of_its_file():
    alone, with_file = parse.inbound_of_entry(entry()), of("fax000000001.tif", entry())
    assert alone is not None
    assert (alone.key, alone.raw) == (with_file.key, with_file.raw)
    assert alone.text == "[传真 3 页，原件在传真服务器：recvq/fax000000001.tif]"


def test_a_file_keeps_its_bytes_and_its_key_whatever_it_is_called():
    one, other = of("a.tif"), of("b.tif")
    assert one.key == other.key
    assert one.attachments[0].content == tiff([PAGE])
    assert (one.attachments[0].name, one.attachments[0].type) == ("a.tif", "image/tiff")


@pytest.mark.parametrize(
    ("content", "text"),
    [(tiff([PAGE] * 3), "[传真 3 页，未识别，请看原件]"), (pdf("x"), "[传真 PDF，未识别，请看原件]")],
)
def test_a_fax_that_nobody_read_says_so(content, text):
    assert of("a", content=content).text == text


def test_a_fax_that_broke_off_says_so_and_keeps_its_pages():
    broken = replace(entry(), reason="RSPREC error")
    first, second = of("fax000000001.tif", broken).text.splitlines()
    assert first == "[传真中断] 只收到一部分，原因：RSPREC error。请与对方核对"
    assert second == "[传真 1 页，未识别，请看原件]"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "the start"),
        (b"hello", "the start"),
        (pdf("x")[:-20], "the end"),
        (tiff([PAGE])[:-5], "page 1"),
        (b"II*\0\0\0\0\0", "byte 4"),
        (b"II*\0\x08\0\0\0\0\0\x08\0\0\0", "byte 8"),
        (b"MM\0*\0\0\xff\xff", "page 1"),
    ],
)
def test_a_file_that_is_not_whole_is_malformed_and_the_place_is_named(content, where):
    with pytest.raises(Malformed) as caught:
        parse.form(content)
    assert caught.value.where == where


def test_a_big_endian_tiff_is_counted_as_well():
    assert parse.form(b"MM\0*\0\0\0\x08\0\0\0\0\0\0") == ("image/tiff", 1)


@pytest.mark.parametrize(
    ("ids", "number", "name"),
    [
        (["02155558888", "HUAXIN"], "02155558888", "HUAXIN"),
        (["HUAXIN", "02155558888"], "02155558888", "HUAXIN"),
        (["", ""], "", "STATION"),
        (["anonymous", ""], "", "anonymous"),
    ],
)
def test_the_number_is_found_in_whatever_order_the_server_writes_it(ids, number, name):
    head = '11/20/26 11:12\tRECV\t2\tm\trecvq/f.tif\t""\tfax\t"1"\t"STATION"\t0\t1\t0:18\t0:18\t""'
    found = entry("\t".join([head, *(f'"{one}"' for one in ids)]))
    assert (found.caller, found.name) == (number, name)


def test_an_old_line_of_14_fields_and_a_new_one_of_20_are_read():
    assert entry("\t".join(GOOD.split("\t")[:14])).name == "SHANGHAI HUAXIN"
    assert entry("\t".join([*GOOD.split("\t"), '""', '""', '""', '"x"'])).pages == 3


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (GOOD.replace("11/20/26", "13/40/26"), "the date"),
        (GOOD.replace("\t3\t", "\tthree\t"), "the number of pages"),
        (GOOD.replace("RECV", "XYZ"), "an unknown kind"),
        ("11/20/26 11:12\tRECV\t1", "3 fields"),
        (GOOD + '\t"open', "the quotes"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_place(line, why):
    (_, found) = entries(f"{GOOD}\n{line}\n".encode(), ZONE)
    assert isinstance(found, NotTaken)
    assert found.line == 2
    assert why in found.why


def test_a_session_that_failed_is_one_message_whichever_lines_it_left():
    received = GOOD.replace("\t3\t", "\t0\t").replace('0:00:58\t""', '0:00:58\t"no carrier"')
    call = received.replace("RECV", "CALL").replace("recvq/fax000000001.tif", "")
    both = list(parse.rows(f"{received}\n{call}\n".encode(), ZONE))
    (only,) = parse.rows(call.encode(), ZONE)
    assert len(both) == 1
    assert isinstance(only, Inbound)
    assert isinstance(both[0], Inbound)
    assert both[0].key == only.key
    assert only.text == "[传真失败] 原因：no carrier。请回电 02155558888"


def test_rows_without_a_number_of_their_own_may_be_alike_and_stay_two():
    text = "传真号码,接收时间,页数\n02155558888,2026-11-20 11:12,3\n02155558888,2026-11-20 11:12,3\n"
    keys = [one.key for one in parse.rows(text.encode(), ZONE) if isinstance(one, Inbound)]
    assert len(set(keys)) == 2
    assert keys == [one.key for one in parse.rows(text.encode(), ZONE) if isinstance(one, Inbound)]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"patterns": ["("]}, "no regular expression"),
        ({"patterns": ["abc"]}, "names neither"),
        ({"zone": "Mars/Base"}, "no time zone"),
        ({"ocr_languages": "eng; rm"}, "ocr_languages"),
        ({"every_seconds": 0}, "every_seconds"),
        ({"folder": ""}, "folder"),
    ],
)
def test_a_wrong_block_is_refused_in_words(change, wrong):
    with pytest.raises(ValueError, match=wrong):
        Account.model_validate({"folder": "/x"} | change)


def test_only_what_brought_no_page_is_a_failure():
    assert parse.is_failure(replace(entry(), pages=0))
    assert not parse.is_failure(entry())

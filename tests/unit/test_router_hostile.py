"""Ten thousand texts that mean no good, and a megabyte of this and that: all are read, and only so much of each."""

from collections.abc import Mapping

import pytest

from bench.hostile import RUNS, Reader, flood, readers, texts
from router.extract import SYMPTOM, about
from router.judge import KINDS, Facts, Verdict
from router.matter import bare_subject
from router.opinion import question
from router.titles import TITLE, width

COUNT = 10_000
PARTS = 4
"""So that several processes share the work."""
TAIL = "\n滨江机房全部断电，工单 7777，报错ORA-12541，300人受影响，明天上午10点前回电13812345678，host: db01"
"""What would be found, were the end looked at."""
READ = 2_500
HEAD = 200


@pytest.fixture(scope="module")
def reads() -> Mapping[str, Reader]:
    return readers()


@pytest.mark.parametrize("seed", range(PARTS))
def test_every_text_is_judged_and_read_without_an_error(seed: int, reads: Mapping[str, Reader]) -> None:
    others = [name for name in reads if name != "judge"]
    for number, (subject, text) in enumerate(texts(seed, COUNT // PARTS)):
        verdict = reads["judge"](subject, text)
        assert isinstance(verdict, Verdict)
        assert verdict.kind in KINDS
        assert (verdict.level in (1, 2, 3)) == (verdict.kind == "fault")
        assert 0.0 <= verdict.confidence <= 1.0
        for name in others[number % 6 :: 6]:
            reads[name](subject, text)
        found = about(subject, text) if number % 6 == 0 else None
        assert found is None or (found.title and width(found.title) <= TITLE and len(found.symptom) <= SYMPTOM)


def test_what_may_come_is_in_the_texts() -> None:
    whole = "".join(text for _, text in texts(0, 1500))
    signs = ("\u202e", "\u200b", "\u0301", "\ud800", "\x00", "😀", "ﷺ", "<br", ">>>", "Original Message", "שלום")
    assert [sign for sign in signs if sign not in whole] == []
    assert max(len(text) for _, text in texts(0, 1500)) > 5_000


@pytest.mark.parametrize("piece", [pytest.param(piece, id=ascii(piece)) for piece in RUNS[::6]])
def test_of_a_megabyte_only_the_beginning_is_looked_at(piece: str, reads: Mapping[str, Reader]) -> None:
    text = flood(piece)
    for name, read in reads.items():
        assert read(None, text) == read(None, text + TAIL), name
        if name != "mentions":  # reads no subject but its marks of an answer
            read(text[:100_000], piece)


def test_what_the_rules_search_is_short_however_signs_unfold() -> None:
    for text in ("ﷺ" * 100_000, "一" * 100_000, "\n" * 100_000):
        reading = Facts(channel="sms", subject=text, text=text).reading
        assert len(reading.part("anywhere").text) <= READ + HEAD + 1


def test_a_lone_surrogate_can_be_asked_about() -> None:
    assert question(channel="sms", subject="\ud800", text="\udfff").encode()
    assert bare_subject("\ud800") == "\ud800"

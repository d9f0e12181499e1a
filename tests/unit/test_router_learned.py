"""The learned judge: what it sees of a text, its file, its sums, its reasons; and how it learns."""

from typing import Any

import pytest

from router.features import features, shown
from router.judge import Facts, decide
from router.learned import CLASSES, FIELD, MAGIC, ROW, ZERO, Learned, dump, load, together
from router.reading import read

ABOUT = {"sharpness": 1.0, "rarity": 16, "bias": [0.0] * len(CLASSES), "scale": [100.0] * len(CLASSES)}


def words(text: str, **more: Any) -> set[str]:
    return features(read(channel="sms", subject=None, text=text, **more))


def row(**weights: int) -> list[int]:
    """A row whose weights, in hundredths, stand for the named classes; as rare as any."""
    return [*(ZERO + weights.get(name.replace(" ", "_"), 0) for name in CLASSES), 16]


def model(**rows: list[int]) -> Learned:
    return load(dump(ABOUT, list(rows), list(rows.values())))


@pytest.mark.parametrize(
    ("text", "there", "absent"),
    [
        pytest.param("全院打不开", {"打不开", "全院打不", "^|全院", "院"}, {"全院打不开"}, id="runs of Chinese"),
        pytest.param("Nobody can log in", {"nobody", "can|log", "^|nobody|can", "in|$"}, {"nob"}, id="words and pairs"),
        pytest.param("crashes", {"crash*"}, set(), id="how a long word begins"),
        pytest.param("error 503, 12 of 4711", {"503", "#2", "#4"}, {"4711", "12"}, id="numbers keep their shape"),
        pytest.param("磁盘 97%", {"#%"}, {"97%"}, id="a share is a share"),
        pytest.param("down?!?!", {"?!", "down|?!"}, {"?!?!"}, id="shouting is shouting"),
        pytest.param("系統當機", {"系统", "宕机"}, {"系統"}, id="script and dialect are levelled"),
        pytest.param("", {"\tchannel sms", "\tlength 0"}, {"\tsubject"}, id="nothing"),
    ],
)
def test_what_the_judge_sees_of_a_text(text: str, there: set[str], absent: set[str]) -> None:
    found = words(text)
    assert there <= found, sorted(found)
    assert not absent & found


@pytest.mark.parametrize(
    ("feature", "read_as"),
    [
        ("打不开", "打不开"),
        ("^|nobody|can", "nobody can"),
        ("in|$", "in"),
        ("crash*", "crash…"),
        ("\tsubject", "subject"),
    ],
)
def test_a_feature_can_be_read(feature: str, read_as: str) -> None:
    assert shown(feature) == read_as


def test_a_file_comes_back_as_it_was_written() -> None:
    weights = row(fault_1=300, complaint=-7)
    made = model(打不开=weights)
    assert made.header["classes"] == list(CLASSES)
    assert made.rows["打不开"].to_bytes(ROW, "little") == b"".join(one.to_bytes(FIELD, "little") for one in weights)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"", "no model", id="empty"),
        pytest.param(b"yizhan judge 0\n123", "another version", id="another version"),
        pytest.param(MAGIC + b"not compressed", "damaged", id="damaged"),
        pytest.param(dump(ABOUT, ["a", "b"], [row()]), "does not fit", id="a row is missing"),
    ],
)
def test_a_file_of_no_use_says_why(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        load(data)


def test_the_words_of_a_message_are_added_up() -> None:
    judge = model(全部=row(fault_1=200), 打不开=row(fault_1=100, fault_2=200, consultation=-300))
    whole, part = (decide(f, [judge.evidence(f)]) for f in (fact("全部打不开"), fact("打不开")))
    assert (whole.kind, whole.level, part.level) == ("fault", 1, 2)
    assert whole.reasons[0] == "words: “全部打不开”"


def test_a_negative_sum_of_many_words_does_not_run_over() -> None:
    many = {word: row(consultation=-ZERO + 1) for word in words("请问报表怎么导出成表格文件谢谢各位老师了")}
    judge = load(dump(ABOUT, list(many), list(many.values())))
    shares = judge.evidence(fact("请问报表怎么导出成表格文件谢谢各位老师了"))
    assert shares.kinds["consultation"] == min(shares.kinds.values())


def test_what_no_word_is_known_of_is_looked_at_by_a_person() -> None:
    facts = fact("ᚠᚢᚦ")
    verdict = decide(facts, [model(打不开=row()).evidence(facts)])
    assert (verdict.kind, verdict.level) == ("fault", 3)
    assert "a person looks" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("text", "found", "said"),
    [
        pytest.param("门全部打不开了", ["打不开", "全部打"], ["全部打不开"], id="what overlaps is one"),
        pytest.param("门坏了，窗开着", ["窗开", "门坏"], ["窗开", "门坏"], id="the heaviest first"),
        pytest.param("门坏了", ["none"], [], id="what does not stand there is not said"),
        pytest.param("not\nworking", ["not working", "not"], ["not"], id="over a line"),
    ],
)
def test_reasons_are_the_messages_own_words(text: str, found: list[str], said: list[str]) -> None:
    assert together(text, found) == said


def fact(text: str) -> Facts:
    return Facts(channel="sms", text=text)

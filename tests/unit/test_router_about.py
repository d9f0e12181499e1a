"""What a text is about: the things it names, and which of a kind."""

import pytest

from router.about import apart, length, numbered, shared, things, weight


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("还没好？", id="still not done"),
        pytest.param("什么时候能修好", id="when"),
        pytest.param("现在可以了，谢谢你们", id="works, thanks"),
        pytest.param("Any news? It still does not work", id="a chase in English"),
        pytest.param("1001 有进展吗，工单1001", id="our own number"),
    ],
)
def test_what_any_message_may_say_names_nothing(text):
    assert weight(text.replace("1001 ", "")) <= 0.5


def test_a_system_in_capitals_is_no_pronoun():
    assert "his" in things("HIS登录不上")
    assert "his" not in things("he lost his badge")


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        pytest.param("三号岸桥的吊具摄像头没画面", "摄像头有画面了", 0.9, 1.0, id="the same thing, works"),
        pytest.param("Teller app is frozen at our Erie branch", "still frozen at Erie", 0.9, 1.0, id="English words"),
        pytest.param("圖書館三樓網路斷線", "图书馆三楼网络恢复了", 0.7, 1.0, id="both scripts of Chinese"),
        pytest.param("地下车库排污泵不启动", "泵也转了", 0.9, 1.0, id="one sign of a longer word"),
        pytest.param("打印机一直卡纸", "VPN拨不上", 0.0, 0.0, id="nothing in common"),
        pytest.param("还没好", "打印机坏了", 0.0, 0.0, id="nothing named"),
    ],
)
def test_how_much_of_what_is_named_is_shared(one, other, least, most):
    assert least <= shared(one, other) <= most
    assert shared(one, other) == shared(other, one)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("三号楼和5号楼", {("号楼", "3"), ("号楼", "5")}, id="Chinese figures and Arabic ones"),
        pytest.param("十二层", {("层", "12")}, id="twelve"),
        pytest.param("小区东门", {("门", "东")}, id="a side"),
        pytest.param("B座", {("座", "b")}, id="a letter"),
        pytest.param("tank 9 and gate B", {("tank", "9"), ("gate", "b")}, id="English"),
        pytest.param("web01 and NAS-02", {("web", "web01"), ("nas-", "nas-02")}, id="hosts"),
        pytest.param("about 20 people, after 5", set(), id="a count and a time"),
        pytest.param("YZ-1001", set(), id="our own number"),
    ],
)
def test_what_is_told_apart_by_a_number(text, expected):
    assert numbered(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("3号楼门禁不亮", "4号楼门禁不亮", True, id="another building"),
        pytest.param("201房床头呼叫", "305房也是", True, id="another room"),
        pytest.param("东门道闸坏了", "西门道闸坏了", True, id="another gate"),
        pytest.param("conveyor 3 trips", "conveyor 4 trips", True, id="another machine"),
        pytest.param("3号楼打印机", "打印机在二层", False, id="a building and its floor"),
        pytest.param("2号楼、3号楼都停电", "3号楼来电了", False, id="one of several"),
        pytest.param("3号楼门禁不亮", "门禁亮了", False, id="one says nothing of it"),
    ],
)
def test_different_ones_of_a_kind_are_apart(one, other, expected):
    assert apart(one, other) is expected


def test_length_counts_as_a_reader_does():
    assert length("全部不行 usb port") == 8


def test_a_text_without_end_is_read_at_its_beginning():
    assert things("打印机卡纸" + "，系统9" * 300_000) == things(("打印机卡纸" + "，系统9" * 300_000)[:2000])
    assert length("字" * 1_000_000) == 2000

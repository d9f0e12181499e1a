"""What is new in a reply."""

import pytest

from channels.email.quotes import new_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("还是不行\n\n在 2024-07-01，客服 写道：\n> 请重启", "还是不行", id="netease"),
        pytest.param(
            "还是不行\n\n发件人：客服\n日　期：2024年7月1日\n收件人：张三\n\n请重启", "还是不行", id="header block"
        ),
        pytest.param("还是不行\n---原始邮件---\n请重启", "还是不行", id="ruled words"),
        pytest.param("still down\n\nOn Mon, Jul 1, 2024, support wrote:\n> restart", "still down", id="english"),
        pytest.param("toujours\n\nLe 1 juil. 2024 à 16:05, x <a@b.example> a écrit :\n> r", "toujours", id="french"),
        pytest.param("yes\n\n> first?\nno\n> second?\nmaybe", "yes\n\nno\nmaybe", id="answers between the lines"),
        pytest.param("温度 > 30\n> 5 台机器停了\n就这些", "温度 > 30\n> 5 台机器停了\n就这些", id="greater than"),
        pytest.param(
            "主题：打印机坏了\n日期：2024-07-01\n地点：三楼",
            "主题：打印机坏了\n日期：2024-07-01\n地点：三楼",
            id="a form",
        ),
        pytest.param("断网了\n-- \n张三\n信息科", "断网了", id="signature"),
        pytest.param("断网了\n\n发自我的 iPhone", "断网了", id="telephone"),
        pytest.param("> only a quote", "> only a quote", id="nothing of their own: all is kept"),
        pytest.param("-- \n张三", "-- \n张三", id="nothing but a signature"),
        pytest.param("断网了\n--\n" + "行\n" * 14, "断网了", id="a signature of fifteen lines"),
        pytest.param("断网了\n--\n" + "行\n" * 15, "断网了\n--\n" + "行\n" * 14 + "行", id="too long for a signature"),
        pytest.param("断网了\n--\n张三\n--\n李四", "断网了", id="two marks: all below the first"),
        pytest.param("断网\n\n---- On Mon, 1 Jul 2024 <a@b.example> wrote:\n> r", "断网", id="a ruled introduction"),
        pytest.param("From: our database\nplease look", "From: our database\nplease look", id="one field is no header"),
        pytest.param("", "", id="nothing at all"),
    ],
)
def test_what_is_new(text, expected):
    assert new_text(text) == expected


FORWARDED = "---------- Forwarded message ----------\nFrom: a@b.example\nDate: today\nSubject: x\n\n机房断电"


def test_a_forwarded_mail_with_hardly_a_word_above_is_kept_whole():
    assert new_text(f"请处理\n\n{FORWARDED}") == f"请处理\n\n{FORWARDED}"


def test_the_subject_tells_a_forward_where_the_body_does_not():
    body = "见下\n\n发件人：客户\n发送时间：今天\n主题：断网\n\n整栋楼断网"
    assert new_text(body, "转发: 断网") == body
    assert new_text(body, "Re: 断网") == "见下"


def test_a_forwarded_mail_below_a_real_text_is_a_quote():
    said = "这是上周的那一封，当天晚上就恢复了，我今天只是想问报告什么时候能给。"
    assert new_text(f"{said}\n\n{FORWARDED}") == said


def test_a_text_of_very_many_lines_is_kept_whole():
    text = "x\n" * 6000 + "> y"
    assert new_text(text) == text.strip()

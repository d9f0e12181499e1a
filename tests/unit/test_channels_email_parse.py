"""One mail as bytes to what it says."""

import base64
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Automatic, Bounced
from channels.email.charsets import decode
from channels.email.headers import ids, mailboxes, moment, parameters, words
from channels.email.parse import Limits, TooMuch, describe, parse, to_inbound

FIXTURES = Path(__file__).parent.parent / "fixtures" / "email"
HEAD = b"From: zhang@customer.example\r\nMessage-ID: <1@customer.example>\r\n"


def latin(text, charset="gbk"):
    return text.encode(charset).decode("latin-1")


@pytest.mark.parametrize(
    ("content", "label", "expected"),
    [
        pytest.param("镕基㐂邨喆".encode("gb18030"), "gb2312", "镕基㐂邨喆", id="gb2312 label over gb18030"),
        pytest.param("断网了".encode("gbk"), "x-gbk", "断网了", id="x-gbk"),
        pytest.param("断网了，请处理".encode("gbk"), "unknown-8bit", "断网了，请处理", id="unknown-8bit"),
        pytest.param("断网了，请处理".encode("gbk"), None, "断网了，请处理", id="no label"),
        pytest.param("机房断电".encode(), "gb2312", "机房断电", id="gb2312 label over utf-8"),
        pytest.param("寬頻斷線，請處理".encode("big5"), None, "寬頻斷線，請處理", id="big5 without a label"),
        pytest.param("﻿你好".encode(), "utf-8", "你好", id="byte order mark"),
        pytest.param(b"a\0b", "utf-8", "a\ufffdb", id="no store holds nul"),
        pytest.param(b"caf\xe9", "iso-8859-1", "café", id="latin"),
        pytest.param(b"\x93quoted\x94", "iso-8859-1", "“quoted”", id="windows quotes under the iso label"),
        pytest.param(b"abc", "idna", "abc", id="a codec that is no charset"),
        pytest.param("陆".encode("gbk"), "gb2312", "陆", id="gbk that is valid utf-8 by chance"),
    ],
)
def test_bytes_become_text_whatever_the_label_says(content, label, expected):
    assert decode(content, label) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("=?utf-8?B?5pat572R?=", "断网", id="one word"),
        pytest.param("=?utf-8?B?5pat5w==?= =?utf-8?B?vZHkuoY=?=", "断网了", id="a character split over two words"),
        pytest.param("[No.1]=?gb2312?B?trrN+A==?=Re:x", "[No.1]逗网Re:x", id="glued to text"),
        pytest.param("=?utf-8?Q?What??= now", "What? now", id="a question mark inside"),
        pytest.param("=?x-nothing?B?YQ==?=", "a", id="an unknown charset"),
        pytest.param(latin("断网了，请尽快处理"), "断网了，请尽快处理", id="raw bytes"),
        pytest.param("=?utf-8?B?", "=?utf-8?B?", id="unfinished"),
    ],
)
def test_header_words(raw, expected):
    assert words(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param('attachment; filename="=?gbk?B?ueLP3y5wZGY=?="', "光线.pdf", id="encoded word in quotes"),
        pytest.param("attachment; filename*=gb18030''%B9%E2%CF%DF.pdf", "光线.pdf", id="rfc 2231"),
        pytest.param("attachment; filename*0*=utf-8''%E5%85%89; filename*1=x.pdf", "光x.pdf", id="continued"),
        pytest.param('attachment; filename="' + latin("光线故障报告") + '.pdf"', "光线故障报告.pdf", id="raw bytes"),
    ],
)
def test_file_names_in_parameters(raw, expected):
    assert parameters(raw)[1]["filename"] == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("a@b.example", [("a@b.example", "")], id="bare"),
        pytest.param(
            '"Li, Si" <A@B.example>, c@d.example', [("a@b.example", "Li, Si"), ("c@d.example", "")], id="list"
        ),
        pytest.param("=?utf-8?B?5byg5LiJ?= <a@b.example>", [("a@b.example", "张三")], id="encoded name"),
        pytest.param("a@b.example (Zhang San)", [("a@b.example", "Zhang San")], id="comment"),
        pytest.param("team: a@b.example, c@d.example;", [("a@b.example", ""), ("c@d.example", "")], id="group"),
        pytest.param("undisclosed-recipients:;", [], id="nobody"),
        pytest.param("=?utf-8?B?5byg5LiJIDxhQGIuZXhhbXBsZT4=?=", [("a@b.example", "张三")], id="all in one word"),
        pytest.param(latin("张三") + " <a@b.example>", [("a@b.example", "张三")], id="raw gbk name"),
    ],
)
def test_addresses(raw, expected):
    assert [(box.address, box.name) for box in mailboxes(raw)] == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("<[abc@x>", ["<[abc@x>"], id="malformed but unique"),
        pytest.param("abc@x.example", ["<abc@x.example>"], id="without brackets"),
        pytest.param("<a@b> <c@d>\t<e@f>", ["<a@b>", "<c@d>", "<e@f>"], id="several"),
        pytest.param("no id", [], id="none"),
    ],
)
def test_message_ids(raw, expected):
    assert ids(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Mon, 01 Jul 2024 16:05:30 +0800", datetime(2024, 7, 1, 8, 5, 30, tzinfo=UTC)),
        ("Mon, 01 Jul 2024 16:05:30 -0000", datetime(2024, 7, 1, 16, 5, 30, tzinfo=UTC)),
        ("yesterday", None),
        ("Mon, 2 Apr 101 04:20:10 CST", None),
        ("Mon, 01 Jul 99999 16:05:30 +0800", None),
    ],
)
def test_dates(raw, expected):
    assert moment(raw) == expected


def test_a_mail_becomes_an_inbound_with_what_it_answers():
    raw = (
        HEAD + b"To: support@huaxin.example\r\nSubject: Re: 1042\r\nReply-To: boss@customer.example\r\n"
        b"In-Reply-To: <yizhan.d-77@huaxin.example>\r\n"
        b"References: <0@customer.example> <yizhan.d-77@huaxin.example>\r\n\r\n"
        b"still down\r\n\r\nOn Mon, 1 Jul 2024, support wrote:\r\n> restart it\r\n"
    )
    inbound = to_inbound(parse(raw), raw, our_domain="Huaxin.Example")
    assert (inbound.key, inbound.sender, inbound.reply_to) == (
        "<1@customer.example>",
        "zhang@customer.example",
        "boss@customer.example",
    )
    assert (inbound.answers, inbound.references) == (("d-77",), ("<0@customer.example>",))
    assert inbound.text == "still down"
    assert "> restart it" in (inbound.whole or "")
    assert inbound.raw == raw


def test_our_form_of_an_id_at_another_domain_is_no_answer_to_us():
    raw = HEAD + b"In-Reply-To: <yizhan.d-77@elsewhere.example>\r\n\r\nhi"
    inbound = to_inbound(parse(raw), raw, our_domain="huaxin.example")
    assert (inbound.answers, inbound.references) == ((), ("<yizhan.d-77@elsewhere.example>",))


@pytest.mark.parametrize("ident", [b"", b"Message-ID: \r\n", b"Message-ID: <" + b"x" * 300 + b"@y>\r\n"])
def test_without_a_usable_message_id_the_key_is_a_digest_of_the_bytes(ident):
    raw = b"From: a@b.example\r\n" + ident + b"\r\nhi"
    key = to_inbound(parse(raw), raw, our_domain="huaxin.example").key
    assert key.startswith("sha256:")
    assert key == to_inbound(parse(raw), raw, our_domain="huaxin.example").key
    assert key != to_inbound(parse(raw), raw + b" ", our_domain="huaxin.example").key


def test_a_bounce_answers_the_mail_of_ours_that_did_not_arrive():
    raw = (FIXTURES / "bounce_of_ours.eml").read_bytes()
    inbound = to_inbound(parse(raw), raw, our_domain="huaxin.example")
    assert (inbound.automatic, inbound.answers) == (Automatic.BOUNCE, ("d-1042",))
    assert inbound.bounce is Bounced.HARD


@pytest.mark.parametrize(
    ("action", "status", "means"),
    [
        pytest.param("failed", "5.1.1", "hard", id="no such mailbox"),
        pytest.param("failed", "5.1.10", "hard", id="a domain that takes no mail"),
        pytest.param("failed", "5.2.1", "hard", id="a mailbox that is switched off"),
        pytest.param("failed", "5.4.4", "hard", id="no way to the domain"),
        pytest.param("failed", "5.1.8", "soft", id="it is our address that is refused"),
        pytest.param("failed", "5.2.2", "soft", id="a full mailbox"),
        pytest.param("failed", "5.7.1", "soft", id="a policy"),
        pytest.param("failed", "4.4.7", "soft", id="given up after days of trying"),
        pytest.param("delayed", "4.4.1", "delayed", id="still being tried"),
    ],
)
def test_a_status_says_whether_the_next_mail_would_arrive(action, status, means):
    raw = (FIXTURES / "bounce_of_ours.eml").read_bytes()
    told = f"Action: {action}\nStatus: {status}".encode()
    raw = raw.replace(b"Action: failed\nStatus: 5.1.1", told).replace(b"user unknown", b"")
    assert to_inbound(parse(raw), raw, our_domain="huaxin.example").bounce == means


def test_a_relay_that_says_more_than_the_status_is_heard():
    raw = (FIXTURES / "bounce_of_ours.eml").read_bytes()
    said = b"Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.7.1 listed as spam"
    raw = raw.replace(b"Status: 5.1.1", said)
    assert to_inbound(parse(raw), raw, our_domain="huaxin.example").bounce is Bounced.SOFT


def test_a_report_in_plain_words_is_hard_only_with_the_codes_of_the_server():
    said = "From: MAILER-DAEMON@mx.example\nSubject: Delivery failed\n\n{} <a@b.example>: unknown user\n"
    plain, coded = (parse(said.format(code).encode()).bounce for code in ("550", "550 5.1.1"))
    assert plain
    assert coded
    assert (plain.means, coded.means) == (Bounced.SOFT, Bounced.HARD)


def test_html_alone_is_read_and_its_script_is_not():
    page = "<html><body><script>x()</script><p>机房断电</p><table><tr><td>A</td><td>B</td></tr></table></body></html>"
    mail = parse(HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page.encode())
    assert (mail.text.split(), "script" in mail.text) == (["机房断电", "A", "B"], False)


def test_a_very_long_page_is_read_by_the_plainer_reader():
    page = b"<p>begin</p>" + b"<div><b>x</b></div>" * 40_000 + b"<p>end</p>"
    mail = parse(HEAD + b"Content-Type: text/html\r\n\r\n" + page)
    assert (mail.text.startswith("begin"), mail.text.endswith("end")) == (True, True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/x.pdf", "x.pdf"),
        (r"C:\temp\x.pdf", "x.pdf"),
        ("..", ""),
        ("a\u202efdp.exe", "afdp.exe"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_file_name_is_never_a_path(name, expected):
    raw = HEAD + f'Content-Disposition: attachment; filename="{name.replace(chr(92), chr(92) * 2)}"\r\n\r\nx'.encode()
    assert [each.name for each in parse(raw).attachments] == [expected]


def multipart(levels):
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        pytest.param(HEAD + b"\r\n" + b"x" * 40_000_000, "message", id="40 MB"),
        pytest.param(
            HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\nhi\r\n" * 10_000,
            "parts",
            id="10,000 parts",
        ),
        pytest.param(HEAD + multipart(200) + b"\r\nhi", "parts", id="200 levels"),
        pytest.param(b"Subject: " + b"x" * 2_000_000, "header", id="a header of 2 MB"),
    ],
)
def test_what_is_too_much_is_said_with_its_place(raw, where):
    with pytest.raises(TooMuch) as raised:
        parse(raw)
    assert raised.value.where == where


def test_limits_can_be_set():
    with pytest.raises(TooMuch):
        parse(HEAD + multipart(3) + b"\r\nhi", Limits(depth=2))
    assert parse(HEAD + multipart(3) + b"\r\nhi", Limits(depth=3)).text == "hi"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b'To: "' + b'"\\' * 400_000 + b"\r\n\r\nx", id="open quotes"),
        pytest.param(b"\r\n" + (b"-" * 1900 + b"\n") * 4000, id="dashes"),
        pytest.param(b"\r\n" + (b"On 2024 <a@b" + b" @x" * 100 + b"\n") * 4900, id="introductions"),
        pytest.param(b"Subject: " + b"=?a?Q?" * 150_000 + b"\r\n\r\nx", id="unfinished words"),
    ],
)
def test_hostile_mails_end(raw):
    assert isinstance(parse(raw).text, str)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("-" * 900, id="dashes"),
        pytest.param("*" * 900 + "x", id="stars"),
        pytest.param("--", id="marks of a signature"),
        pytest.param("On 2024 <a@b" + " @x" * 100, id="introductions"),
        pytest.param("wrote " * 60 + ":", id="ends of introductions"),
        pytest.param("On 2024-01-01 10:00 a@b wrote:\n> quoted\nanswered", id="answers between quotes"),
        pytest.param("From: a\nSubject: b\n", id="headers"),
    ],
)
def test_twice_the_lines_take_twice_the_steps(line):
    once, twice = (steps(b"\r\nhello\n" + f"{line}\n".encode() * count) for count in (700, 1400))
    assert twice <= 2.2 * once


def steps(raw):
    """Count the calls that reading a mail takes: time would tell how busy the machine is."""
    count = 0

    def called(_frame, event, _about):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        parse(raw)
    finally:
        sys.setprofile(None)
    return count


def test_the_description_is_plain_json_data():
    raw = HEAD + b"Subject: x\r\nDate: Mon, 01 Jul 2024 16:05:30 +0800\r\n\r\nhi"
    assert describe(raw, "a.eml") == {
        "file": "a.eml",
        "message_id": "<1@customer.example>",
        "in_reply_to": None,
        "references": [],
        "from": "zhang@customer.example",
        "to": [],
        "subject": "x",
        "sent_at": "2024-07-01T08:05:30+00:00",
        "text": "hi",
        "reply": "hi",
        "automatic": None,
        "attachments": [],
    }


def test_a_fax_that_is_only_a_pdf_has_no_text_and_a_file():
    pdf = base64.encodebytes(b"%PDF-1.4 fax")
    mail = parse(
        HEAD + b"Content-Type: application/pdf; name=fax.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + pdf
    )
    assert (mail.text, [(each.name, each.content) for each in mail.attachments]) == ("", [("fax.pdf", b"%PDF-1.4 fax")])


SEEDS = [path.read_bytes() for path in sorted(FIXTURES.glob("*.eml"))]


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_mail(raw):
    mail = parse(raw)
    inbound = to_inbound(mail, raw, our_domain="huaxin.example")
    said = mail.text + mail.reply + mail.from_ + (mail.subject or "")
    assert said.encode("utf-8").decode("utf-8") == said
    assert (inbound.raw, bool(inbound.key)) == (raw, True)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_mail_is_still_a_mail(data):
    raw = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=12))
        if not raw:
            break
    mail = parse(bytes(raw))
    assert describe(bytes(raw), "x")["text"] == mail.text

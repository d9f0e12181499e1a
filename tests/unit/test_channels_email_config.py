"""The block of one mailbox, and the mails that go out."""

import email
import email.policy
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from channels.contract import GiveUp, Misconfigured, Outgoing, TryLater, Unreachable
from channels.email.compose import compose
from channels.email.config import Account
from channels.email.smtp import refused_recipient
from channels.settings import Secret

SERVER = {"host": "127.0.0.1"}
NOW = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)


def account(**changes):
    block = {"address": "Support@huaxin.example", "password": Secret("x"), "imap": dict(SERVER), "smtp": dict(SERVER)}
    return Account.model_validate(block | changes)


def outgoing(**changes):
    return Outgoing(**{"key": "d-1", "to": "zhang@customer.example", "text": "在路上了", "subject": "1042"} | changes)


def sent(**changes):
    return email.message_from_bytes(
        compose(outgoing(**changes), account(name="华信服务"), now=NOW), policy=email.policy.default
    )


def test_defaults_are_the_promised_times_and_encrypted_ports():
    made = account()
    assert made.times == ("08:30", "12:30", "17:30")
    assert (made.imap.port, made.imap.tls, made.smtp.port, made.smtp.tls) == (993, True, 465, "implicit")
    assert (made.address, made.our_domain) == ("support@huaxin.example", "huaxin.example")
    assert (made.imap_login().user, made.smtp_login().password) == ("support@huaxin.example", Secret("x"))


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({"password": None}, "give password"),
        ({"address": "support"}, "write one mail address"),
        ({"times": ["8:30"]}, 'write "HH:MM"'),
        ({"times": []}, "give times or every_minutes"),
        ({"imap": {"host": "imap.example.com", "tls": False}}, "leave tls: true and port 993"),
        ({"smtp": {"host": "smtp.example.com", "tls": "none"}}, "use implicit"),
        ({"imap": SERVER | {"password": Secret("x"), "oauth_token": Secret("y")}}, "not both"),
        ({"imap": SERVER | {"hsot": "x"}}, "hsot"),
    ],
)
def test_a_mistake_is_answered_with_its_cure(changes, cure):
    with pytest.raises(ValidationError, match=cure):
        account(**changes)


def test_a_mail_carries_our_id_the_thread_and_the_text():
    mail = sent(in_reply_to="<2@c.example>", references=("<1@c.example>", "sha256:ab", "<0@c.example>"))
    assert mail["Message-ID"] == "<yizhan.d-1@huaxin.example>"
    assert (mail["In-Reply-To"], mail["References"]) == ("<2@c.example>", "<0@c.example> <1@c.example> <2@c.example>")
    assert (mail["Date"].datetime, mail["From"]) == (NOW, "华信服务 <support@huaxin.example>")
    assert (mail["Auto-Submitted"], mail.get_content()) == (None, "在路上了\r\n")


def test_a_text_of_the_gateway_says_that_a_machine_wrote_it():
    mail = sent(automatic=True, in_reply_to="<2@c.example>")
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert sent(automatic=True)["Auto-Submitted"] == "auto-generated"


def test_a_key_that_was_made_distinct_still_names_the_message():
    assert sent(in_reply_to="<2@c.example>#0011223344556677")["In-Reply-To"] == "<2@c.example>"


def test_a_subject_cannot_begin_another_header():
    mail = sent(subject="x\r\nBcc: y@z.example\u2028a")
    assert (mail["Subject"], mail["Bcc"]) == ("x Bcc: y@z.example a", None)


def test_the_message_is_plain_ascii_on_the_wire():
    assert compose(outgoing(text="中文" * 1000 + "\0"), account(), now=NOW).isascii()


@pytest.mark.parametrize(
    "to",
    [
        "",
        "<>",
        "zhang",
        "a@b.example\r\nRCPT TO:<x@y>",
        "support@huaxin.example",
        "SUPPORT@HUAXIN.EXAMPLE",
        "MAILER-DAEMON@x.example",
        "no-reply@x.example",
        "noreply+12@x.example",
        "list-bounces@x.example",
        "postmaster@x.example",
        "a,b@x.example",
    ],
)
def test_nothing_is_sent_to_machines_to_ourselves_or_nowhere(to):
    with pytest.raises(GiveUp):
        compose(outgoing(to=to), account(), now=NOW)


def test_a_text_for_many_offers_the_one_click_on_one_line_and_still_wants_its_bounces():
    address = "https://support.a-company-with-a-long-name.example/yizhan/u/" + "7" * 60
    raw = compose(outgoing(unsubscribe=address), account(), now=NOW)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert f"List-Unsubscribe: <{address}>\r\n".encode() in raw
    assert (mail["List-Unsubscribe-Post"], mail["Precedence"]) == ("List-Unsubscribe=One-Click", "bulk")
    assert (mail["X-Auto-Response-Suppress"], mail["Auto-Submitted"]) == ("OOF, AutoReply", None)
    assert sent(unsubscribe=address, automatic=True)["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("address", ["http://plain.example/u/1", "https://a.example/u/1>\r\nBcc: x@y.example", "x"])
def test_an_address_that_no_one_click_may_have_is_not_offered(address):
    mail = sent(unsubscribe=address)
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"], mail["Bcc"]) == (None, None, None)
    assert mail["Precedence"] == "bulk"


def test_other_mails_say_nothing_of_unsubscribing():
    assert (sent()["List-Unsubscribe"], sent()["Precedence"]) == (None, None)


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        pytest.param(550, "5.1.1 <a@b.example>: no such user", Unreachable, id="no such mailbox"),
        pytest.param(556, "5.1.10 the domain takes no mail", Unreachable, id="a domain without mail"),
        pytest.param(550, "5.7.1 a@b.example is listed as spam", GiveUp, id="a policy"),
        pytest.param(550, "no such user a@b.example", GiveUp, id="without a status nobody knows"),
        pytest.param(452, "4.2.2 mailbox full", TryLater, id="for now"),
        pytest.param(554, "5.7.1 relay access denied", Misconfigured, id="we are not let in"),
    ],
)
def test_only_a_mailbox_that_is_gone_is_unreachable_for_good(code, said, kind):
    error = refused_recipient(code, said)
    assert type(error) is kind
    assert "a@b.example" not in str(error)

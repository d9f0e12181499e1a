"""The whole poll against a real Dovecot: order, cursor, marks, folders, crashes, torture mails."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.contract import Around, Misconfigured, TryLater, Unreadable
from channels.email.adapter import build
from channels.email.config import Account

pytestmark = pytest.mark.dovecot
NOW = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)


@dataclass
class Store:
    """Takes what a poll brings, as the gateway does: by key, with the cursor in the same breath."""

    cursor: str | None = None
    keys: dict[str, Any] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)
    fails: bool = False

    async def accept(self, items, *, cursor=None):
        if self.fails:
            raise RuntimeError("the disk is full")
        new = [item for item in items if item.key not in self.keys]
        self.keys.update({item.key: item for item in new})
        self.cursor = cursor
        self.batches.append(len(items))
        return len(new)


def mail(number, *, body="机柜无供电", message_id=None, extra=""):
    ident = message_id or f"<m{number}@customer.example>"
    head = (
        f"From: zhang@customer.example\r\nTo: support@huaxin.example\r\nSubject: no {number}\r\nMessage-ID: {ident}\r\n"
    )
    return (head + extra + f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body} {number}\r\n").encode()


@pytest.fixture
def make(dovecot, tmp_path):
    (tmp_path / "password").write_text(dovecot.password)

    def build_channel(password="password", smtp_port=1, max_mb=25, **imap):
        secret = {"file": str(tmp_path / password)}
        server = {"host": "127.0.0.1", "port": dovecot.port, "user": dovecot.user, "tls": False, "password": secret}
        block = {
            "address": "support@huaxin.example",
            "imap": {**server, "timeout_seconds": 10, **imap},
            "smtp": {"host": "127.0.0.1", "port": smtp_port, "tls": "none", "timeout_seconds": 2},
            "max_mb": max_mb,
        }
        around = Around(account="main", public_url="http://localhost", now=lambda: NOW)
        return build(Account.model_validate(block), around)

    return build_channel


async def test_new_mails_come_in_order_and_only_once(dovecot, make):
    channel, store = make(), Store()
    dovecot.deliver(mail(1), mail(2))
    polled = await channel.poll(None, store.accept)
    assert [store.keys[key].subject for key in store.keys] == ["no 1", "no 2"]
    assert (polled.first, polled.last, polled.count) == (1, 2, 2)
    dovecot.deliver(mail(3))
    polled = await channel.poll(store.cursor, store.accept)
    assert (polled.first, polled.last, polled.count) == (3, 3, 1)
    assert store.batches == [2, 1]


async def test_an_empty_mailbox_is_no_error(dovecot, make):
    dovecot.deliver()
    store = Store()
    polled = await make().poll(None, store.accept)
    assert (polled.first, polled.last, polled.count, store.batches) == (None, None, 0, [])


async def test_more_than_a_thousand_mails_come_in_bounded_batches(dovecot, make):
    store = Store()
    dovecot.deliver(*(mail(number) for number in range(1200)))
    polled = await make(mark_seen=True, processed_folder="已处理").poll(None, store.accept)
    assert (len(store.keys), polled.count, polled.last) == (1200, 1200, 1200)
    assert max(store.batches) == 40
    assert json.loads(store.cursor or "")["uid"] == 1200
    assert (len(dovecot.files()), len(dovecot.files(".&XfJZBHQG-"))) == (0, 1200)


async def test_stored_mails_are_marked_as_read_and_stay_without_a_folder(dovecot, make):
    dovecot.deliver(mail(1))
    await make(keyword="$Yizhan").poll(None, Store().accept)
    assert [path.name.rpartition(":2,")[2] for path in dovecot.files()] == ["Sa"]


async def test_they_move_to_a_folder_that_is_made_when_missing(dovecot, make):
    dovecot.deliver(mail(1), mail(2))
    await make(processed_folder="R&D 已处理").poll(None, Store().accept)
    assert dovecot.folder_names() == [".R&-D &XfJZBHQG-"]
    assert (len(dovecot.files()), len(dovecot.files(".R&-D &XfJZBHQG-"))) == (0, 2)


async def test_when_storing_fails_nothing_is_marked_and_the_next_poll_brings_the_same_keys(dovecot, make):
    channel, store = make(processed_folder="done"), Store(fails=True)
    dovecot.deliver(mail(1), mail(2))
    with pytest.raises(RuntimeError):
        await channel.poll(None, store.accept)
    assert [path.name for path in dovecot.files() if path.name.endswith("S")] == []
    store.fails = False
    await channel.poll(store.cursor, store.accept)
    assert list(store.keys) == ["<m1@customer.example>", "<m2@customer.example>"]


async def test_a_crash_between_storing_and_marking_loses_nothing(dovecot, make):
    class PulledPlug(BaseException):
        pass

    store = Store()

    async def stored_and_then_dark(items, *, cursor=None):
        await store.accept(items, cursor=cursor)
        raise PulledPlug

    dovecot.deliver(*(mail(number) for number in range(3)))
    with pytest.raises(PulledPlug):
        await make(batch=2).poll(None, stored_and_then_dark)
    assert len(store.keys) == 2
    await make(batch=2).poll(store.cursor, store.accept)
    assert len(store.keys) == 3
    again = Store()
    await make().poll(None, again.accept)
    assert list(again.keys) == list(store.keys)


async def test_after_another_uidvalidity_everything_is_read_again_with_the_same_keys(dovecot, make):
    store = Store()
    dovecot.deliver(mail(1), mail(2))
    first = await make().poll(None, store.accept)
    dovecot.empty()
    dovecot.deliver(mail(1), mail(2), mail(3))
    second = await make().poll(store.cursor, store.accept)
    assert first.generation != second.generation
    assert (second.first, second.count) == (1, 3)
    assert list(store.keys) == [f"<m{number}@customer.example>" for number in (1, 2, 3)]


TORTURE = {
    "no header at all": b"nothing but this line\r\n",
    "empty": b"",
    "nul bytes": mail(1, body="a\0b"),
    "raw gbk": "From: a@b.example\nSubject: 断网了\n\n请尽快处理".encode("gbk"),
    "lines that look like an answer of the server": mail(2, body="* 5 FETCH (UID 99)\r\nA1 OK done\r\n* BYE {12}\r\n)"),
    "a boundary that never comes": mail(3, extra="Content-Type: multipart/mixed; boundary=x\r\n"),
    "a line of a megabyte": mail(4, body="x" * 1_000_000),
    "bare line feeds": mail(5).replace(b"\r\n", b"\n"),
}


async def test_torture_mails_come_byte_for_byte(dovecot, make):
    store = Store()
    dovecot.deliver(*TORTURE.values())
    await make().poll(None, store.accept)
    raws = [item.raw.replace(b"\r\n", b"\n") for item in store.keys.values()]
    # IMAP cannot carry NUL; Dovecot writes 0x80 in its place.
    assert raws == [raw.replace(b"\r\n", b"\n").replace(b"\0", b"\x80") for raw in TORTURE.values()]
    assert [item for item in store.keys.values() if isinstance(item, Unreadable)] == []


async def test_a_mail_that_is_too_long_is_named_and_the_others_come(dovecot, make):
    store = Store()
    dovecot.deliver(mail(1), mail(2, body="x" * 300_000), mail(3))
    await make(max_mb=0.2).poll(None, store.accept)
    kinds = [type(item).__name__ for item in store.keys.values()]
    assert kinds == ["Inbound", "Unreadable", "Inbound"]
    long = next(item for item in store.keys.values() if isinstance(item, Unreadable))
    assert (long.where, len(long.raw), long.key.startswith("sha256:")) == ("message", 65536, True)


async def test_two_mails_with_one_message_id_are_both_kept_and_a_true_repeat_is_not(dovecot, make):
    store = Store()
    same = "<same@customer.example>"
    dovecot.deliver(mail(1, message_id=same), mail(2, message_id=same), mail(1, message_id=same))
    await make().poll(None, store.accept)
    assert [item.subject for item in store.keys.values()] == ["no 1", "no 2"]


async def test_a_wrong_password_is_a_configuration_error_and_is_not_repeated_in_it(dovecot, make, tmp_path):
    (tmp_path / "wrong").write_text("hunter2-wrong")
    with pytest.raises(Misconfigured) as raised:
        await make(password="wrong").poll(None, Store().accept)
    assert "hunter2" not in repr(raised.value) + repr(raised.value.__context__)


async def test_a_mailbox_that_is_not_there_is_a_configuration_error(dovecot, make):
    dovecot.deliver()
    with pytest.raises(Misconfigured, match=r"imap\.mailbox"):
        await make(mailbox="没有").poll(None, Store().accept)


async def test_a_server_that_is_not_there_is_tried_later(make):
    with pytest.raises(TryLater):
        await make(port=1).poll(None, Store().accept)


async def test_the_self_check_looks_without_changing_anything(dovecot, make):
    dovecot.deliver(mail(1))
    findings = await make().check()
    assert [finding.ok for finding in findings] == [True, False]
    assert [path.name for path in dovecot.files() if ":2,S" in path.name] == []

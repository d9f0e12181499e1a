"""One short conversation with an IMAP server (RFC 3501) over aioimaplib, with that library's pitfalls closed.

Every call ends: by its answer, by the end of the connection or by a timeout. Content comes as literals only.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import ssl
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aioimaplib import aioimaplib
from aioimaplib.aioimaplib import Command, FetchCommand

from channels.contract import Misconfigured, TryLater
from channels.email.config import Imap

AT_ONCE: Final = 200
"""UIDs in one command: aioimaplib dies of about 1,000 answer lines in one chunk."""
SLOWEST: Final = 50_000
"""Bytes a second below which a line counts as dead."""
OURSELVES: Final = '("name" "yizhan" "version" "1" "vendor" "yizhan" "support-email" "none")'
"""163 and 126 refuse SELECT ("Unsafe Login") before an ID (RFC 2971), and an ID with blanks inside its parentheses."""
_HEAD = re.compile(rb"^\d+ FETCH \(", re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d+)", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.IGNORECASE)
_VALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]", re.IGNORECASE)
_FLAGS = re.compile(rb"\[PERMANENTFLAGS \(([^)]*)\)\]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A selected mailbox."""

    validity: int
    """UIDVALIDITY; 0 when the server tells none."""
    flags: frozenset[str] = frozenset()
    read_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """One message as the server has it; None where it gave no literal."""

    uid: int
    content: bytes | None = field(repr=False)


class Silent(TryLater):
    """The server is there and did not answer in time."""


class Session:
    """A connection for one poll; not shared, not reused."""

    def __init__(self, settings: Imap) -> None:
        """`settings` with user and password filled in."""
        self._settings = settings
        self._timeout = settings.timeout_seconds
        self._client: Any = None
        self._lost: asyncio.Future[None] | None = None

    async def open(self) -> None:
        """Connect, log in and say who we are; raises TryLater or Misconfigured."""
        # At DEBUG the library writes every byte it reads into the log.
        logging.getLogger("aioimaplib").setLevel(logging.WARNING)
        settings = self._settings
        self._lost = lost = asyncio.get_running_loop().create_future()
        make = aioimaplib.IMAP4_SSL if settings.tls else aioimaplib.IMAP4
        more = {"ssl_context": ssl.create_default_context(cafile=settings.ca_file)} if settings.tls else {}
        self._client = make(host=settings.host, port=settings.port, timeout=2 * self._timeout, **more)
        self._client.protocol.conn_lost_cb = lambda _: _end(lost)
        await self._call(self._client.wait_hello_from_server(), "greeting")
        await self._log_in()
        await self._call(self._client.protocol.capability(), "capability")
        if "ID" in self._offers():
            await self._command("ID", OURSELVES)

    async def select(self, mailbox: str, *, examine: bool = False) -> Opened:
        """Open a mailbox; raises Misconfigured when the server refuses it."""
        name = quoted_mailbox(mailbox)
        protocol = self._client.protocol
        call = self._execute("EXAMINE", name) if examine else protocol.select(name)
        answer = await self._call(call, "select")
        if answer.result != "OK":
            raise Misconfigured(f"the mail server refuses to open the mailbox {mailbox!r}; check imap.mailbox")
        said = b"\n".join(bytes(line) for line in answer.lines)
        validity, flags = _VALIDITY.search(said), _FLAGS.search(said)
        return Opened(
            validity=int(validity[1]) if validity else 0,
            flags=frozenset(flags[1].decode("ascii", "replace").split()) if flags else frozenset(),
            read_only=b"[READ-ONLY]" in said.upper(),
        )

    async def above(self, uid: int) -> list[int]:
        """UIDs above `uid`, ascending; without CHARSET, which Aliyun, Exchange and Yahoo refuse."""
        protocol = self._client.protocol
        answer = await self._good(protocol.search(f"UID {uid + 1}:*", by_uid=True, charset=None), "search")
        words = b" ".join(bytes(line) for line in answer.lines[:-1]).split()
        # `n:*` names the last message even when it is below n (RFC 3501 6.4.8).
        return sorted({found for word in words if word.isdigit() and (found := int(word)) > uid})

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """RFC822.SIZE of at most 200 messages, in bytes; those that are gone are missing."""
        lines = await self._fetch(uids, "(UID RFC822.SIZE)", self._timeout)
        found: dict[int, int] = {}
        for line in lines:
            if isinstance(line, bytes) and _HEAD.match(line):
                uid, size = _UID.search(line), _SIZE.search(line)
                if uid and size:
                    found[int(uid[1])] = int(size[1])
        return found

    async def bodies(self, sizes: Mapping[int, int]) -> list[Fetched]:
        """These messages byte for byte, unread as before; one that is answered oddly is asked for again, alone."""
        timeout = self._timeout + sum(sizes.values()) / SLOWEST
        found = _literals(await self._fetch(list(sizes), "(UID BODY.PEEK[])", timeout))
        for uid in sizes:
            if len(sizes) > 1 and found.get(uid) is None:
                found |= _literals(await self._fetch([uid], "(UID BODY.PEEK[])", timeout))
        return [Fetched(uid=uid, content=found[uid]) for uid in sizes if uid in found]

    async def beginning(self, uid: int, length: int) -> bytes:
        """The first bytes of one message."""
        found = _literals(await self._fetch([uid], f"(UID BODY.PEEK[]<0.{length}>)", self._timeout))
        return found.get(uid) or b""

    async def mark(self, uids: Sequence[int], flags: Iterable[str]) -> None:
        """Add flags; the server answers nothing about each."""
        await self._good(
            self._client.protocol.store(_set(uids), "+FLAGS.SILENT", f"({' '.join(flags)})", by_uid=True), "store"
        )

    async def move(self, uids: Sequence[int], folder: str) -> None:
        """Into another folder, which is made when it is missing; raises Misconfigured when it cannot be."""
        if not await self._moved(uids, folder):
            await self._command("CREATE", quoted_mailbox(folder))
            if not await self._moved(uids, folder):
                raise Misconfigured(f"the mail server refuses the folder {folder!r}; check imap.processed_folder")

    async def noop(self) -> None:
        """Ask whether the server still answers."""
        await self._good(self._execute("NOOP"), "noop")

    async def close(self) -> None:
        """Say goodbye if there is anybody to say it to, and drop the connection."""
        if self._client is None:
            return
        protocol, task = self._client.protocol, self._client._client_task
        try:
            if protocol.transport is not None and self._lost is not None and not self._lost.done():
                await self._call(protocol.logout(), "logout", timeout=min(self._timeout, 2))
        except (TryLater, Misconfigured):
            pass  # the work is done; a server that cannot say goodbye harms nobody
        finally:
            self._drop()
            await asyncio.gather(task, *protocol.tasks, return_exceptions=True)

    async def _moved(self, uids: Sequence[int], folder: str) -> bool:
        protocol, name = self._client.protocol, quoted_mailbox(folder)
        if "MOVE" in self._offers():
            return bool((await self._call(protocol.move(_set(uids), name, by_uid=True), "move")).result == "OK")
        if (await self._call(protocol.copy(_set(uids), name, by_uid=True), "copy")).result != "OK":
            return False
        await self.mark(uids, [r"\Deleted"])
        if "UIDPLUS" in self._offers():
            # A plain EXPUNGE would also take what somebody else marked (RFC 4315 2.1).
            await self._good(protocol.expunge(_set(uids), by_uid=True), "expunge")
        return True

    async def _log_in(self) -> None:
        protocol, settings = self._client.protocol, self._settings
        if settings.oauth_token:
            login = protocol.xoauth2(self._settings.user, settings.oauth_token.reveal())
        else:
            password = settings.password.reveal() if settings.password else ""
            login = protocol.login(aioimaplib.quoted(self._settings.user), password)
        try:
            answer = await self._call(login, "login")
        except Silent:
            if settings.oauth_token:
                # A refused token is followed by a challenge that aioimaplib never answers.
                raise Misconfigured("the mail server does not accept the OAuth token; renew imap.oauth_token") from None
            raise
        if answer.result == "OK":
            return
        said = b" ".join(bytes(line) for line in answer.lines).upper()
        if b"[UNAVAILABLE]" in said or b"[INUSE]" in said or b"[LIMIT]" in said:
            raise TryLater("the mail server cannot log anybody in just now")
        raise Misconfigured(
            "the mail server refuses the login; check imap.user and the password (many providers want an app password)"
        )

    def _offers(self) -> set[str]:
        return {str(each).upper() for each in self._client.protocol.capabilities}

    def _execute(self, name: str, *arguments: str) -> Coroutine[Any, Any, Any]:
        protocol = self._client.protocol
        command = Command(name, protocol.new_tag(), *arguments, loop=asyncio.get_running_loop())
        execute: Coroutine[Any, Any, Any] = protocol.execute(command)
        return execute

    async def _command(self, name: str, *arguments: str) -> Any:
        return await self._call(self._execute(name, *arguments), name.lower())

    async def _fetch(self, uids: Sequence[int], what: str, timeout: float) -> list[Any]:
        protocol = self._client.protocol
        command = FetchCommand(protocol.new_tag(), _set(uids), what, prefix="UID", loop=asyncio.get_running_loop())
        answer = await self._good(protocol.execute(command), "fetch", timeout=timeout)
        return list(answer.lines)

    async def _good(self, call: Coroutine[Any, Any, Any], what: str, *, timeout: float | None = None) -> Any:
        answer = await self._call(call, what, timeout=timeout)
        if answer.result != "OK":
            raise TryLater(f"the mail server refuses {what}")
        return answer

    async def _call(self, call: Coroutine[Any, Any, Any], what: str, *, timeout: float | None = None) -> Any:
        """Await an answer, the end of the connection or the timeout; without an answer the connection is dropped."""
        lost = self._lost
        if lost is None:
            call.close()
            raise TryLater("not connected")
        asked = asyncio.ensure_future(call)
        try:
            await asyncio.wait((asked, lost), timeout=timeout or self._timeout, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                # An answer that came with the end of the connection still counts.
                await asyncio.sleep(0)
            if asked.done():
                return self._answer(asked, what)
        finally:
            closed = lost.done()
            if not asked.done():
                # First the library's own task, which holds a lock that even a cancelled call waits for.
                self._drop()
                asked.cancel()
                await asyncio.wait((asked,), timeout=1)
        if closed:
            raise TryLater(f"the mail server closed the connection at {what}")
        raise Silent(f"the mail server did not answer at {what}")

    def _answer(self, asked: asyncio.Future[Any], what: str) -> Any:
        """The library's exceptions repeat commands and answers, so only their kind is told."""
        try:
            return asked.result()
        except ssl.SSLCertVerificationError:
            raise Misconfigured(
                f"the certificate of {self._settings.host} is not trusted; check imap.host, or set imap.ca_file"
            ) from None
        except (
            aioimaplib.AioImapException,
            OSError,
            TimeoutError,
            ValueError,
            IndexError,
            asyncio.CancelledError,
        ) as error:
            self._drop()
            raise TryLater(f"the mail server cannot be used at {what} ({type(error).__name__})") from None

    def _drop(self) -> None:
        self._client._client_task.cancel()
        for task in self._client.protocol.tasks:
            task.cancel()
        transport = self._client.protocol.transport
        if transport is not None:
            transport.abort()


def _end(lost: asyncio.Future[None]) -> None:
    if not lost.done():
        lost.set_result(None)


def quoted_mailbox(name: str) -> str:
    """A mailbox name as it goes over the wire: modified UTF-7 (RFC 3501 5.1.3) in quotes; aioimaplib does neither."""
    out: list[str] = []
    for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name):
        if run.isascii() and run.isprintable():
            out.append(run.replace("&", "&-"))
        else:
            coded = base64.b64encode(run.encode("utf-16-be", "surrogatepass")).decode("ascii").rstrip("=")
            out.append(f"&{coded.replace('/', ',')}-")
    return str(aioimaplib.quoted("".join(out)))


def _set(uids: Sequence[int]) -> str:
    """A UID set; runs are written short."""
    out: list[str] = []
    at = 0
    while at < len(uids):
        end = at
        while end + 1 < len(uids) and uids[end + 1] == uids[end] + 1:
            end += 1
        out.append(str(uids[at]) if end == at else f"{uids[at]}:{uids[end]}")
        at = end + 1
    return ",".join(out)


def _literals(lines: Sequence[Any]) -> dict[int, bytes | None]:
    """UID to content; the UID may stand before or after the literal, and flags of other messages in between."""
    found: dict[int, bytes | None] = {}
    words, content = b"", None
    for line in (*lines, b"0 FETCH ("):
        if isinstance(line, bytearray):
            content = bytes(line)
        elif _HEAD.match(line):
            uid = _UID.search(words)
            if uid and (content is not None or b"BODY[]" in words.upper()):
                found[int(uid[1])] = content
            words, content = bytes(line), None
        else:
            words += b" " + line
    return found

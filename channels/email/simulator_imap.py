"""An IMAP4rev1 server on loopback (RFC 3501 with ID, UIDPLUS and MOVE) that keeps its mails in memory.

It serves one user, knows no TLS and no SEARCH by content. With `wants_id` it is as strict as 163 and 126: SELECT before
ID is refused as unsafe, and so is an ID whose list has blanks inside its parentheses.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

CAPABILITIES: Final = "IMAP4rev1 ID UIDPLUS MOVE LITERAL+"
_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n$")
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\([^()]*\)|[^\s()"]+(?:\[[^\]]*\](?:<[^>]*>)?)?)')
_PARTIAL = re.compile(r"BODY(?:\.PEEK)?\[\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)


@dataclass(kw_only=True, slots=True)
class Stored:
    """One message in a folder."""

    uid: int
    content: bytes = field(repr=False)
    flags: set[str] = field(default_factory=set)


@dataclass(kw_only=True, slots=True)
class Folder:
    """One mailbox; names are kept as the client wrote them."""

    validity: int
    messages: list[Stored] = field(default_factory=list)
    next_uid: int = 1

    def add(self, content: bytes, flags: set[str] | None = None) -> int:
        """Append a message; returns its UID."""
        self.messages.append(Stored(uid=self.next_uid, content=content, flags=set(flags or ())))
        self.next_uid += 1
        return self.next_uid - 1


@dataclass(kw_only=True, slots=True)
class ImapServer:
    """The server and its folders; `gate` is awaited before every answer and may raise ConnectionError to close."""

    user: str
    password: str = field(repr=False)
    gate: Callable[[], Awaitable[None]]
    wants_id: bool = False
    folders: dict[str, Folder] = field(default_factory=lambda: {"INBOX": Folder(validity=1)})
    working: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        """Listen on a free loopback port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await self.gate()
            writer.write(f"* OK [CAPABILITY {CAPABILITIES}] ready\r\n".encode())
            await _Talk(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, ValueError, asyncio.CancelledError):
            pass  # the client is gone, or the server is down
        finally:
            writer.close()


class _Talk:
    """One connection."""

    def __init__(self, server: ImapServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._known = self._logged_in = self._ended = False
        self._folder: Folder | None = None

    async def run(self) -> None:
        while not self._ended:
            line = await self._line()
            if line is None:
                return
            self._server.working += 1
            try:
                await self._server.gate()
                self._answer(line)
            finally:
                self._server.working -= 1
            await self._writer.drain()

    async def _line(self) -> str | None:
        """One command with its literals, which are put in as quoted strings."""
        whole = b""
        while True:
            line = await self._reader.readline()
            if not line:
                return None
            match = _LITERAL.search(line)
            if match is None:
                return (whole + line).decode("utf-8", "replace").strip()
            if not match[2]:
                self._writer.write(b"+ go on\r\n")
            content = await self._reader.readexactly(int(match[1]))
            escaped = content.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            whole += line[: match.start()] + b'"' + escaped + b'"'

    def _answer(self, line: str) -> None:
        tag, _, rest = line.partition(" ")
        name, _, arguments = rest.partition(" ")
        by_uid = name.upper() == "UID"
        if by_uid:
            name, _, arguments = arguments.partition(" ")
        act = getattr(self, f"_do_{name.lower()}", None)
        if act is None:
            said = "BAD unknown command"
        elif not self._logged_in and name.upper() not in ("CAPABILITY", "NOOP", "LOGOUT", "ID", "LOGIN"):
            said = "NO log in first"
        else:
            said = act([_unquoted(match) for match in _TOKEN.finditer(arguments)])
        self._writer.write(f"{tag} {said}\r\n".encode())

    def _say(self, text: str) -> None:
        self._writer.write(f"* {text}\r\n".encode())

    def _do_capability(self, _words: list[str]) -> str:
        self._say(f"CAPABILITY {CAPABILITIES}")
        return "OK done"

    def _do_noop(self, _words: list[str]) -> str:
        return "OK done"

    def _do_id(self, words: list[str]) -> str:
        if self._server.wants_id and words and re.search(r"^\(\s|\s\)$", words[0]):
            return "BAD invalid ID"
        self._known = True
        self._say('ID ("name" "simulator")')
        return "OK done"

    def _do_login(self, words: list[str]) -> str:
        self._logged_in = words == [self._server.user, self._server.password]
        return "OK welcome" if self._logged_in else "NO [AUTHENTICATIONFAILED] LOGIN Login error or password error"

    def _do_logout(self, _words: list[str]) -> str:
        self._ended = True
        self._say("BYE see you")
        return "OK done"

    def _do_list(self, _words: list[str]) -> str:
        for name in self._server.folders:
            self._say(f'LIST () "/" "{name}"')
        return "OK done"

    def _do_create(self, words: list[str]) -> str:
        if words[0] in self._server.folders:
            return "NO [ALREADYEXISTS] it is there"
        self._server.folders[words[0]] = Folder(validity=len(self._server.folders) + 1)
        return "OK done"

    def _do_select(self, words: list[str]) -> str:
        if self._server.wants_id and not self._known:
            return "NO SELECT Unsafe Login. Please contact kefu@188.com for help"
        name = "INBOX" if words[0].upper() == "INBOX" else words[0]
        self._folder = folder = self._server.folders.get(name)
        if folder is None:
            return "NO [NONEXISTENT] there is no such mailbox"
        self._say(r"FLAGS (\Seen \Deleted \Flagged \Answered \Draft)")
        self._say(r"OK [PERMANENTFLAGS (\Seen \Deleted \Flagged \Answered \Draft \*)] limited")
        self._say(f"{len(folder.messages)} EXISTS")
        self._say("0 RECENT")
        self._say(f"OK [UIDVALIDITY {folder.validity}] valid")
        self._say(f"OK [UIDNEXT {folder.next_uid}] next")
        return "OK [READ-WRITE] selected"

    def _do_examine(self, words: list[str]) -> str:
        return self._do_select(words).replace("[READ-WRITE]", "[READ-ONLY]")

    def _do_search(self, words: list[str]) -> str:
        if words and words[0].upper() == "CHARSET":
            return "NO [BADCHARSET] not supported"
        chosen = self._chosen(words[words.index("UID") + 1] if "UID" in words else "1:*")
        if "UNSEEN" in (word.upper() for word in words):
            chosen = [message for message in chosen if r"\Seen" not in message.flags]
        self._say("SEARCH " + " ".join(str(message.uid) for message in chosen))
        return "OK done"

    def _do_fetch(self, words: list[str]) -> str:
        for message in self._chosen(words[0]):
            self._fetch(message, " ".join(words[1:]).upper())
        return "OK done"

    def _fetch(self, message: Stored, wanted: str) -> None:
        number = self._messages().index(message) + 1
        parts = [f"UID {message.uid}"]
        if "FLAGS" in wanted:
            parts.append(f"FLAGS ({' '.join(sorted(message.flags))})")
        if "RFC822.SIZE" in wanted:
            parts.append(f"RFC822.SIZE {len(message.content)}")
        body = _PARTIAL.search(wanted)
        if body is None:
            self._say(f"{number} FETCH ({' '.join(parts)})")
            return
        start = int(body[1] or 0)
        content = message.content[start : start + int(body[2])] if body[2] else message.content
        name = f"BODY[]<{start}>" if body[1] else "BODY[]"
        self._writer.write(f"* {number} FETCH ({' '.join(parts)} {name} {{{len(content)}}}\r\n".encode())
        self._writer.write(content + b")\r\n")
        if "PEEK" not in wanted:
            message.flags.add(r"\Seen")

    def _do_store(self, words: list[str]) -> str:
        flags = set(" ".join(words[2:]).strip("()").split())
        for message in self._chosen(words[0]):
            message.flags = message.flags - flags if words[1].startswith("-") else message.flags | flags
            if "SILENT" not in words[1].upper():
                self._fetch(message, "FLAGS")
        return "OK done"

    def _do_copy(self, words: list[str]) -> str:
        folder = self._server.folders.get(words[1])
        if folder is None:
            return "NO [TRYCREATE] there is no such mailbox"
        for message in self._chosen(words[0]):
            folder.add(message.content, message.flags)
        return "OK done"

    def _do_move(self, words: list[str]) -> str:
        said = self._do_copy(words)
        if said.startswith("OK"):
            self._take(self._chosen(words[0]))
        return said

    def _do_expunge(self, words: list[str]) -> str:
        chosen = self._chosen(words[0]) if words else self._messages()
        self._take([message for message in chosen if r"\Deleted" in message.flags])
        return "OK done"

    def _take(self, messages: list[Stored]) -> None:
        for message in list(messages):
            self._say(f"{self._messages().index(message) + 1} EXPUNGE")
            self._messages().remove(message)

    def _messages(self) -> list[Stored]:
        return self._folder.messages if self._folder else []

    def _chosen(self, uids: str) -> list[Stored]:
        """Messages of a UID set; the highest UID stands for `*`."""
        last = max((message.uid for message in self._messages()), default=0)
        wanted: set[int] = set()
        for part in uids.split(","):
            ends = [last if end == "*" else int(end) for end in part.split(":")]
            wanted |= {m.uid for m in self._messages() if min(ends) <= m.uid <= max(ends)}
        return [message for message in self._messages() if message.uid in wanted]


def _unquoted(match: re.Match[str]) -> str:
    return match[2] if match[1] is None else re.sub(r"\\(.)", r"\1", match[1])

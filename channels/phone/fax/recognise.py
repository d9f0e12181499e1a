"""Reads what a fax says, as a suggestion with a confidence: in a process that is ended when its time is over."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from channels.contract import Attachment, Inbound
from channels.phone.fax.parse import PDF, TIFF, UNREAD

PROGRAM = Path(__file__).with_name("pages.py")
LOW = 60
"""Percent below which nobody may rely on what was recognised."""
LONGEST = 20_000
"""Characters of a recognised text that are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What was read of one file; without `text` the reason is `why`."""

    text: str = field(default="", repr=False)
    confidence: int = 0
    """Percent."""
    printed: bool = False
    """It is the text of the file itself and no guess."""
    pages: int | None = None
    read: int = 0
    """Pages that were read."""
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Runs the program that reads; `command` starts it, up to its arguments."""

    languages: str = "chi_sim+eng"
    pages: int = 10
    seconds: float = 60
    command: Sequence[str] = (sys.executable, "-P", str(PROGRAM))

    async def read(self, content: bytes) -> Reading:
        """Read one file; never raises, and takes no longer than `seconds`."""
        try:
            out = await self._run(content)
            found = json.loads(out)
            return _reading(found)
        except TimeoutError:
            return Reading(why=f"识别超过 {self.seconds:g} 秒")
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            return Reading(why=f"识别程序出错（{type(error).__name__}）")

    async def _run(self, content: bytes) -> bytes:
        with TemporaryDirectory(prefix="yizhan-fax-", ignore_cleanup_errors=True) as folder:
            return await self._run_in(folder, content)

    async def _run_in(self, folder: str, content: bytes) -> bytes:
        """Run it with a folder of its own for what Tesseract leaves behind when it is ended."""
        arguments = (self.languages, str(self.pages), str(self.seconds))
        process = await asyncio.create_subprocess_exec(
            *self.command,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            # One thread: Tesseract's own four are slower together than one each for four faxes.
            env={**os.environ, "OMP_THREAD_LIMIT": "1", "TMPDIR": folder},
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self.seconds):
                out, _ = await process.communicate(content)
        finally:
            if process.returncode is None:
                _end(process.pid)
                await process.wait()
        return out


async def enriched(inbound: Inbound, reader: Reader) -> Inbound:
    """The message with what its files say; one that was read already, or has no fax, stays as it is."""
    files = [one for one in inbound.attachments if one.type in (TIFF, PDF)]
    if not files or UNREAD not in inbound.text:
        return inbound
    before, _, _ = inbound.text.rpartition("[传真 ")
    notes = [worded(await reader.read(one.content), one) for one in files]
    return replace(inbound, text=before + "\n".join(notes))


def worded(reading: Reading, file: Attachment) -> str:
    """What is shown of a reading: always said to be a guess, and to be checked against the original."""
    what = f"{reading.pages} 页" if reading.pages else "PDF" if file.type == PDF else "TIFF"
    if not reading.text:
        return f"[传真 {what}，{reading.why or '没有识别出文字'}，{UNREAD}"
    more = f"，只识别前 {reading.read} 页" if reading.pages and reading.read < reading.pages else ""
    if reading.printed:
        head = f"[传真 {what}，PDF 自带文字{more}，请核对原件]"
    elif reading.confidence < LOW:
        head = f"[传真识别，可信度 {reading.confidence}%，过低{more}，必须由人看原件]"
    else:
        head = f"[传真识别，可信度 {reading.confidence}%{more}，请核对原件]"
    return f"{head}\n{reading.text[:LONGEST]}"


def _reading(found: dict[str, object]) -> Reading:
    if "missing" in found:
        return Reading(why=f"本机没有识别所需的 {found['missing']}")
    if "error" in found:
        return Reading(why=f"无法识别（{found['error']}）")
    return Reading(
        text=str(found["text"]).strip(),
        confidence=int(str(found["confidence"])),
        printed=found["how"] == "pdf",
        pages=int(str(found["pages"])),
        read=int(str(found["read"])),
    )


def _end(process: int) -> None:
    """End the program and what it started; it leads a group of its own."""
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        return  # it ended by itself in between

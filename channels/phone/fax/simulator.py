"""A fax server that puts what it received into a folder; knows nothing of the adapter.

Texts come as PDF with the text in it, as servers with recognition of their own write them; pictures come as TIFF of
standard quality (204 by 98 dpi, ITU-T T.4). The log is HylaFAX's (manual page xferfaxlog(5) of HylaFAX 6.0.7).
"""

from __future__ import annotations

import os
import struct
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from channels.simulation import Fault, Heard, Ticker

ZONE: Final = ZoneInfo("Asia/Shanghai")
LINE: Final = "+86.10.10000001"


class FaxServer:
    """One fax line with a folder of its own."""

    exempt: Final = {
        "headers": "nothing is called by HTTP",
        "body": "nothing is called by HTTP",
        "url": "nothing is called by HTTP",
        "type": "nothing is called by HTTP",
        "statuses": "nothing is sent",
        "length": "nothing is sent",
    }

    def __init__(self, clock: Ticker, account: str) -> None:
        self.fault = Fault.UP
        self.heard: list[Heard] = []
        self.person = "+862155558888"
        self._clock = clock
        self._account = account
        self._folder: Path | None = None
        self._own: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    async def start(self) -> None:
        """Make the folder."""
        self._own = tempfile.TemporaryDirectory(prefix=f"fax-{self._account}-")
        self._folder = Path(self._own.name)
        (self._folder / "recvq").mkdir()
        (self._folder / "log").mkdir()
        self.log.touch()

    async def stop(self) -> None:
        """Remove the folder."""
        if self._own is not None:
            self._own.cleanup()
            self._own = None

    @property
    def folder(self) -> Path:
        """Where received faxes lie."""
        return self._root / "recvq"

    @property
    def log(self) -> Path:
        """The account of calls."""
        return self._root / "log" / "xferfaxlog"

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; there is no secret."""
        del folder
        return {"folder": str(self.folder), "log": str(self.log), "every_seconds": 1}

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A fax with this text arrives; returns the name of its file. A fax has no group and answers nothing."""
        del group, answers
        return self.receive(pdf(f"{subject}\n{text}" if subject else text), sender, "pdf")

    def receive(self, content: bytes, sender: str, ending: str = "tif", *, station: str = "RIG MODEM 0") -> str:
        """A fax arrives and its call ends; returns the name of its file, "" while the line is down."""
        if self.fault == Fault.DOWN:
            return ""
        self._count += 1
        name = f"fax{self._count:09}.{ending}"
        self._put(name, content)
        self._account_for("RECV", file=f"recvq/{name}", sender=sender, station=station, pages=1)
        self._account_for("CALL", sender=sender)
        if self.fault == Fault.TWICE:
            self._put(f"again-{name}", content)
        return name

    def fail(self, sender: str, reason: str = "RSPREC error/got EOT {E 114}") -> None:
        """A call comes and brings no fax: a CALL line with a reason and no RECV line."""
        self._count += 1
        self._account_for("CALL", sender=sender, reason=reason)

    def busy(self) -> bool:
        """Nothing is ever under way: a file is there or it is not."""
        return False

    @property
    def _root(self) -> Path:
        assert self._folder is not None, "the simulator was not started"  # noqa: S101 - a mistake of ours
        return self._folder

    def _put(self, name: str, content: bytes) -> None:
        hidden = self.folder / f".{name}"
        hidden.write_bytes(content)
        hidden.rename(self.folder / name)
        now = self._clock.now().timestamp()
        os.utime(self.folder / name, (now, now))

    def _account_for(
        self, kind: str, *, sender: str, file: str = "", station: str = "", pages: int = 0, reason: str = ""
    ) -> None:
        at = self._clock.now().astimezone(ZONE).strftime("%m/%d/%y %H:%M")
        texts = [LINE, station], [reason, "", sender, "", "", ""]
        before, after = (["".join(('"', one.replace('"', '\\"'), '"')) for one in some] for some in texts)
        times = ["0:00:22", "0:00:22"]
        start = [at, kind, f"{self._count:09}", "ttyIAX1", file, '""', "fax"]
        fields = [*start, *before, "2220073", str(pages), *times, *after]
        with self.log.open("a", encoding="utf-8") as log:
            log.write("\t".join(fields) + "\n")


def pdf(text: str, pages: int = 1) -> bytes:
    """A PDF whose letters are UTF-16 codes of a font that is not in it, with their meaning (ISO 32000-1, 9.10.3)."""
    meaning = (
        b"/CIDInit /ProcSet findresource begin begincmap /CMapName /U def /CMapType 2 def "
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange "
        b"1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end"
    )
    lines = [f"<{line.encode('utf-16-be').hex()}> Tj 0 -16 Td" for line in text.splitlines()]
    shown = f"BT /F 12 Tf 40 800 Td {' '.join(lines)} ET".encode()
    kids = " ".join(f"{6 + at} 0 R" for at in range(pages))
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents 5 0 R >>"
    )
    return _pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
            (
                b"<< /Type /Font /Subtype /Type0 /BaseFont /S /Encoding /Identity-H /ToUnicode 4 0 R /DescendantFonts "
                b"[<< /Type /Font /Subtype /CIDFontType2 /BaseFont /S /CIDSystemInfo "
                b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>] >>"
            ),
            _stream(meaning),
            _stream(shown),
            *[page] * pages,
        ]
    )


def tiff(pages: list[tuple[int, int, bytes]], *, dpi: tuple[int, int] = (204, 98)) -> bytes:
    """Bilevel pages (width, height, rows of bits, 1 is black) as an uncompressed TIFF (TIFF 6.0, section 3)."""
    out = bytearray(struct.pack("<2sHI", b"II", 42, 0))
    link = 4
    for number, (width, height, bits) in enumerate(pages):
        at = len(out)
        out += bits
        across, down = len(out), len(out) + 8
        out += struct.pack("<IIII", dpi[0], 1, dpi[1], 1)
        struct.pack_into("<I", out, link, len(out))
        tags = [(254, 4, 2), (256, 4, width), (257, 4, height), (258, 3, 1), (259, 3, 1), (262, 3, 0), (273, 4, at)]
        tags += [(277, 3, 1), (278, 4, height), (279, 4, len(bits)), (282, 5, across), (283, 5, down), (296, 3, 2)]
        tags += [(297, 3, number | len(pages) << 16)]
        out += struct.pack("<H", len(tags))
        out += b"".join(
            struct.pack("<HHII", tag, kind, 2 if tag == 297 else 1, value) for tag, kind, value in sorted(tags)
        )
        link = len(out)
        out += bytes(4)
    return bytes(out)


def _stream(body: bytes) -> bytes:
    packed = zlib.compress(body)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(packed), packed)


def _pdf(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def build(*, clock: Ticker, gateway_url: str, account: str, **more: Any) -> FaxServer:
    """One simulated fax line; it calls nobody."""
    del gateway_url, more
    return FaxServer(clock, account)

"""Sends requests: wrk with requests written beforehand, and connections of our own that time each one."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from bench.peers import Absent

SCRIPT = """
local requests, at = {}, 0
function init(args)
  local file = io.open("%(file)s", "rb")
  local count = file:read("*n"); file:read(1)
  for i = 1, count do
    local size = file:read("*n"); file:read(1)
    requests[i] = file:read(size); file:read(1)
  end
  file:close()
end
function request()
  at = at %% #requests + 1
  return requests[at]
end
function done(s, l, r)
  io.write(string.format("RES %%d %%f %%f %%f %%d\\n", s.requests, s.duration / 1e6, l:percentile(50) / 1e3,
    l:percentile(99) / 1e3, s.errors.status + s.errors.read + s.errors.timeout))
end
"""


def wrk(port: int, requests: Sequence[bytes], *, connections: int, seconds: int, folder: Path) -> dict[str, float]:
    """Send each request once, over kept connections; raises RuntimeError for any answer that is not 2xx or 3xx."""
    if shutil.which("wrk") is None:
        raise Absent("wrk is not installed; run: apt-get install wrk")
    file, script = folder / "requests", folder / "requests.lua"
    with file.open("wb") as out:
        out.write(b"%d\n" % len(requests))
        for request in requests:
            out.write(b"%d\n%b\n" % (len(request), request))
    script.write_text(SCRIPT % {"file": file})
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}/"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"RES (\S+) (\S+) (\S+) (\S+) (\S+)", said)
    if found is None or int(found[5]):
        raise RuntimeError(f"errors under load: {said}")
    count = int(found[1])
    if count > len(requests):
        raise RuntimeError(f"{count} requests sent of {len(requests)} written: write more")
    return {"count": count, "rps": count / float(found[2]), "p50": float(found[3]), "p99": float(found[4])}


class Line:
    """One kept connection; `post` returns when the whole answer is here."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> Line:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def post(self, request: bytes) -> int:
        """Return the status."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        if found:
            await self._reader.readexactly(int(found[1]))
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        self._writer.close()


async def paced(port: int, requests: Sequence[bytes], *, per_second: float) -> list[float]:
    """Send one at a time at a steady rate; returns when each was begun."""
    line, begun = await Line(port).open(), []
    start = time.perf_counter()
    for number, request in enumerate(requests):
        await asyncio.sleep(max(0.0, start + number / per_second - time.perf_counter()))
        begun.append(time.perf_counter())
        status = await line.post(request)
        if status != 200:
            raise RuntimeError(f"answered {status}")
    line.close()
    return begun


async def flood(port: int, requests: Sequence[bytes], *, connections: int) -> list[float]:
    """Send all as fast as answers come, over so many connections; returns when each was begun."""
    begun = [0.0] * len(requests)
    lines = [await Line(port).open() for _ in range(connections)]

    async def one(first: int, line: Line) -> None:
        for number in range(first, len(requests), connections):
            begun[number] = time.perf_counter()
            status = await line.post(requests[number])
            if status != 200:
                raise RuntimeError(f"answered {status}")

    await asyncio.gather(*(one(first, line) for first, line in enumerate(lines)))
    for line in lines:
        line.close()
    return begun

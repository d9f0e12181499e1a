"""Looks at the stacks of all threads some hundred times a second, and writes which functions were on them."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType, TracebackType

EVERY = 0.004
"""Seconds between two looks. A look needs the interpreter, so waiting in C is seen as the line that waits."""


class Sampler:
    """`with Sampler(file):`; threads that only wait are left out."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._inside: Counter[tuple[str, str]] = Counter()
        self._top: Counter[tuple[str, str]] = Counter()
        self._looks: Counter[str] = Counter()

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        self._write()

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            names = {thread.ident: thread.name for thread in threading.enumerate()}
            for ident, frame in sys._current_frames().items():
                name = names.get(ident, "?")
                if name != "sampler":
                    self._look(name, frame)

    def _look(self, thread: str, frame: FrameType) -> None:
        self._looks[thread] += 1
        stack: list[str] = []
        at: FrameType | None = frame
        while at is not None:
            stack.append(_named(at))
            at = at.f_back
        self._top[thread, stack[0]] += 1
        for one in set(stack):
            self._inside[thread, one] += 1

    def _write(self) -> None:
        lines = []
        for thread, looks in self._looks.most_common():
            lines.append(f"== {thread}: {looks} looks")
            for title, counts in (("inside", self._inside), ("on top", self._top)):
                lines.append(f"-- {title}")
                here = Counter({name: count for (at, name), count in counts.items() if at == thread})
                lines += [f"{count / looks:6.1%} {name}" for name, count in here.most_common(45)]
        self._file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _named(frame: FrameType) -> str:
    code = frame.f_code
    parts = Path(code.co_filename).parts[-2:]
    return f"{'/'.join(parts)}:{code.co_name}"

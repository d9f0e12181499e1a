"""A real browser in front of a whole sandbox."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gateway.sandbox.house import Running, opened
from gateway.speed import SpeedClock

CHROMIUM = Path("/usr/bin/chromium")
ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]


class Played:
    """A sandbox on a loop of its own, in a thread."""

    def __init__(self, folder: Path, start: datetime, *, whole: bool = False) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._opened = opened(folder=folder, clock=SpeedClock(start), whole=whole)
        self.running: Running = self.do(self._opened.__aenter__())
        self.url = self.running.url

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        self.do(self._opened.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"the browser tests need Chromium at {CHROMIUM} (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def sandbox(tmp_path: Path, office: datetime) -> Iterator[Played]:
    played = Played(tmp_path, office)
    with contextlib.closing(played):
        yield played


@pytest.fixture
def whole_sandbox(tmp_path: Path, office: datetime) -> Iterator[Played]:
    """With every further channel of the program."""
    played = Played(tmp_path, office, whole=True)
    with contextlib.closing(played):
        yield played


Open = Callable[..., Page]


@pytest.fixture
def browse(chromium: Browser, sandbox: Played) -> Iterator[Open]:
    """Open a page; at the end nothing may have been asked of another host, and no script may have failed."""
    contexts: list[BrowserContext] = []
    asked: set[str] = set()
    failed: list[str] = []

    def open_page(path: str = "/", **options: Any) -> Page:
        options = {"locale": "zh-CN", "viewport": {"width": 1280, "height": 900}, **options}
        context = chromium.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("console", lambda line: failed.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto(sandbox.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert asked <= {urlsplit(sandbox.url).netloc, ""}
    assert failed == []

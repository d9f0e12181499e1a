"""Plays a whole night in the sandbox at 60x, in a real browser, and takes screenshots at the telling moments.

`python tools/night_in_sandbox.py --out FOLDER`. Three outages; the lead sleeps through the first, the text provider is
down during the second, and at midnight somebody else leads, by a swap of two replies. Needs Chromium; nothing leaves
this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import sys
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

if (root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, root)

from gateway.log import set_up
from gateway.sandbox.house import Running, opened
from gateway.speed import SpeedClock

CHROMIUM = "/usr/bin/chromium"
ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
EVENING = datetime(2026, 11, 24, 15, 10, tzinfo=UTC)
"""23:10 in Shanghai."""
PATIENCE = 60.0
"""Seconds of real time, an hour of the night, until something that must happen has happened."""


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Run a sandbox on a loop of its own, in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def do(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    house = opened(folder=folder, clock=SpeedClock(EVENING), whole=False)
    try:
        played = do(house.__aenter__())
        try:
            yield played
        finally:
            do(house.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass
class Night:
    """One night in the browser."""

    page: Page
    url: str
    out: Path
    shots: list[str] = field(default_factory=list)

    def shot(self, name: str, path: str = "/") -> None:
        """Look at a page and keep the picture."""
        if path != "/":
            self.page.goto(self.url + path)
        file = self.out / f"{len(self.shots) + 1:02d}-{name}.png"
        self.page.screenshot(path=str(file), full_page=True)
        self.shots.append(file.name)
        if path != "/":
            self.page.goto(self.url)

    def text(self, who: str, words: str) -> None:
        """Somebody on the page writes a text."""
        self.page.fill(f"#text-{who}", words)
        self.page.locator(f"form:has(#text-{who}) button").click()

    def customer(self, key: str, words: str) -> None:
        """One of the customers writes a text."""
        self.page.goto(f"{self.url}/?customer={key}")
        self.text("customer", words)
        self.page.goto(self.url)

    def press(self, name: str) -> None:
        """Press a button that the page knows by its id or its value."""
        self.page.locator(name).first.click()

    def clock(self, act: str) -> None:
        """Press a button of the clock, and wait until everything that was due meanwhile has happened."""
        sent = """act => {
            const form = document.querySelector("form[action='/sandbox/clock']");
            const body = new URLSearchParams(new FormData(form));
            body.set("act", act);
            return fetch("/sandbox/clock", {method: "POST", body}).then(answer => answer.ok);
        }"""
        if not self.page.evaluate(sent, act):
            raise RuntimeError("the clock refused")
        self.page.goto(self.url)

    def stand(self) -> None:
        """Let the clock stand: at 60x a call is over within a second, and nobody could look at it."""
        self.clock("pause")

    def minutes(self, count: int) -> None:
        """Move the standing clock on, minute by minute; everything happens at its time."""
        for _ in range(count):
            self.clock("1m")

    def key(self, person: str, digit: str) -> None:
        """Somebody presses a key of the phone that rings; then the night goes on."""
        self.press(f"#key-{person}-{digit}")
        self.until("#tickets .state-taken")
        self.clock("x60")

    def until(self, selector: str) -> None:
        """Wait until it is on the page."""
        self.page.locator(selector).first.wait_for(timeout=PATIENCE * 1000)

    def leap(self, hours: int) -> None:
        """Nothing happens for some hours."""
        for _ in range(hours):
            self.clock("1h")

    def answered(self, who: str, question: str, words: str, then: str) -> None:
        """Somebody answers what the gateway asked them, and it says what follows."""
        self.until(f"#{who} .bubble:has-text('{question}')")
        self.text(who, words)
        self.until(f"#{who} .bubble:has-text('{then}')")


def play(night: Night) -> None:
    """Play the night."""
    night.clock("x60")
    first_outage(night)
    midnight(night)
    second_outage(night)
    third_outage(night)


def first_outage(night: Night) -> None:
    """23:10: the lead sleeps; the ladder goes on until the second takes it."""
    night.stand()
    night.customer("c1", "滨江机房全部断电，业务全部中断")
    night.until("#zhang .bubble:has-text('1001')")
    night.shot("the-lead-sleeps")
    night.minutes(1)
    night.until("#call-zhang .calling")
    night.shot("the-phone-of-the-lead-rings")
    night.minutes(3)
    night.until("#call-li .calling")
    night.shot("nobody-took-it-and-the-second-is-called")
    night.key("li", "1")
    night.shot("the-second-has-taken-it")
    night.shot("board-before-midnight", "/board")
    night.text("li", "到场 1001")
    night.text("li", "解决 1001 更换电源模块")
    night.until("#tickets .state-resolved")


def midnight(night: Night) -> None:
    """The lead swaps the coming day with somebody else, who takes the shift over at 00:00."""
    night.stand()
    night.text("zhang", "换班 王经理 11-25")
    night.answered("wang", "请您代班", "同意", "换班已定")
    night.shot("the-swap-is-agreed")
    for _ in range(9):
        night.clock("5m")
    night.minutes(2)
    night.answered("wang", "交班", "1", "接班")
    night.shot("somebody-else-leads", "/rota")
    night.clock("x60")


def second_outage(night: Night) -> None:
    """01:00: the text provider is down; the page becomes a call to whoever leads now, who says that work goes on."""
    night.leap(1)
    night.stand()
    night.press("#fault-sms-down")
    night.until("#fault-sms-down[aria-pressed='true']")
    night.customer("c2", "港口二号网络全断了，所有业务中断")
    night.until("#call-wang .calling")
    night.shot("texts-are-down-and-the-phone-rings")
    night.shot("board-in-the-middle-of-the-night", "/board")
    night.key("wang", "1")
    night.shot("history-of-the-second", "/t/1002")
    night.press("#fault-sms-up")
    night.stand()
    night.minutes(31)
    night.answered("wang", "1002您", "1", "仍由您处理")
    night.shot("still-on-it")
    night.text("wang", "到场 1002")
    night.text("wang", "解决 1002 重启核心交换机")
    night.until("#tickets .ticket:has-text('1002') .state-resolved")
    night.clock("x60")


def third_outage(night: Night) -> None:
    """04:00: taken by one digit by text, arrived at; in the morning everything stands on the board."""
    night.leap(2)
    night.stand()
    night.customer("c3", "大学城北系统瘫痪，所有窗口都办不了业务")
    night.until("#wang .bubble:has-text('1003')")
    night.text("wang", "接单 1003")
    night.until("#wang .bubble:has-text('1003您已接单')")
    night.shot("phones-after-the-third")
    night.minutes(20)
    night.text("wang", "到场 1003")
    night.until("#tickets .state-on_site")
    night.leap(3)
    night.shot("board-in-the-morning", "/board")
    night.shot("history-of-the-third", "/t/1003")


def main() -> int:
    """Run by command; prints one JSON object."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--out", type=Path, required=True, help="where the screenshots go")
    given = reader.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    set_up(level=logging.ERROR)
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="yizhan-night-") as folder,
        running(Path(folder)) as sandbox,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(sandbox.url)
        night = Night(page, sandbox.url, given.out)
        try:
            play(night)
        except Exception:
            night.shot("where-it-failed")
            raise
        finally:
            browser.close()
    told = {"seconds": round(time.monotonic() - begun), "screenshots": night.shots}
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - what a command says
    return 0


if __name__ == "__main__":
    sys.exit(main())

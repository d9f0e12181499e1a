"""The form for a visit in a real browser: nobody is shut out, and it works without script, in one request."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from channels import registry
from channels.contract import Around, Inbound, Wire
from channels.powers import Invites

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": RULES, "rules": {"target-size": {"enabled": True}}}
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
BASE = "http://desk.test"
LOOKS = [
    pytest.param("light", "zh-CN", 320, id="light, Chinese, small phone"),
    pytest.param("dark", "en-GB", 390, id="dark, English, phone"),
    pytest.param("dark", "zh-CN", 1280, id="dark, Chinese, desk"),
    pytest.param("light", "en-GB", 1280, id="light, English, desk"),
]
Open = Callable[..., Page]


class Served:
    """The form behind the browser's network."""

    def __init__(self, folder: Path) -> None:
        (folder / "key").write_text("a key that is long enough")
        block = {"key": {"file": str(folder / "key")}, "house": "华信服务"}
        around = Around(account="main", public_url=BASE, now=lambda: NOW)
        self.channel = registry.build("visit", registry.settings("visit").model_validate(block), around)
        assert isinstance(self.channel, Invites)
        self.address = self.channel.invitation("市第一医院")
        self.inbounds: list[Inbound] = []
        self.asked: list[str] = []

    def serve(self, route: Route) -> None:
        request, url = route.request, urlsplit(route.request.url)
        self.asked.append(request.method)
        (hook,) = [one for one in self.channel.webhooks() if one.method == request.method]
        wire = Wire(
            method=request.method,
            url=request.url,
            path=url.path.removeprefix("/in/visit/main"),
            headers=request.headers,
            query=dict(parse_qsl(url.query)),
            body=request.post_data_buffer or b"",
            at=NOW,
        )
        parsed = hook.read(wire)
        self.inbounds += parsed.inbounds
        headers = {"content-type": parsed.reply.type, **parsed.reply.headers}
        route.fulfill(status=parsed.reply.status, headers=headers, body=parsed.reply.body)


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path)


@pytest.fixture
def visit(chromium: Browser, served: Served) -> Iterator[Open]:
    contexts = []
    failed: list[str] = []

    def open_page(**options: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 390, "height": 800}, **options})
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.route("**/*", served.serve)
        page = context.new_page()
        page.on("console", lambda line: failed.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto(served.address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert failed == []


def problems(page: Page) -> list[str]:
    result = Axe().run(page, options=OPTIONS).response
    return [f"{one['id']}: {node['html'][:120]}" for one in result["violations"] for node in one["nodes"]]


@pytest.mark.parametrize(("scheme", "locale", "width"), LOOKS)
def test_the_form_shuts_nobody_out(visit, served: Served, scheme: str, locale: str, width: int) -> None:
    page = visit(color_scheme=scheme, locale=locale, viewport={"width": width, "height": 800})
    found = {"empty": problems(page)}
    page.fill("#place", "滨江机房" * 30)
    page.fill("#what", "x")
    page.fill("#phone", "12")
    page.click(".go")
    assert page.locator("#e-phone").is_visible()
    found["wrong"] = problems(page)
    assert page.evaluate("document.activeElement.id") == "phone"
    assert page.locator("html").evaluate("one => one.scrollWidth") <= width
    heights = page.evaluate(
        "[...document.querySelectorAll('button,a,input:not([type=hidden]):not([tabindex]),textarea')]"
        ".map(e => e.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44
    page.fill("#phone", "13800138000")
    page.click(".go")
    found["done"] = problems(page)
    assert {name: some for name, some in found.items() if some} == {}
    assert len(served.inbounds) == 1


def test_it_works_without_script_and_each_page_is_one_request(visit, served: Served) -> None:
    page = visit(java_script_enabled=False, locale="zh-CN")
    assert served.asked == ["GET"]
    page.fill("#place", "滨江机房")
    page.fill("#what", "更换交换机\n第二行")
    page.fill("#phone", "12")
    page.press("#phone", "Enter")
    page.locator("#e-phone").wait_for()
    page.click("button[name=to]")
    page.get_by_text("Request a site visit").wait_for()
    assert page.input_value("#what") == "更换交换机\n第二行"
    page.fill("#phone", "13800138000")
    page.press("#phone", "Enter")
    page.get_by_role("heading", name="Received").wait_for()
    assert served.asked == ["GET", "POST", "POST", "POST"]
    assert [inbound.text for inbound in served.inbounds] == [
        "Where: 滨江机房\nWhat for: 更换交换机 第二行\nPhone: +8613800138000"
    ]


def test_what_is_needed_is_asked_for_before_anything_is_sent(visit, served: Served) -> None:
    page = visit(java_script_enabled=False)
    page.click(".go")
    page.wait_for_timeout(200)
    assert served.asked == ["GET"]
    assert not page.locator("#website").is_visible() or page.locator("#website").bounding_box()["x"] < 0

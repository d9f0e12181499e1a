"""The pages of a package on a phone: with and without a script, inside a chat app, and once they hold no more."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from store.model import Message
from tests.parcels import BODY, CODE, sent
from tests.pressing import press

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}}
CHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": RULES, "rules": {"target-size": {"enabled": True}}}


@pytest.fixture
def path(sandbox, tmp_path) -> str:
    """Send a package; returns the path of its page."""
    return str(sandbox.do(sent(sandbox.running.house, tmp_path, package={"intranet": True}, channel="sms:sandbox")))


def looked_at(page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    folder = os.environ.get("YIZHAN_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
    result = Axe().run(page, options=OPTIONS).response if "noscript" not in name else {"violations": []}
    assert [f"{one['id']}: {node['html']}" for one in result["violations"] for node in one["nodes"]] == []
    assert page.locator("html").evaluate("one => one.scrollWidth") <= 390
    pressed = page.locator("a.main, button:visible, summary").all()
    assert [one.inner_text() for one in pressed if (one.bounding_box() or {"height": 0})["height"] < 44] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_a_script_address_and_sum_are_copied_and_the_file_comes(browse, path, scheme) -> None:
    page = browse(path, **PHONE, color_scheme=scheme, permissions=["clipboard-read", "clipboard-write"])
    looked_at(page, f"landing-{scheme}")
    page.locator("button[data-of='sha']").click()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#sha").inner_text()
    assert page.locator("button[data-of='sha']").inner_text() == "已复制"
    page.locator("button[data-of='address']").click()
    assert page.evaluate("navigator.clipboard.readText()").endswith(path)
    with page.expect_download() as coming:
        page.locator("a.main").click()
    assert coming.value.suggested_filename == "采集网关 2.3.1.zip"
    assert Path(coming.value.path()).read_bytes() == BODY


def test_without_a_script_it_is_one_small_request_and_a_trouble_is_told(browse, sandbox, path) -> None:
    page = browse(path, **PHONE, java_script_enabled=False)
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.reload(wait_until="networkidle")
    assert (len(sizes), sizes[0] <= 8_000, page.locator("button.copy:visible").count()) == (1, True, 0)
    page.locator("summary").click()
    page.fill("#what", "装完起不来，一直重启")
    page.fill("#phone", "13900000009")
    looked_at(page, "landing-wrong-noscript")
    press(page.locator("form button"))
    looked_at(page, "landing-told-noscript")
    assert page.locator("[role=status]").inner_text().startswith("已告诉值班工程师")
    with sandbox.running.house.database.read() as connection:
        heard = connection.exec_driver_sql(f"SELECT text FROM {Message.__tablename__} WHERE direction = 'in'").scalars()
        assert [text[:7] for text in heard] == ["升级出问题了："]


@pytest.mark.parametrize("script", [True, False], ids=["script", "noscript"])
def test_inside_a_chat_app_the_way_out_comes_first(browse, path, script) -> None:
    page = browse(path, **PHONE, user_agent=CHAT, java_script_enabled=script)
    looked_at(page, f"landing-chat-{'script' if script else 'noscript'}")
    places = [page.locator(one).first.bounding_box()["y"] for one in (".outside h1", "#address", ".qr", "a.main")]
    assert places == sorted(places)
    assert page.locator("button[data-of='address']").is_visible() is script


def test_a_code_leads_to_the_page_and_an_old_one_says_whom_to_ask(browse, sandbox, path) -> None:
    page = browse("/p", **PHONE)
    looked_at(page, "landing-code")
    page.fill("#code", "OOOO1111")
    page.locator("button.main").click()
    looked_at(page, "landing-code-shape")
    page.fill("#code", CODE.lower())
    page.locator("button.main").click()
    page.wait_for_url(f"**{path}")
    sandbox.running.box.clock.run(0)
    clock = sandbox.running.box.clock
    sandbox.do(sandbox.running.box.quiet(1))
    clock.move(clock.now() + timedelta(days=14))
    page.reload()
    looked_at(page, "landing-expired")
    assert page.locator("h1").inner_text() == "这个链接已过期"
    page.goto(f"{sandbox.url}{path}x")
    looked_at(page, "landing-unknown")


def test_the_english_page_has_room_as_well(browse, path) -> None:
    page = browse(f"{path}?lang=en", **PHONE)
    page.locator("summary").click()
    looked_at(page, "landing-english")
    assert page.locator("a.main").inner_text() == "Download"
    assert page.locator("html").get_attribute("lang") == "en"

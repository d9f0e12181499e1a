"""The page of whoever was sent on site, on a phone: with and without a script, light and for everybody."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}}
OUTAGE = "滨江机房核心交换机断电，业务中断"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": RULES, "rules": {"target-size": {"enabled": True}}}


@pytest.fixture
def sent(browse, sandbox) -> str:
    """Send Li by the ticket's page; returns the path of Li's page."""
    sandbox.do(sandbox.running.box.text("+8613900000001", OUTAGE))
    page = browse("/t/1001")
    page.select_option("#send", "li")
    page.locator("button[value='dispatch']").click()
    link = page.locator("#visits a").get_attribute("href")
    assert link
    return str(link)


def looked_at(page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    folder = os.environ.get("YIZHAN_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
    result = Axe().run(page, options=OPTIONS).response if "noscript" not in name else {"violations": []}
    assert [f"{one['id']}: {node['html']}" for one in result["violations"] for node in one["nodes"]] == []
    assert page.locator("html").evaluate("one => one.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_a_script_the_customer_draws_and_the_phone_says_where_it_is(browse, sandbox, sent, scheme) -> None:
    where = {"latitude": 30.24612, "longitude": 120.19912, "accuracy": 12}
    page = browse(sent, **PHONE, color_scheme=scheme, geolocation=where, permissions=["geolocation"])
    looked_at(page, f"engineer-asked-{scheme}")
    page.locator("button[value='accept']").click()
    page.fill("#minutes", "25")
    looked_at(page, f"engineer-goes-{scheme}")
    page.locator("form:has(#minutes) button").click()
    page.locator("#offer").click()
    page.locator("#sign canvas").wait_for()
    looked_at(page, f"engineer-there-{scheme}")
    box = page.locator("#sign canvas").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 90, steps=8)
    page.mouse.up()
    page.fill("#name", "陈主任")
    page.locator("#sign button:not([type])").click()
    page.fill("#report", "更换电源模块")
    page.locator("form:has(#report) button").click()
    page.locator(".note").wait_for()
    looked_at(page, f"engineer-done-{scheme}")
    desk = browse("/t/1001")
    picture = desk.locator("#visits img")
    assert picture.evaluate("one => one.naturalWidth") == 600
    told = desk.locator("#visits").inner_text()
    assert ["30.246120, 120.199120" in told, "陈主任" in told, "更换电源模块" in told] == [True] * 3
    if os.environ.get("YIZHAN_PICTURES"):
        desk.screenshot(path=str(Path(os.environ["YIZHAN_PICTURES"]) / "ticket.png"), full_page=True)


def test_without_a_script_the_page_does_all_but_draw(browse, sandbox, sent) -> None:
    page = browse(sent, **PHONE, java_script_enabled=False)
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.reload(wait_until="networkidle")
    page.locator("button[value='accept']").click()
    page.locator("form:has(#minutes) button").click()
    page.locator("form:has(input[value='arrive']) button").first.click()
    assert page.locator("canvas").count() == 0
    looked_at(page, "engineer-there-noscript")
    page.fill("#name", "陈主任")
    page.locator("#sign button").click()
    page.fill("#report", "更换电源模块")
    page.locator("form:has(#report) button").click()
    assert page.locator(".note").inner_text() == "这次上门已结束。"
    assert (len(sizes) > 0, max(sizes) <= 8_000) == (True, True)

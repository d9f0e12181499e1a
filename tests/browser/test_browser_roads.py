"""The further channels of the sandbox and the form to paste, in a browser, without a script and for everybody."""

import pytest

from tests.browser.test_browser_access import LOOKS, problems

pytestmark = pytest.mark.browser

PASTED = "张三 10:32\n滨江机房全部断电，业务中断\n李四 10:33\n三号窗口的打印机卡纸"


@pytest.fixture
def sandbox(whole_sandbox):
    return whole_sandbox


@pytest.mark.parametrize(("scheme", "locale", "width"), [LOOKS[0], LOOKS[3]])
def test_nobody_is_shut_out_of_the_other_roads(browse, sandbox, scheme, locale, width) -> None:
    page = browse("/sandbox/roads", color_scheme=scheme, locale=locale, viewport={"width": width, "height": 900})
    found = {"/sandbox/roads": problems(page)}
    assert page.locator("html").evaluate("one => one.scrollWidth") <= width
    page.goto(f"{sandbox.url}/paste")
    found["/paste"] = problems(page)
    assert page.locator("html").evaluate("one => one.scrollWidth") <= width
    assert {path: some for path, some in found.items() if some} == {}


def test_an_outage_told_on_another_road_is_answered_there_without_a_script(browse, sandbox) -> None:
    page = browse("/sandbox/roads", java_script_enabled=False)
    road = page.locator("section.device", has=page.locator("h2", has_text="telegram:main"))
    road.locator("button").click()
    page.goto(f"{sandbox.url}/sandbox/roads")
    assert "单号1001" in road.locator(".bubble").last.inner_text()
    pager = page.locator("section.device", has=page.locator("h2", has_text="pager:main"))
    assert "P1 1001" in pager.locator(".bubble").first.inner_text()
    pager.locator("textarea").fill("1")
    pager.locator("button").click()
    page.goto(f"{sandbox.url}/sandbox/roads")
    assert "张三" in pager.locator(".bubble").first.inner_text()
    page.goto(f"{sandbox.url}/t/1001")
    assert "已接单" in page.locator("main").inner_text()


def test_a_pasted_conversation_opens_a_ticket_for_each_who_asks(browse, sandbox) -> None:
    page = browse("/board", java_script_enabled=False)
    page.locator(".tabs a", has_text="粘贴群聊").click()
    page.fill("#group", "滨江客户群")
    page.fill("#text", "没有人名的一段话")
    page.locator("form button").click()
    assert page.locator("#wrong").is_visible()
    assert page.locator("#text").input_value() == "没有人名的一段话"
    page.fill("#text", PASTED)
    page.locator("form button").click()
    assert "2 条新内容" in page.locator(".said").inner_text()
    sandbox.do(sandbox.running.box.quiet(20))  # what was taken in is judged after the answer
    page.goto(f"{sandbox.url}/board")
    assert page.locator("table.board tbody tr").count() == 2

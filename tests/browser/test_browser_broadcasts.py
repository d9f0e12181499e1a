"""A broadcast from its draft until it is done, on a phone, with and without JavaScript; and everybody can read it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from gateway.sandbox.people import PASSWORD
from tests.browser.test_browser_access import OPTIONS

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SCRIPTS = [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without JavaScript")]
LOOKS = [
    pytest.param("light", "zh-CN", 390, id="light, Chinese, phone"),
    pytest.param("dark", "en-GB", 390, id="dark, English, phone"),
    pytest.param("dark", "zh-CN", 1280, id="dark, Chinese, desk"),
]


def signed_in(browse, person: str, **options) -> Page:
    page: Page = browse("/sign-in?next=/broadcasts", **{"viewport": PHONE, **options})
    page.fill("#person", person)
    page.fill("#password", PASSWORD)
    page.locator("form:has(#password) button").first.click()
    page.wait_for_url("**/broadcasts")
    return page


def pictured(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at the pages."""
    folder = os.environ.get("YIZHAN_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def seen(page: Page, sandbox, selector: str) -> None:
    """Wait until it is on the page, while the time of the sandbox goes on; without JavaScript somebody reloads."""
    for _ in range(40):
        if page.locator(selector).count():
            break
        sandbox.do(sandbox.running.box.forward(timedelta(minutes=2)))
        page.goto(page.url.partition("?")[0])
    page.locator(selector).first.wait_for()


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_broadcast_goes_from_draft_to_done(browse, sandbox, script) -> None:
    zhang = signed_in(browse, "zhang", java_script_enabled=script)
    zhang.locator("a[href='/broadcasts/new']").click()
    zhang.fill("#title", "计划停机")
    zhang.check("[name=groups]")
    zhang.fill("#text_zh", "{name}您好，今晚停机")
    zhang.fill("#order", "sms")
    zhang.fill("#waves", "其余, 1")
    zhang.locator("button[value=edit]").click()
    expect(zhang.locator("#e-waves")).to_contain_text("“其余”放最后")
    assert zhang.input_value("#text_zh") == "{name}您好，今晚停机"
    zhang.fill("#waves", "1, 其余")
    zhang.fill("#hold", "5m")
    zhang.locator("button[value=edit]").click()
    expect(zhang.locator("#preview")).to_contain_text("共 3 人 · 短信 3")
    expect(zhang.locator("#preview pre").first).to_contain_text("值班您好，今晚停机")
    zhang.locator("#do-test").click()
    expect(zhang.locator(".flash")).to_contain_text("测试已发到您自己的地址")
    zhang.locator("#do-submit").click()
    expect(zhang.locator(".flash")).to_contain_text("等第二个人审批")
    wang = signed_in(browse, "wang", java_script_enabled=script)
    wang.goto(zhang.url.partition("?")[0])
    wang.locator("#do-approve").click()
    seen(zhang, sandbox, "#count")
    zhang.fill("#count", "4")
    zhang.locator("#do-start").click()
    assert zhang.locator(".bc-approved").count()  # the browser itself holds a wrong number back
    zhang.fill("#count", "3")
    zhang.locator("#do-start").click()
    seen(zhang, sandbox, ".bc-done")
    assert zhang.locator(".numbers .sum td").nth(1).inner_text() == "3"
    sites = {1: "滨江机房", 2: "港口二号", 3: "大学城北"}
    heard = {n: [one.text for one in sandbox.running.box.heard("sms", f"+861390000000{n}")] for n in sites}
    assert heard == {n: [f"【驿站沙箱】{site}值班您好，今晚停机"] for n, site in sites.items()}


def test_progress_comes_by_itself_and_a_pause_acts(browse, sandbox) -> None:
    page = signed_in(browse, "zhang")
    approve(browse, page)
    seen(page, sandbox, "#count")
    page.fill("#count", "3")
    page.locator("#do-start").click()
    page.locator("#steps [aria-current]:has-text('第 1 波')").wait_for()
    sandbox.do(sandbox.running.box.forward(timedelta(seconds=30)))
    expect(page.locator(".numbers .sum td").nth(1)).to_have_text("1")
    expect(page.locator("#gone")).to_contain_text("已发出 1 条，不能收回")
    page.locator("#do-pause").click()
    page.locator("#do-resume").wait_for()
    assert page.locator(".bc-paused").inner_text() == "‖ 已暂停"


def approve(browse, page: Page) -> None:
    """Submit the draft of the sandbox, and approve it as the manager."""
    page.goto(page.url + "/1")
    page.locator("#do-submit").click()
    wang = signed_in(browse, "wang")
    wang.goto(wang.url + "/1")
    wang.locator("#do-approve").click()
    wang.locator("p[role=status].flash").wait_for()


@pytest.mark.parametrize(("scheme", "locale", "width"), LOOKS)
def test_no_page_of_broadcasts_shuts_anybody_out(browse, sandbox, scheme, locale, width) -> None:
    look = {"color_scheme": scheme, "locale": locale, "viewport": {"width": width, "height": 900}}
    page = signed_in(browse, "zhang", **look)
    found: dict[str, list[str]] = {}

    def look_at(name: str) -> None:
        assert page.locator("html").evaluate("one => one.scrollWidth") <= width, name
        result = Axe().run(page, options=OPTIONS).response
        found[name] = [f"{one['id']}: {node['html'][:120]}" for one in result["violations"] for node in one["nodes"]]
        pictured(page, f"broadcast-{name}-{scheme}-{width}")

    look_at("list")
    for name, path in (("new", "new"), ("draft", "1"), ("audience", "1/audience")):
        page.goto(f"{sandbox.url}/broadcasts/{path}")
        look_at(name)
    page.goto(f"{sandbox.url}/broadcasts/1")
    page.fill("#waves", "x")
    page.locator("button[value=edit]").click()
    look_at("wrong")
    page.goto(f"{sandbox.url}/broadcasts")
    approve(browse, page)
    seen(page, sandbox, "#count")
    look_at("confirm")
    page.fill("#count", "3")
    page.locator("#do-start").click()
    page.locator(".bc-running").wait_for()
    look_at("running")
    page.goto(f"{sandbox.url}/broadcasts/1/recipients")
    look_at("recipients")
    assert {name: some for name, some in found.items() if some} == {}

"""Signing in on a phone, without script: in, to one's account, out again; and axe looks at both pages."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from gateway.sandbox.people import PASSWORD
from tests.pressing import press

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": RULES, "rules": {"target-size": {"enabled": True}}}
PHONE = {"width": 360, "height": 780}


def test_somebody_signs_in_on_a_phone_without_script(browse) -> None:
    page = browse("/account", viewport=PHONE, java_script_enabled=False)
    assert page.locator(".banner").inner_text().startswith("沙箱账号")
    sign_in(page, "wrong")
    assert page.locator("#wrong").inner_text().startswith("姓名或密码不对")
    assert page.locator("#person").input_value() == "张三"
    sign_in(page, PASSWORD)
    assert page.url.endswith("/account")
    assert page.locator("h1").inner_text() == "张三"
    assert page.locator("header a[href='/account']").inner_text() == "张三"
    page.locator("form[action='/sign-out'] button").click()
    assert page.locator("[role=status].flash").inner_text() == "已退出登录。"
    assert page.locator("header a[href='/account']").count() == 0


def sign_in(page, password: str) -> None:
    page.fill("#person", "张三")
    page.fill("#password", password)
    press(page.locator("form:has(#password) button"))


@pytest.mark.parametrize(("scheme", "locale"), [("light", "zh-CN"), ("dark", "en-GB")])
def test_neither_page_shuts_anybody_out(browse, scheme, locale) -> None:
    page = browse("/sign-in?next=/account", color_scheme=scheme, locale=locale, viewport=PHONE)
    found = [problems(page)]
    sign_in(page, "wrong")
    found.append(problems(page))
    sign_in(page, PASSWORD)
    found.append(problems(page))
    assert page.locator("html").evaluate("one => one.scrollWidth") <= PHONE["width"]
    assert found == [[], [], []]


def problems(page) -> list[str]:
    result = Axe().run(page, options=OPTIONS).response
    return [f"{one['id']}: {node['html'][:120]}" for one in result["violations"] for node in one["nodes"]]

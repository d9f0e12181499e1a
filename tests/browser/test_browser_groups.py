"""User groups on a phone without script, in both languages and looks; axe finds nothing."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from gateway.sandbox.people import PASSWORD
from store import contacts
from store.contacts import Row
from tests.pressing import press

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": RULES, "rules": {"target-size": {"enabled": True}}}
PHONE = {"width": 360, "height": 780}
PEOPLE = [
    Row(
        place=f"a:{n}",
        name=name,
        customer="滨江医院信息中心与后勤保障部",
        addresses=[("tel", f"+861390000000{n}"), ("email", f"somebody.with.a.long.name{n}@binjiang-hospital.example")],
        product="OLT",
        version="V100R021C00SPC200",
        region="华东",
    )
    for n, name in enumerate(("张工", "李工", "张工"), 1)
]


@pytest.mark.parametrize(("scheme", "locale", "script"), [("light", "zh-CN", False), ("dark", "en-GB", True)])
def test_a_group_is_filled_on_a_phone(browse, sandbox, scheme, locale, script) -> None:
    sandbox.do(sandbox.running.house.writer.do(contacts.bring, PEOPLE))
    options = {"color_scheme": scheme, "locale": locale, "viewport": PHONE, "java_script_enabled": script}
    page = browse("/sign-in?next=/groups", **options)
    page.fill("#person", "张三")
    page.fill("#password", PASSWORD)
    press(page.locator("form:has(#password) button"))
    seen = [look(page, f"groups-empty-{scheme}", script)]
    page.fill("#name", "现场网关用户")
    page.check("[name=contractual]")
    press(page.locator("form:has(#name) button"))
    page.fill("#word", "张工")
    press(page.locator("form:has(#word) button"))
    picks = page.locator("[name=pick]")
    assert picks.count() == 2
    seen.append(look(page, f"group-choices-{scheme}", script))
    picks.first.check()
    press(page.locator("form:has([name=pick]) button"))
    page.fill("#word", "滨江医院")
    press(page.locator("form:has(#word) button").first)
    customer = page.locator("[name=pick][value^=k]")
    customer.check()
    press(page.locator("form:has([name=pick]) button"))
    page.locator("summary").first.click()
    page.fill("#address", "olt@lists.example")
    press(page.locator("form:has(#address) button"))
    assert page.locator("section[aria-labelledby=members] ul.plain > li").count() == 3
    seen.append(look(page, f"group-{scheme}", script))
    page.goto(f"{sandbox.url}/groups")
    seen.append(look(page, f"groups-{scheme}", script))
    assert seen == [[], [], [], []]


def look(page, name: str, script: bool) -> list[str]:
    if folder := os.environ.get("YIZHAN_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
    page.wait_for_load_state()
    assert page.locator("html").evaluate("one => one.scrollWidth") <= PHONE["width"]
    if not script:
        return []
    result = Axe().run(page, options=OPTIONS).response
    return [f"{one['id']}: {node['html'][:120]}" for one in result["violations"] for node in one["nodes"]]

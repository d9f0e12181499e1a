"""Everybody can read the pages: axe finds nothing, in light and dark, Chinese and English, on a phone and at a desk."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": RULES, "rules": {"target-size": {"enabled": True}}}
OUTAGE = "机房全部断电，业务中断"
LOOKS = [
    pytest.param("light", "zh-CN", 390, id="light, Chinese, phone"),
    pytest.param("dark", "en-GB", 390, id="dark, English, phone"),
    pytest.param("dark", "zh-CN", 1280, id="dark, Chinese, desk"),
    pytest.param("light", "en-GB", 1280, id="light, English, desk"),
]


@pytest.mark.parametrize(("scheme", "locale", "width"), LOOKS)
def test_no_page_shuts_anybody_out(browse, sandbox, scheme, locale, width) -> None:
    page = browse("/", color_scheme=scheme, locale=locale, viewport={"width": width, "height": 900})
    text(page, "customer", OUTAGE)
    page.locator("#zhang .bubble").first.wait_for()
    page.locator("button[value='1m']").click()
    page.locator("#call-zhang .calling").wait_for()
    found = {"/": problems(page)}
    page.goto(f"{sandbox.url}/t/1001")
    link = page.locator("#pages a").get_attribute("href")
    for path in ("/t/1001", "/board", "/ignored", "/rota", link, "/sign-in", "/t/9"):
        page.goto(sandbox.url + path)
        assert page.locator("html").evaluate("one => one.scrollWidth") <= width, path
        found[path] = problems(page)
    assert {path: some for path, some in found.items() if some} == {}


def text(page, who: str, words: str) -> None:
    page.fill(f"#text-{who}", words)
    page.locator(f"form:has(#text-{who}) button").click()


def problems(page) -> list[str]:
    result = Axe().run(page, options=OPTIONS).response
    return [f"{one['id']}: {node['html'][:120]}" for one in result["violations"] for node in one["nodes"]]


def test_pages_stay_light(browse, sandbox) -> None:
    page = browse()
    text(page, "customer", OUTAGE)
    page.locator("#zhang .bubble").first.wait_for()
    page.goto(f"{sandbox.url}/t/1001")
    link = page.locator("#pages a").get_attribute("href")
    weights = {}
    for path in ("/", "/board", "/rota", "/t/1001", link):
        fresh = browse(path, java_script_enabled=False)
        sizes: list[int] = []
        fresh.on("requestfinished", lambda request, sizes=sizes: sizes.append(request.sizes()["responseBodySize"]))
        fresh.reload(wait_until="networkidle")
        weights[path] = sizes
    assert {path: sum(sizes) for path, sizes in weights.items() if sum(sizes) > 60_000} == {}
    assert len(weights[link]) == 1
    assert sum(weights[link]) <= 8_000

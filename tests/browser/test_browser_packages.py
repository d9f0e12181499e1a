"""Packages are uploaded on a phone-sized screen, over a line that breaks, and without script; then revoked."""

import os
from hashlib import sha256
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from gateway.sandbox.people import PASSWORD

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": RULES, "rules": {"target-size": {"enabled": True}}}
PHONE = {"width": 390, "height": 844}
CONTENT = os.urandom(9_000_000)
"""More than one slice."""
DIGEST = sha256(CONTENT).hexdigest()


def entered(browse: Any, **options: Any) -> Page:
    page: Page = browse("/sign-in?next=/packages", viewport=PHONE, **options)
    page.fill("#person", "张三")
    page.fill("#password", PASSWORD)
    page.locator("form:has(#password) button").click()
    page.wait_for_url("**/packages")
    return page


def fill(page: Page, content: bytes = CONTENT) -> None:
    page.fill("#name", "网关固件")
    page.fill("#version", "2.3.1")
    page.fill("#applies", ">=2.0 <2.3")
    page.fill("#notes_zh", "修复了重启")
    page.set_input_files("#file", {"name": "固件 2.3.1.bin", "mimeType": "application/octet-stream", "buffer": content})


def problems(page: Page) -> list[str]:
    assert page.locator("html").evaluate("one => one.scrollWidth") <= PHONE["width"]
    result = Axe().run(page, options=OPTIONS).response
    return [f"{one['id']}: {node['html'][:120]}" for one in result["violations"] for node in one["nodes"]]


def test_an_upload_goes_on_after_the_line_broke(browse) -> None:
    page, pieces = entered(browse), []

    def passing(route) -> None:
        pieces.append(route.request.headers["upload-offset"])
        if len(pieces) == 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/upload", lambda route: passing(route) if route.request.method == "PATCH" else route.continue_())
    fill(page)
    found = problems(page)
    page.locator("#upload button.main").click()
    page.wait_for_url("**/packages/*?said=ready")
    assert pieces == ["0", "8388608", "8388608"]
    expect(page.locator(".flash")).to_have_text("上传完成，校验通过。")
    expect(page.locator("code")).to_have_text(DIGEST)
    found += problems(page)
    page.locator("a[href$='/revoke']").click()
    expect(page.locator("h1")).to_have_text("撤回 网关固件 2.3.1？")
    found += problems(page)
    page.goto(page.url.partition("/packages")[0] + "/packages")
    expect(page.locator(".packages tbody tr", has_text="网关固件")).to_have_count(1)
    assert "✓ 可下载" in page.locator(".packages").inner_text()
    assert found + problems(page) == []


def test_a_refusal_and_a_cancelled_upload_leave_nothing(browse) -> None:
    page = entered(browse)
    page.route("**/upload", lambda route: None if route.request.method == "PATCH" else route.continue_())
    fill(page)
    page.fill("#applies", "2.x")
    page.locator("#upload button.main").click()
    expect(page.locator("#upload-said")).to_contain_text("请写成 >=2.0 <2.3")
    page.fill("#applies", "")
    page.locator("#upload button.main").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.locator("#upload-cancel").click()
    expect(page.locator("#upload-said")).to_have_text("已取消，传到一半的内容已删除。")
    page.goto(page.url)
    expect(page.locator(".packages tbody tr", has_text="网关固件")).to_have_count(0)


def test_without_script_the_form_uploads_and_a_package_is_revoked(browse) -> None:
    page = entered(browse, java_script_enabled=False, locale="en-GB")
    fill(page)
    page.locator("#upload button.main").click()
    expect(page.locator(".flash")).to_have_text("The package is whole and ready.")
    expect(page.locator("code")).to_have_text(DIGEST)
    page.locator("a[href$='/revoke']").click()
    expect(page.locator("h1")).to_have_text("Revoke 网关固件 2.3.1?")
    page.locator("form.narrow button").click()
    expect(page.locator(".flash")).to_have_text("The package is revoked; its links have ended.")


def test_the_page_is_light(browse, sandbox) -> None:
    page, sizes = entered(browse), []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.reload(wait_until="networkidle")
    assert len(sizes) >= 4
    assert sum(sizes) <= 60_000

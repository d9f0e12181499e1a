"""What people do in the sandbox, in a real browser, with and without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

OUTAGE = "机房全部断电，业务中断"
SCRIPTS = [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without JavaScript")]


def text(page: Page, who: str, words: str) -> None:
    page.fill(f"#text-{who}", words)
    page.locator(f"form:has(#text-{who}) button").click()


def seen(page: Page, selector: str) -> None:
    """Wait until it is on the page; without JavaScript somebody has to press refresh."""
    for _ in range(8):
        refresh = page.locator("noscript a, main a.button").first
        if page.locator(selector).count() or not refresh.is_visible():
            break
        refresh.click()
    page.locator(selector).first.wait_for()


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_outage_reaches_the_lead_who_takes_it_with_one_digit(browse, script) -> None:
    page = browse(java_script_enabled=script)
    text(page, "customer", OUTAGE)
    seen(page, "#zhang .bubble:has-text('1001')")
    assert "回1接单" in page.locator("#zhang .bubble").first.inner_text()
    page.locator(".device:has(#h-zhang) form[aria-label] button[value='1']").click()
    seen(page, "#tickets .state-taken")
    seen(page, "#zhang .bubble:has-text('您已接单')")
    assert page.locator("#tickets article .tag").all_inner_texts() == ["▲ 一级", "◐ 已接单"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_ringing_phone_is_answered_with_a_key(browse, script) -> None:
    page = browse(java_script_enabled=script)
    text(page, "customer", OUTAGE)
    seen(page, "#zhang .bubble:has-text('1001')")
    page.locator("button[value='1m']").click()
    seen(page, "#call-zhang .calling")
    page.locator("#key-zhang-1").click()
    seen(page, "#tickets .state-taken")
    seen(page, "#zhang .bubble:has-text('已为您接单')")
    expect(page.locator("#call-zhang .calling")).to_have_count(0)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_mail_becomes_a_ticket_and_its_receipt_comes_back(browse, script) -> None:
    page = browse(java_script_enabled=script)
    page.fill("#subject", "三楼交换机不通")
    page.fill("#text-mail", "三楼交换机今天早上开始不通，部分用户上不了网。")
    page.locator("form:has(#text-mail) button").click()
    seen(page, "#tickets article")
    seen(page, "#mail .bubble:not(.mine)")
    assert "1001" in page.locator("#mail .bubble:not(.mine)").first.inner_text()


def test_a_ticket_is_worked_through_on_its_page_without_javascript(browse) -> None:
    page = browse(java_script_enabled=False)
    text(page, "customer", OUTAGE)
    page.goto(page.url.rstrip("/") + "/t/1001")
    page.locator("#do-take").click()
    assert page.locator(".flash").inner_text() == "已接单。"
    page.fill("#text-reply", "我们二十分钟后到。")
    page.locator("button[value='reply']").click()
    page.locator("#do-arrive").click()
    page.fill("#text-resolve", "更换电源模块")
    page.locator("button[value='resolve']").click()
    assert page.locator(".state-resolved").inner_text() == "✓ 已解决"
    told = page.locator("#history li b").all_inner_texts()
    assert [word for word in told if word in ("接单", "到场", "解决")] == ["接单", "到场", "解决"]
    page.goto(page.url.partition("/t/")[0])
    assert "我们二十分钟后到。" in page.locator("#customer").inner_text()


def test_a_form_sent_from_an_old_page_changes_nothing_and_keeps_what_was_typed(browse) -> None:
    page = browse(java_script_enabled=False)
    text(page, "customer", OUTAGE)
    page.goto(page.url.rstrip("/") + "/t/1001")
    text(page_two := browse("/", java_script_enabled=False), "zhang", "1")
    page_two.locator("#zhang .bubble.mine").first.wait_for()  # closing a page under way may hang the browser
    page.fill("#text-note", "钥匙在前台")
    page.locator("button[value='note']").click()
    assert "没有执行" in page.locator(".flash").inner_text()
    assert page.locator("#text-note").input_value() == "钥匙在前台"
    assert page.locator("#history .e-noted").count() == 0


def test_the_page_refreshes_under_the_fingers_without_losing_focus_or_words(browse) -> None:
    page = browse()
    text(page, "customer", OUTAGE)
    page.locator("#card-1001").wait_for()
    page.fill("#text-li", "到场 10")
    page.locator("#card-1001").focus()
    text(browse(), "zhang", "1")
    page.locator("#tickets .state-taken").wait_for()
    assert page.input_value("#text-li") == "到场 10"
    assert page.evaluate("document.activeElement.id") == "card-1001"
    expect(page.locator("#live")).to_have_text("● 实时")
    page.context.set_offline(offline=True)
    expect(page.locator("#live")).to_contain_text("连接中断")


def test_a_provider_that_is_down_is_switched_on_the_page(browse, sandbox) -> None:
    page = browse()
    page.locator("#fault-sms-down").click()
    expect(page.locator("#fault-sms-down")).to_have_attribute("aria-pressed", "true")
    text(page, "customer", OUTAGE)
    page.locator("#call-zhang .calling").wait_for()
    assert [one.to for one in sandbox.running.box.phones.ringing()] == ["+8613800000101"]

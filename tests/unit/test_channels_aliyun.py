"""What texts and calls through Aliyun share: the signature, the codes, numbers, templates, and the way in of pushes."""

from datetime import UTC, datetime, timedelta

import pytest

from channels import aliyun, aliyun_push
from channels.aliyun_templates import CALLS, NAMES, TEXTS, Registry, Template, cleaned, cut, filled, previewed
from channels.contract import GiveUp, Malformed, Misconfigured, Refused, TryLater, Uncertain, Unreachable, Wire
from channels.http import Answer
from channels.settings import Secret
from gateway import wording, wording_zh

NOW = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)
HEADERS = {
    "host": "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "x-acs-version": "2014-05-26",
}
PARAMETERS = {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
PUBLISHED = [
    (
        "2023-10-26T10:22:32Z",
        "3156853299f313e23d1673dc12e1703d",
        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
    ),
    (
        "2023-10-26T09:01:01Z",
        "d410180a5abf7fe235dd9b74aca91fc0",
        "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804",
    ),
]
"""Both examples of the provider: help.aliyun.com/document_detail/2593177.html, and the one before it."""


@pytest.mark.parametrize(("date", "nonce", "signature"), PUBLISHED)
def test_the_signature_is_that_of_the_published_examples(date, nonce, signature):
    headers = {**HEADERS, "x-acs-date": date, "x-acs-signature-nonce": nonce}
    query = aliyun.canonical_query(PARAMETERS)
    assert aliyun.authorization(headers, query, key_id="YourAccessKeyId", secret="YourAccessKeySecret") == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        f"x-acs-signature-nonce;x-acs-version,Signature={signature}"
    )


def test_the_query_is_sorted_and_every_sign_is_encoded_as_rfc_3986_wants_it():
    assert aliyun.canonical_query({"b": "a b*~+", "A": "急&=/"}) == "A=%E6%80%A5%26%3D%2F&b=a%20b%2A~%2B"


def answered(body, status=200, **headers):
    return Answer(host="sms", status=status, headers=headers, body=body.encode(), at=NOW)


MINUTES = '{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发分钟级流控Permits:1"}'
DAY = '{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发天级流控Permits:50"}'


@pytest.mark.parametrize(
    ("body", "status", "expected", "words"),
    [
        (MINUTES, 200, TryLater, "limit per minute"),
        (DAY, 200, GiveUp, "limit of calls or texts"),
        ('{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}', 200, Unreachable, "number is not valid"),
        ('{"Code":"isv.BLACK_LIST"}', 200, Unreachable, "those who refuse"),
        ('{"Code":"isv.AMOUNT_NOT_ENOUGH"}', 200, Misconfigured, "out of credit"),
        ('{"Code":"isv.SMS_TEMPLATE_ILLEGAL"}', 200, Misconfigured, "unknown or not approved"),
        ('{"Code":"isv.SMS_SIGNATURE_ILLEGAL"}', 200, Misconfigured, "sign is unknown"),
        ('{"Code":"isv.NEWLY_INVENTED"}', 200, GiveUp, "isv.NEWLY_INVENTED"),
        ('{"Code":"+8613800138000 急"}', 200, GiveUp, "(Aliyun ?)"),
        ('{"Code":"Throttling.User"}', 400, TryLater, "too many requests"),
        ('{"Code":"SignatureDoesNotMatch"}', 400, Misconfigured, "do not belong together"),
        ('{"Code":"InvalidAccessKeyId.NotFound"}', 404, Misconfigured, "access_key_id"),
        ('{"Code":"Invented"}', 503, TryLater, "503 (Aliyun Invented)"),
        ('{"Code":"OK"}', 500, TryLater, "500"),
        ("{}", 200, Uncertain, "without a code"),
        ("[]", 200, Uncertain, "cannot be read"),
    ],
)
def test_each_code_gives_its_error(body, status, expected, words):
    with pytest.raises((TryLater, GiveUp, Misconfigured, Uncertain)) as caught:
        aliyun.accepted(answered(body, status))
    assert type(caught.value) is expected
    assert words in str(caught.value)
    assert "13800138000" not in str(caught.value)


def test_a_limit_of_a_minute_says_when_it_is_over_unless_nobody_waits_for_it():
    with pytest.raises(TryLater) as waits:
        aliyun.accepted(answered(MINUTES))
    assert waits.value.after == timedelta(minutes=1)
    with pytest.raises(GiveUp):
        aliyun.accepted(answered(MINUTES), patient=False)


@pytest.mark.parametrize(
    ("address", "national"),
    [
        ("+8613800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("+862155558888", "02155558888"),
        ("+864001234567", "4001234567"),
    ],
)
def test_a_number_of_the_mainland_is_dialled_as_at_home(address, national):
    assert aliyun.mainland(address) == national


@pytest.mark.parametrize("address", ["+85251234567", "+15005550006", "10086", "zhangwei", "", "021-55558888转802"])
def test_any_other_number_is_given_up_without_being_named(address):
    with pytest.raises(GiveUp) as caught:
        aliyun.mainland(address)
    assert not address or address not in str(caught.value)


# templates


def test_what_can_be_asked_for_is_what_the_gateway_says():
    wanted = {**wording_zh.PAGES, **wording_zh.ANSWERS, **wording_zh.CUSTOMER}
    assert set(wanted) == TEXTS
    assert set(wording_zh.VOICE) >= CALLS
    assert {field for key in (*wanted, *CALLS) for field in wording.fields(key)} == NAMES


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("机柜无供电", "机柜无供电"),
        ("看 https://a.cn/b?c=1，急", "看 ，急"),
        ("www.huaxin.cn打不开", "打不开"),
        ("邮箱 a.b@huaxin.cn 不通", "邮箱 不通"),
        ("打13800138000或+86 138-0013-8000找我", "打 或 找我"),
        ("工单1042", "工单1042"),
        ("【紧急】①★两行\n急🆘→", "紧急 两行 急"),
        ("45℃, 80%", "45℃, 80%"),
        ("{code}<b>'x'", "code b x"),
        ("\u202e\u200b坏了", "坏了"),
    ],
)
def test_a_variable_keeps_only_what_carriers_let_through(given, kept):
    assert cleaned(given) == kept


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("机柜无供电", 5, "机柜无供电"),
        ("机柜无供电", 4, "机柜无…"),
        ("1042 滨江、1043 城西", 12, "1042 滨江…"),
        ("工单 123456789", 8, "工单…"),
        ("rack17 power", 9, "rack17…"),
    ],
)
def test_a_variable_is_cut_between_words_and_never_inside_a_number(text, limit, short):
    assert cut(text, limit) == short
    assert len(short) <= limit


def test_a_number_that_is_too_long_is_given_up_and_not_cut():
    with pytest.raises(GiveUp) as caught:
        cut("1234567890", 8, name="number")
    assert str(caught.value) == "the value of number is longer than 8 characters and cannot be cut"


PAGE = Template(code="SMS_1", variables={"n": "number", "where": "site"}, limits={"where": 3})
NOTICE = Template(code="SMS_2", variables={"text": "whole"}, limits={"text": 100})
ENGLISH = Template(code="SMS_3", variables={"n": "number"})
TEMPLATES = Registry(zh={"page": PAGE, "notice": NOTICE}, en={"page": ENGLISH}, fallback="notice")


@pytest.mark.parametrize(
    ("key", "language", "code"),
    [
        ("page", "zh", "SMS_1"),
        ("page", "en", "SMS_3"),
        ("storm", "zh", "SMS_2"),
        ("storm", "en", "SMS_2"),
        ("", "zh", "SMS_2"),
    ],
)
def test_the_template_is_that_of_the_language_or_the_chinese_or_the_fallback(key, language, code):
    assert TEMPLATES.find(key, language).code == code


def test_without_a_fallback_the_missing_template_is_named():
    with pytest.raises(GiveUp) as caught:
        Registry(zh={"page": PAGE}, en={}, fallback="").find("storm", "zh")
    assert str(caught.value) == "no approved template for storm: add it under templates"


def test_variables_are_filled_cleaned_cut_and_never_empty():
    given = {"number": "1042", "site": "滨江一号机房", "more": "x"}
    assert filled(PAGE, given, text="", language="zh").values == {"n": "1042", "where": "滨江…"}
    assert filled(PAGE, {"number": "1", "site": "★"}, text="", language="zh").values == {"n": "1", "where": "无"}


def test_the_whole_text_goes_out_without_its_sign():
    text = "【华信服务】1042已解决"
    assert filled(NOTICE, {}, text=text, language="zh").values == {"text": "1042已解决"}


def test_a_variable_that_the_text_does_not_have_is_named():
    with pytest.raises(GiveUp) as caught:
        filled(PAGE, {"number": "1"}, text="", language="zh")
    assert str(caught.value) == "the approved template SMS_1 wants site, which this text does not have"


def test_the_self_check_names_what_has_no_template():
    without = Registry(zh={"page": PAGE}, en={}, fallback="").finding({"page", "storm", "alarm"})
    assert (without.ok, without.note) == (False, "missing: alarm, storm")
    with_one = TEMPLATES.finding({"page", "storm"})
    assert (with_one.ok, with_one.note) == (True, "these go out as notice: storm")
    assert TEMPLATES.finding({"page"}).ok is True


def test_the_self_check_names_a_variable_that_no_text_has():
    typo = Template(code="SMS_1", variables={"n": "numbr", "w": "whole"})
    finding = Registry(zh={"page": typo}, en={}, fallback="page").finding({"page"})
    assert (finding.ok, finding.note) == (False, "variables that no text of ours has: numbr")


UPGRADE = Template(code="SMS_4", variables={"who": "name", "what": "text"}, limits={"what": 6})


def test_a_preview_names_the_template_and_what_would_be_handed_in():
    given = {"name": "", "text": "请升级"}
    assert previewed(UPGRADE, given, text="", language="zh") == "SMS_4 who=无 what=请升级"
    whole = {"code": "ABCD2345"}
    assert previewed(NOTICE, whole, text="【华信服务】请升级", language="zh") == "SMS_2 text=请升级"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("请在本周内升级", "text has 7 characters, and what of SMS_4 holds 6"),
        ("见a.cn http://a.cn", "text holds a link, a mail address or a mobile number, which SMS_4 may not carry"),
        ("13800138000", "text holds a link, a mail address or a mobile number, which SMS_4 may not carry"),
        (None, "the approved template SMS_4 wants text, which this text does not have"),
    ],
)
def test_a_preview_refuses_what_would_lose_words(text, why):
    given = {"name": "王工"} | ({"text": text} if text else {})
    with pytest.raises(GiveUp) as caught:
        previewed(UPGRADE, given, text="", language="zh")
    assert str(caught.value) == why


# pushes

SECRET = Secret("0123456789abcdef")


def wire(path, content_type="application/json;charset=UTF-8", body=b"[]"):
    headers = {"content-type": content_type} if content_type else {}
    return Wire(method="POST", url="http://x/in/sms/main", path=path, headers=headers, query={}, body=body, at=NOW)


def test_a_push_with_the_secret_in_its_path_is_let_in():
    assert aliyun_push.admitted(wire("/0123456789abcdef/up"), SECRET) == "up"


@pytest.mark.parametrize(
    "path", ["", "/", "/up", "/0123456789abcdeX/up", "/0123456789abcde/up", "//up", "/é/up", "/\udc80/up"]
)
def test_a_push_without_the_secret_is_refused_and_the_secret_is_not_told(path):
    with pytest.raises(Refused) as caught:
        aliyun_push.admitted(wire(path), SECRET)
    assert "0123456789abcdef" not in str(caught.value)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_push_that_is_not_json_by_its_header_is_refused(content_type):
    with pytest.raises(Refused):
        aliyun_push.admitted(wire("/0123456789abcdef/up", content_type), SECRET)


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"\xff", b"[" + b"1," * 1000 + b"1]"])
def test_a_push_that_is_no_array_or_too_long_is_malformed(body):
    with pytest.raises(Malformed):
        aliyun_push.items(body)


def test_a_secret_that_can_be_guessed_lets_nothing_in_and_the_self_check_says_so():
    with pytest.raises(Refused):
        aliyun_push.admitted(wire("/short/up"), Secret("short"))
    assert [aliyun_push.secret_finding(Secret(one)).ok for one in ("short", "0123456789abcdef")] == [False, True]

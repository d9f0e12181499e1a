"""What we post and what the simulators answer, held against Twilio's own OpenAPI description."""

import json
import re
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import aiohttp.web
import pytest

from channels.simulation import Fault

from .conftest import A_NUMBER, build

FORM = "application/x-www-form-urlencoded"


class Description:
    """As much of an OpenAPI 3 validator as this description needs; returns complaints."""

    def __init__(self, document):
        self.document = document

    def operation(self, method, path):
        for template, item in self.document["paths"].items():
            names = re.findall(r"{(\w+)}", template)
            found = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", template), path)
            if found and method.lower() in item:
                return item[method.lower()], dict(zip(names, found.groups(), strict=True))
        pytest.fail(f"the description has no {method} {path}")

    def request(self, method, path, form):
        operation, arguments = self.operation(method, path)
        wrong = []
        for parameter in operation.get("parameters", []):
            wrong += self.value(arguments.get(parameter["name"]), parameter["schema"], parameter["name"])
        if method == "POST":
            wrong += self.posted(operation, form)
        return wrong

    def posted(self, operation, form):
        schema = operation["requestBody"]["content"][FORM]["schema"]
        names = [name for name, _ in form]
        wrong = [f"{name} is missing" for name in schema.get("required", []) if name not in names]
        for name in dict.fromkeys(names):
            kind = schema["properties"].get(name)
            values = [value for other, value in form if other == name]
            if kind is None:
                wrong.append(f"{name} is unknown")
            elif self.resolved(kind).get("type") != "array" and len(values) > 1:
                wrong.append(f"{name} is repeated")
            else:
                element = kind["items"] if kind.get("type") == "array" else kind
                wrong += [complaint for value in values for complaint in self.value(value, element, name, text=True)]
        for group in operation.get("x-twilio", {}).get("conditional", []):
            words = {word.replace("_", "").lower() for word in group}
            if not any(name.lower() in words for name in names):
                wrong.append(f"one of {group} is missing")
        return wrong

    def answer(self, method, path, status, body):
        operation, _ = self.operation(method, path)
        return self.value(body, operation["responses"][str(status)]["content"]["application/json"]["schema"], "body")

    def value(self, value, schema, where, *, text=False):
        schema = self.resolved(schema)
        if value is None:
            return [] if schema.get("nullable") else [f"{where} is null"]
        if schema.get("type") == "object" or "properties" in schema:
            return self.mapping(value, schema, where)
        kinds: dict[str, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list}
        wrong = []
        if text and schema.get("type") == "integer" and not re.fullmatch(r"-?\d+", value):
            wrong.append(f"{where} is not a whole number")
        if not text and not isinstance(value, kinds[schema["type"]]):
            wrong.append(f"{where} is not {schema['type']}")
        if "enum" in schema and value not in schema["enum"]:
            wrong.append(f"{where} is not one of the enum")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            wrong.append(f"{where} does not fit the pattern")
        if not schema.get("minLength", 0) <= len(str(value)) <= schema.get("maxLength", 1_000_000):
            wrong.append(f"{where} has the wrong length")
        return wrong + self.form(value, schema.get("format"), where)

    def form(self, value, name, where):
        match name:
            case "uri":
                return [] if urlsplit(value).scheme in ("http", "https") else [f"{where} is no address"]
            case "date-time-rfc-2822":
                return [] if parsedate_to_datetime(value).tzinfo else [f"{where} is no moment"]
            case "phone-number" | "endpoint":
                return [] if re.fullmatch(r"\+[1-9]\d{6,14}", value) else [f"{where} is not E.164"]
        return []

    def mapping(self, value, schema, where):
        if not isinstance(value, dict):
            return [f"{where} is not an object"]
        known = schema.get("properties", {})
        wrong = [f"{where}.{name} is unknown" for name in value if known and name not in known]
        wrong += [f"{where}.{name} is missing" for name in known if name not in value]
        for name in known.keys() & value.keys():
            nullable = {"nullable": True, **self.resolved(known[name])}
            wrong += self.value(value[name], nullable, f"{where}.{name}")
        return wrong

    def resolved(self, schema):
        reference = schema.get("$ref")
        return self.document["components"]["schemas"][reference.rsplit("/", 1)[1]] if reference else schema


@pytest.fixture(scope="session")
def description(contracts):
    return Description(json.loads((contracts / "twilio" / "twilio_api_v2010.json").read_text()))


@pytest.fixture(params=["sms", "phone"])
def channel_name(request):
    return request.param


@pytest.fixture
async def recorded(house):
    """The channel with a proxy before the simulator that keeps every exchange."""
    exchanges = []

    async def forward(request):
        body = await request.read()
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        url = f"{house.simulator.twilio.url}{request.path_qs}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, url, data=body, headers=headers) as response,
        ):
            answer = await response.read()
        form = parse_qsl(body.decode(), keep_blank_values=True)
        exchanges.append((request.method, request.path, form, response.status, json.loads(answer)))
        return aiohttp.web.Response(status=response.status, body=answer, content_type="application/json")

    app = aiohttp.web.Application()
    app.router.add_route("*", "/{tail:.*}", forward)
    runner = aiohttp.web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield url, exchanges
    await runner.cleanup()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "to",
    [
        pytest.param("13800138000", id="without a country code"),
        pytest.param("+86 138 0013 8000", id="with spaces"),
        pytest.param("１３８００１３８０００", id="full-width"),
    ],
)
async def test_everything_posted_and_answered_stands_in_the_description(house, recorded, description, to, language):
    url, exchanges = recorded
    channel = house.rebuilt(api_url=url)
    await channel.send(house.outgoing(to=to, language=language))
    await channel.check()
    await channel.close()
    assert len(exchanges) == 2
    for method, path, form, status, body in exchanges:
        assert description.request(method, path, form) == []
        assert description.answer(method, path, status, body) == []
    assert dict(exchanges[0][2])["To"] == A_NUMBER


@pytest.mark.parametrize("channel_name", ["sms"], indirect=True)
async def test_a_messaging_service_stands_in_the_description(recorded, description, house):
    url, exchanges = recorded
    pool = "MG" + "0" * 32
    channel = house.rebuilt(api_url=url, number=None, messaging_service_sid=pool)
    receipt = await channel.send(house.outgoing())
    await channel.close()
    method, path, form, status, body = exchanges[0]
    assert description.request(method, path, form) == []
    assert description.answer(method, path, status, body) == []
    assert (dict(form)["MessagingServiceSid"], "From" in dict(form), receipt.segments) == (pool, False, 1)


@pytest.mark.parametrize("channel_name", ["phone"], indirect=True)
async def test_an_extension_is_dialled_after_the_number(recorded, description, house):
    url, exchanges = recorded
    channel = house.rebuilt(api_url=url)
    await channel.send(house.outgoing(to="021-55558888转802"))
    await channel.close()
    method, path, form, _, _ = exchanges[0]
    assert description.request(method, path, form) == []
    assert (dict(form)["To"], dict(form)["SendDigits"]) == ("+862155558888", "wwww802")


def test_the_validator_complains(description):
    path = "/2010-04-01/Accounts/ACxyz/Calls.json"
    form = [
        ("To", "110"),
        ("From", "+15005550006"),
        ("Twimml", "x"),
        ("Timeout", "soon"),
        ("Record", "1"),
        ("Record", "2"),
    ]
    assert description.request("POST", path, form) == [
        "AccountSid does not fit the pattern",
        "AccountSid has the wrong length",
        "To is not E.164",
        "Twimml is unknown",
        "Timeout is not a whole number",
        "Record is repeated",
        "one of ['url', 'twiml', 'application_sid'] is missing",
    ]


MAGIC = [
    ("sms", "+15005550001", "Unreachable", "21211"),
    ("sms", "+15005550002", "GiveUp", "21612"),
    ("sms", "+15005550003", "Misconfigured", "21408"),
    ("sms", "+15005550004", "Unreachable", "21610"),
    ("sms", "+15005550009", "Unreachable", "21614"),
    ("phone", "+15005550001", "Unreachable", "21217"),
    ("phone", "+15005550002", "GiveUp", "21214"),
    ("phone", "+15005550003", "Misconfigured", "21215"),
    ("phone", "+15005550004", "Misconfigured", "21216"),
]


@pytest.mark.parametrize(("channel_name", "to", "kind", "code"), MAGIC, indirect=["channel_name"])
async def test_the_documented_test_numbers_give_our_errors(house, to, kind, code):
    with pytest.raises(Exception, match=code) as caught:
        await house.channel.send(house.outgoing(to=to))
    assert type(caught.value).__name__ == kind


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [("+15005550007", "Misconfigured", "21606"), ("+15005550008", "TryLater", "14107")],
)
@pytest.mark.parametrize("channel_name", ["sms"], indirect=True)
async def test_the_documented_test_senders_give_our_errors(house, number, kind, code):
    channel = house.rebuilt(number=number)
    with pytest.raises(Exception, match=code) as caught:
        await channel.send(house.outgoing())
    await channel.close()
    assert type(caught.value).__name__ == kind


async def test_the_simulator_refuses_a_wrong_token_and_being_down_is_tried_later(house):
    wrong = build(house.name, {**house.block, "account_sid": "AC" + "0" * 32}, house.gateway.url, house.clock)
    with pytest.raises(Exception, match="20003"):
        await wrong.send(house.outgoing())
    finding = (await wrong.check())[0]
    await wrong.close()
    assert (finding.ok, "20003" in finding.note) == (False, True)
    house.simulator.fault = Fault.DOWN
    with pytest.raises(Exception, match="503") as caught:
        await house.channel.send(house.outgoing())
    assert type(caught.value).__name__ == "TryLater"
    assert house.simulator.heard == []

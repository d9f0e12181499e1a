"""Every signature vector of the providers' samples, and the simulator's own signing, against our check."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from channels.contract import Refused, Wire
from channels.settings import Secret
from channels.sms.twilio.config import Account
from channels.twilio_account import FORM, Signature
from channels.twilio_simulation import TwilioServer


def signature(token, **more):
    block = {"account_sid": "AC" + "0" * 32, "auth_token": Secret(token), "number": "+15005550006", **more}
    return Signature(Account.model_validate(block))


def wire(url, *, body=b"", media=FORM, signed=None, **headers):
    names = {"content-type": media, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if signed is not None:
        names["x-twilio-signature"] = signed
    query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    return Wire(
        method="POST",
        url=url,
        path="",
        headers=names,
        query=query,
        body=body,
        at=datetime(2026, 11, 20, tzinfo=UTC),
    )


def of_vector(vector):
    if "body" in vector:
        return wire(vector["url"], body=vector["body"].encode(), media="application/json", signed=vector["signature"])
    params = vector["params"]
    pairs = list(params.items()) if isinstance(params, dict) else [tuple(pair) for pair in params]
    return wire(
        vector["url"], body=urlencode(pairs).encode(), media=f"{FORM}; charset=UTF-8", signed=vector["signature"]
    )


@pytest.fixture(scope="session")
def vectors(contracts: Path):
    file = json.loads((contracts / "twilio" / "signature_vectors.json").read_text(encoding="utf-8"))
    ours = [(file["auth_token"], vector) for vector in file["vectors"]]
    return [*ours, *((file["published"]["auth_token"], vector) for vector in file["published"]["vectors"])]


def test_every_vector_gets_the_verdict_that_it_names(vectors):
    verdicts = []
    for token, vector in vectors:
        try:
            signature(token).fields(of_vector(vector))
            verdicts.append(True)
        except Refused:
            verdicts.append(False)
    assert verdicts == [vector["valid"] for _, vector in vectors]
    assert (verdicts.count(True), verdicts.count(False)) == (15, 6)


def test_a_genuine_form_gives_its_fields_with_spaces_signs_and_empty_values(vectors):
    token, vector = next((t, v) for t, v in vectors if v.get("id") == "sms_plus_and_spaces")
    assert dict(signature(token).fields(of_vector(vector))) == vector["params"]


URL = "https://support.example.cn/in/sms/main"


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(wire(URL, body=b"From=x"), id="no header"),
        pytest.param(wire(URL, body=b"From=x", signed=""), id="an empty header"),
        pytest.param(wire(URL, body=b'{"a":1}', media="application/json", signed="x"), id="JSON without its digest"),
        pytest.param(wire(URL, body=b"From=%ff", signed="x"), id="escapes that are not UTF-8"),
        pytest.param(wire(URL, body=b"a=1&" * 2000, signed="x"), id="thousands of fields"),
        pytest.param(
            wire(f"{URL}?bodySHA256=00", body=b"\xff", media="image/png", signed="x"), id="bytes with a digest"
        ),
    ],
)
def test_what_cannot_be_proved_is_refused(forged):
    with pytest.raises(Refused):
        signature("12345").fields(forged)


def test_a_body_that_only_the_address_was_signed_for_is_refused(contracts):
    empty = server("12345")._signature(URL, {})
    assert dict(signature("12345").fields(wire(URL, signed=empty))) == {}
    with pytest.raises(Refused):
        signature("12345").fields(wire(URL, body=b"Body=1", media="text/plain", signed=empty))


def test_the_simulator_signs_the_vectors_as_twilio_does(vectors):
    chosen = [(t, v) for t, v in vectors if v["valid"] and isinstance(v.get("params"), dict) and "note" not in v]
    assert [server(t)._signature(v["url"], v["params"]) for t, v in chosen] == [v["signature"] for _, v in chosen]
    assert len(chosen) >= 8


def test_a_shared_key_signs_with_sha256_and_shuts_out_the_other_kind():
    from twilio.request_validator import RequestValidator

    signed = RequestValidator("shared").compute_signature(URL, {"From": "x"}, "HMAC_SHA256")
    settings = {"x_twilio_webhooks_signature_settings": "key=k1,algorithm=HMAC_SHA256"}
    genuine = wire(URL, body=b"From=x", signed=signed, **settings)
    assert dict(signature("12345", webhook_shared_key=Secret("shared")).fields(genuine)) == {"From": "x"}
    with pytest.raises(Refused):
        signature("shared").fields(genuine)
    old = RequestValidator("shared").compute_signature(URL, {"From": "x"})
    with pytest.raises(Refused):
        signature("12345", webhook_shared_key=Secret("shared")).fields(wire(URL, body=b"From=x", signed=old))


def server(token):
    made = TwilioServer(clock=None, gateway_url="http://127.0.0.1:1", public_url=None, number="+15005550006")  # type: ignore[arg-type]
    made.auth_token = token
    return made

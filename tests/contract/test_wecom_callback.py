"""The encrypted callback of WeCom: the published example and the vectors made by other implementations."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.contract import Malformed, Refused, Wire
from channels.wecom_callback import Callback
from channels.wecom_simulation import envelope, seal

CONTRACTS = Path(__file__).resolve().parents[3] / "shared" / "contracts" / "wechat"
TEXT = "<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[断电 <b> & ]]></Content></xml>"
AT = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


def vectors():
    file = CONTRACTS / "callbacks.json"
    if not file.exists():
        return []
    return [one for one in json.loads(file.read_text("utf-8"))["vectors"] if one["platform"] == "wecom"]


def wire(method, query, body, at):
    url = "https://x.example/in/wechat/main"
    return Wire(method=method, url=url, path="", headers={}, query=query, body=body, at=at)


@pytest.mark.parametrize("vector", vectors(), ids=lambda one: one["id"])
def test_each_vector_is_accepted_or_refused_as_it_says(vector):
    account = json.loads((CONTRACTS / "callbacks.json").read_text("utf-8"))["accounts"]["wecom"]
    callback = Callback(
        token=account["token"],
        aes_key=account["encoding_aes_key"],
        receiver=account.get("corp_id") or account["app_id"],
    )
    at = datetime.fromtimestamp(vector["now"], UTC)
    given = wire(vector["method"], vector["query"], vector["body"].encode(), at)
    read = callback.echo if vector["mode"] == "verify" else callback.xml
    if not vector["expect"]["accept"]:
        with pytest.raises(Refused):
            read(given)
    elif vector["mode"] == "verify":
        assert callback.echo(given).body.decode() == vector["expect"]["answer"]
    else:
        found = callback.xml(given)
        assert {name: found[name] for name in vector["expect"]["fields"]} == {
            name: str(value) for name, value in vector["expect"]["fields"].items()
        }


@pytest.mark.skipif(not CONTRACTS.exists(), reason="the published samples are not beside the project")
def test_the_published_example_reads_as_published():
    published = json.loads((CONTRACTS / "published.json").read_text("utf-8"))
    account = published["account"]
    callback = Callback(token=account["token"], aes_key=account["encoding_aes_key"], receiver=account["corp_id"])
    for part in ("verify_url", "message"):
        query = published[part]["query"]
        at = datetime.fromtimestamp(int(query["timestamp"]), UTC)
        given = wire("POST", query, published[part].get("body", "").encode(), at)
        if part == "verify_url":
            assert callback.echo(given).body.decode() == published[part]["answer"]
        else:
            assert callback.xml(given)["Content"] == "hello"


def sealed(message=TEXT, *, receiver="ww1"):
    query, encrypted = seal(message, token="t", aes_key=KEY, receiver=receiver, at=AT)
    return wire("POST", query, envelope(receiver, encrypted).encode(), AT)


def test_what_the_simulator_seals_is_opened():
    assert Callback(token="t", aes_key=KEY, receiver="ww1").xml(sealed())["Content"] == "断电 <b> & "


@pytest.mark.parametrize("receiver", ["ww2", ""])
def test_what_is_meant_for_another_account_is_refused(receiver):
    with pytest.raises(Refused, match="another account"):
        Callback(token="t", aes_key=KEY, receiver=receiver).xml(sealed())


@pytest.mark.parametrize("inside", ["", "x", "<xml>", '<!DOCTYPE x [<!ENTITY a "b">]><xml><C>&a;</C></xml>'])
def test_a_genuine_callback_with_a_broken_inside_is_malformed(inside):
    with pytest.raises(Malformed) as caught:
        Callback(token="t", aes_key=KEY, receiver="ww1").xml(sealed(inside))
    assert caught.value.where == "xml"


@pytest.mark.parametrize("key", ["", "short", KEY + "=", "!" * 43, KEY[:-1]])
def test_with_an_aes_key_of_another_form_everything_is_refused_and_the_check_says_why(key):
    callback = Callback(token="t", aes_key=key, receiver="ww1")
    with pytest.raises(Refused, match="43 letters"):
        callback.xml(sealed())
    (finding,) = callback.check()
    assert (finding.ok, finding.note) == (False, "aes_key is not an EncodingAESKey: it has 43 letters and digits")
    assert list(Callback(token="t", aes_key=KEY, receiver="ww1").check()) == []

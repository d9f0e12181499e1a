"""The callback vectors that other implementations made, against the channels as they are configured."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels import registry
from channels.contract import Around, Refused, Wire

CONTRACTS = Path(__file__).resolve().parents[3] / "shared" / "contracts" / "wechat"
SAID = ("Content", "MediaId", "Url")


def given():
    file = CONTRACTS / "callbacks.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else {"vectors": []}


def channel(vector, tmp_path):
    known = given()["accounts"][vector["platform"]]
    for name in ("token", "secret", "aes_key"):
        (tmp_path / name).write_text(known["encoding_aes_key"] if name == "aes_key" else known["token"], "utf-8")
    secrets = {name: {"file": str(tmp_path / name)} for name in ("token", "secret", "aes_key")}
    if vector["platform"] == "wecom":
        block = {"provider": "app", "corp_id": known["app_id"], "agent_id": 1000002, **secrets}
    else:
        block = {"provider": "official", "app_id": known["app_id"], **secrets}
        if vector["mode"] == "plain":
            block.pop("aes_key")
    settings = registry.settings("wechat", block["provider"]).model_validate(block)
    around = Around(account="main", public_url="https://x.example", now=lambda: datetime.now(UTC))
    return registry.build("wechat", settings, around)


def read(vector, tmp_path):
    hooks = {hook.method: hook for hook in channel(vector, tmp_path).webhooks()}
    wire = Wire(
        method=vector["method"],
        url="https://x.example/in/wechat/main",
        path="",
        headers={},
        query=vector["query"],
        body=vector["body"].encode(),
        at=datetime.fromtimestamp(vector["now"], UTC),
    )
    return hooks[vector["method"]].read(wire)


@pytest.mark.parametrize("vector", given()["vectors"], ids=lambda one: one["id"])
def test_each_vector_is_accepted_or_refused_as_it_says(vector, tmp_path):
    expect = vector["expect"]
    if not expect["accept"]:
        with pytest.raises(Refused):
            read(vector, tmp_path)
        return
    parsed = read(vector, tmp_path)
    if vector["mode"] == "verify":
        assert parsed.reply.body.decode() == expect["answer"]
        return
    if "<MsgType><![CDATA[event]]>" in expect.get("plain_xml", vector["body"]):
        assert [one.text for one in parsed.inbounds] == (
            ["[菜单] menu_contact_support"] if expect["fields"].get("Event") == "CLICK" else []
        )
        return
    (one,) = parsed.inbounds
    shown = one.remotes[0].ref if one.remotes else one.text
    assert f"<MsgId>{one.key}</MsgId>" in expect.get("plain_xml", vector["body"])
    for value in (str(expect["fields"][name]) for name in set(SAID) & set(expect["fields"])):
        assert value.strip() in shown

"""config.yaml at the door: every fault at once, with file, line, key and cure, and never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels import registry
from channels.settings import Secret
from gateway.config import Config, load, parse
from gateway.yaml_page import ConfigError

ROUTER = """\
router:
  people: {a: {name: A, addresses: {tel: '+1'}}}
  rota: {lead: a}
"""
EMAIL = """\
channels:
  email:
    support:
      address: support@example.cn
      imap: {host: imap.example.cn, password: {env: GATE_TEST_PASSWORD}}
      smtp: {host: smtp.example.cn, password: {env: GATE_TEST_PASSWORD}}
"""


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, file="c.yaml")
    return [str(fault) for fault in caught.value.faults]


def read(text: str) -> Config:
    return parse(text, file="c.yaml")


def test_the_smallest_configuration_has_defaults_for_everything_else() -> None:
    config = read(ROUTER)
    assert (config.gateway.port, config.gateway.body_limit, config.channels) == (8000, 2_000_000, {})
    assert config.store.address == "sqlite:///data/yizhan.db"


def test_an_empty_block_is_a_block_of_defaults() -> None:
    assert read(f"{ROUTER}gateway:\nstore:\nchannels:\n").gateway.senders == 16


def test_every_fault_is_named_at_once_in_the_order_of_the_lines() -> None:
    text = f"""\
{ROUTER}gatewy: {{}}
gateway:
  prot: 80
  senders: [1]
store:
  url: mysql://h/d
channels:
  pigeon: {{}}
  sms: [main]
"""
    assert faults(text) == [
        "c.yaml:4: gatewy: unknown block; did you mean gateway?",
        "c.yaml:6: gateway.prot: unknown key; did you mean port?",
        "c.yaml:7: gateway.senders: Input should be a valid integer; correct the value",
        "c.yaml:9: store.url: is not the address of a database; write sqlite:///PATH or postgresql://USER@HOST/NAME",
        f"c.yaml:11: channels.pigeon: unknown channel; known here: {', '.join(registry.names())}",
        "c.yaml:12: channels.sms: holds no accounts; write an account name and its block below it",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "", ["c.yaml:1: router.people: is missing; add it", "c.yaml:1: router.rota: is missing; add it"], id="empty"
        ),
        pytest.param(
            "- a\n",
            ["c.yaml:1: : is not a mapping; write the blocks gateway, channels, router, store"],
            id="list for all",
        ),
        pytest.param(
            f"{ROUTER}gateway: [a]\n",
            ["c.yaml:4: gateway: is not a block; write its keys below it, indented"],
            id="list for a block",
        ),
        pytest.param(
            f"{ROUTER}gateway: false\n",
            ["c.yaml:4: gateway: is not a block; write its keys below it, indented"],
            id="false for a block",
        ),
        pytest.param(
            f"{ROUTER}channels: [sms]\n",
            ["c.yaml:4: channels: is not a block; write the name of a channel and its accounts below it, indented"],
            id="list for channels",
        ),
        pytest.param(
            f"{ROUTER}gateway:\n  port: 1\n  port: 2\n",
            ["c.yaml:6: gateway.port: stands twice; take one away, here or in line 5"],
            id="key twice",
        ),
        pytest.param(
            f"{ROUTER}  sites: north\n",
            ["c.yaml:4: router.sites: is not a list; write it in brackets: [a, b]"],
            id="text for a list",
        ),
        pytest.param(
            f"{ROUTER}  quiet_hours: {{begin: 22:00, end: '07:00'}}\n",
            ['c.yaml:4: router.quiet_hours.begin: cannot be used so; write a time of day in quotes, such as "08:30"'],
            id="time without quotes",
        ),
        pytest.param(
            f"{ROUTER}  undo_within: 5\n",
            ["c.yaml:4: router.undo_within: cannot be used so; write a length of time such as 90s, 10m, 4h or 1d"],
            id="span without a unit",
        ),
        pytest.param(
            f"{ROUTER}gateway:\n  limits: {{'sms:mian': {{per_second: 1}}}}\n",
            ["c.yaml:5: gateway.limits.sms:mian: no such account; remove it"],
            id="limit of no account",
        ),
        pytest.param(
            f"{ROUTER}  rules: [{{nmae: x}}]\n",
            [
                "c.yaml:4: router.rules.0.name: is missing; add it",
                "c.yaml:4: router.rules.0.nmae: unknown key; did you mean name?",
            ],
            id="own rule",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_cure(text: str, expected: list[str]) -> None:
    assert faults(text) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("a:\n\t- b\n", 2, id="tab"),
        pytest.param("router:\n  x: !tag y\n", 2, id="unknown tag"),
        pytest.param("router: {\n", 2, id="open brace"),
        pytest.param("a: &a [*a]\n", 1, id="a list that holds itself"),
        pytest.param("? [a, b]\n: c\n", 1, id="a list as key"),
        pytest.param("a: 2026-99-99\n", 1, id="a date that is none"),
    ],
)
def test_what_is_not_yaml_is_one_fault_with_its_line(text: str, line: int) -> None:
    (only,) = faults(text)
    assert only.startswith(f"c.yaml:{line}: : is not YAML: ")


@pytest.mark.parametrize("plain", ["*hunter2", "!hunter2 x", "hunter2", "[hunter2]", "{key: hunter2}"])
def test_a_secret_written_plainly_is_refused_and_not_repeated(plain: str) -> None:
    told = "\n".join(faults(f"{ROUTER}gateway:\n  operator_token: {plain}\n"))
    assert "hunter2" not in told
    assert told.startswith("c.yaml:")


def test_a_password_in_the_database_address_is_refused_and_not_repeated() -> None:
    (only,) = faults(f"{ROUTER}store: {{url: 'postgresql://u:hunter2@h/d'}}\n")
    assert only == (
        "c.yaml:4: store.url: a password does not belong into config.yaml; write the whole address as {env: NAME}"
    )


def test_a_database_address_may_come_out_of_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_TEST_URL", "postgresql://u:hunter2@h/d")
    config = read(f"{ROUTER}store: {{url: {{env: GATE_TEST_URL}}}}\n")
    assert config.store.address == "postgresql://u:hunter2@h/d"
    assert "hunter2" not in repr(config)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("{env: GATE_TEST_NOWHERE}", "environment variable GATE_TEST_NOWHERE is not set", id="variable"),
        pytest.param("{file: /nowhere/token}", "cannot read the secret file /nowhere/token", id="file"),
        pytest.param("{env: A, file: B}", "a secret does not belong into config.yaml", id="two origins"),
        pytest.param("{env: GATE_TEST_EMPTY}", "the secret is empty", id="empty"),
    ],
)
def test_a_secret_that_is_not_there_is_a_fault(value: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_TEST_EMPTY", "")
    (only,) = faults(f"{ROUTER}gateway:\n  operator_token: {value}\n")
    assert only.startswith(f"c.yaml:5: gateway.operator_token: {expected}")


def test_a_mailbox_is_read_and_its_mistakes_are_found_deep_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_TEST_PASSWORD", "hunter2")
    config = read(ROUTER + EMAIL)
    account = config.channels["email"]["support"]
    assert isinstance(account, object)
    assert "hunter2" not in repr(account)
    wrong = EMAIL.replace("imap: {host", "imap: {prot: 1, host") + "      times: [08:30, 12:30]\n"
    assert faults(ROUTER + wrong) == [
        "c.yaml:8: channels.email.support.imap.prot: unknown key; did you mean port?",
        "c.yaml:10: channels.email.support.times.1: is not a text; write it in quotes",
    ]


@pytest.mark.parametrize("name", ["Support", "a b", "a/b", "-a", "a:b", "支持"])
def test_an_account_name_that_cannot_stand_in_an_address_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_TEST_PASSWORD", "hunter2")
    assert faults(ROUTER + EMAIL.replace("    support:", f"    '{name}':")) == [
        f"c.yaml:6: channels.email.{name}: is no account name; use only a-z, 0-9 and -"
    ]


def test_channels_are_not_looked_at_where_they_are_not_needed() -> None:
    assert parse(f"{ROUTER}channels: [x]\n", channels=False).channels == {}


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(str(tmp_path / "none.yaml"))
    (tmp_path / "gbk.yaml").write_bytes("router: 服务".encode("gbk"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(str(tmp_path / "gbk.yaml"))


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_bytes(b"\xef\xbb\xbf" + ROUTER.encode())
    assert load(str(tmp_path / "c.yaml")).router.rota.lead == "a"


def test_a_secret_never_prints() -> None:
    assert repr(Secret("hunter2")) == str(Secret("hunter2")) == "******"

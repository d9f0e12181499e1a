"""`yizhan broadcast suppressions`: listed, added and allowed again, in a store that no gateway has."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from gateway.commands.broadcast import command
from store.db import open_database

CONFIG = """
channels:
  sms:
    main:
      provider: twilio
      account_sid: AC00000000000000000000000000000001
      auth_token: {env: T}
      number: "+15005550006"
router:
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota: {lead: zhang, second: li}
"""


@pytest.fixture
def run(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(f"{CONFIG}store: {{url: 'sqlite:///{tmp_path}/yizhan.db'}}\n", "utf-8")
    made = open_database(f"sqlite:///{tmp_path}/yizhan.db", now=lambda: datetime.now(UTC))
    made.migrate()
    made.close()

    def typed(*words):
        env = {"YIZHAN_CONFIG": str(file), "T": "0123456789abcdef0123456789abcdef"}
        return CliRunner().invoke(command, ["suppressions", *words], env=env)

    return typed


def test_an_address_is_added_listed_and_allowed_again(run):
    added = run("add", "sms", "139 0000 0001", "--by", "张三", "--why", "asked by phone")
    again = run("add", "sms", "13900000001", "--by", "zhang", "--why", "asked by phone")
    assert (added.exit_code, added.stderr, again.stderr) == (0, "done\n", "it was so already\n")
    row = json.loads(run("list", "--json").stdout)
    assert (row["channel"], row["address"], row["kind"], row["by"]) == ("sms", "+8613900000001", "opted_out", "zhang")
    assert "+8613900000001  opted_out (zhang): asked by phone" in run().stdout
    assert run("allow", "sms", "13900000001", "--by", "zhang", "--why", "changed their mind").exit_code == 0
    assert (run("list").stdout, run("list").stderr) == ("", "there are none\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "sms", "12", "--by", "zhang", "--why", "x"), "no address"),
        (("add", "mail", "a@b.cn", "--by", "zhang", "--why", "x"), "cannot write that way"),
        (("add", "sms", "13900000001", "--by", "li", "--why", "x"), "rights: [broadcast]"),
        (("add", "sms", "13900000001", "--by", "nobody", "--why", "x"), "is not among people"),
        (("add", "sms", "13900000001", "--by", "zhang", "--why", " "), "--why"),
    ],
)
def test_what_cannot_be_ends_with_the_reason(run, words, says):
    ended = run(*words)
    assert (ended.exit_code, says in ended.stderr) == (1, True), ended.stderr

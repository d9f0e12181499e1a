"""What `yizhan check` warns of and `yizhan lead explain` says: by what the channels can, the store and the instant."""

import asyncio
import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from channels.contract import Can
from gateway import config
from gateway.__main__ import main
from gateway.reaching import reaches
from gateway.standing import Standing, Ways
from router.explain import Reach, Trouble
from router.rules import compile_rules
from store.db import open_database
from store.model import Presence
from store.work import Work
from store.writer import Writer

ROUTER = """
router:
  time_zone: Asia/Shanghai
  people:
    zhang: {name: Zhang San, addresses: {tel: "+8613800000101"}}
    li: {name: Li Lei, addresses: {tel: "+8613800000102", email: li@example.cn}}
    wang: {name: Wang, addresses: {email: wang@example.cn}}
  rota: {lead: zhang, second: li, manager: wang}
"""
SMS = """
channels:
  sms:
    main:
      provider: twilio
      account_sid: AC00000000000000000000000000000000
      number: "+15005550006"
      auth_token: {file: TOKEN}
"""
ROOT = Path(__file__).resolve().parents[2]
NIGHT = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


@pytest.fixture
def typed(tmp_path: Path) -> Any:
    """What becomes of a command, with YAML put to the configuration."""

    def run(*words: str, channels: str = SMS, more: str = "") -> Result:
        (tmp_path / "token").write_text("a-token-of-some-length")
        store = f"store: {{url: 'sqlite:///{tmp_path}/yizhan.db'}}\n"
        text = f"{channels.replace('TOKEN', str(tmp_path / 'token'))}{ROUTER}{more}\n{store}"
        (tmp_path / "config.yaml").write_text(text, "utf-8")
        given = {"YIZHAN_CONFIG": str(tmp_path / "config.yaml")}
        return CliRunner().invoke(main, list(words), env=given, catch_exceptions=False)

    return run


MAIL_ONLY = "  policies: {fault-1: {steps: [{after: 0s, who: [wang]}], how: [{after: 0s, by: sms}]}}"


@pytest.mark.parametrize(
    ("given", "exit_code", "words"),
    [
        pytest.param({"channels": ""}, 0, "warning: channels is empty: nobody can be paged", id="nothing set up yet"),
        pytest.param({}, 0, "No channel carries call: it does not reach", id="a method without a channel"),
        pytest.param(
            {}, 0, "complaint: It reaches nobody: Wang: no address for SMS.", id="a ladder that reaches nobody"
        ),
        pytest.param({"more": MAIL_ONLY}, 1, "a page of level 1 reaches nobody", id="level 1 that reaches nobody"),
    ],
)
def test_what_check_warns_of(typed, given, exit_code, words):
    result = typed("check", **given)
    assert result.exit_code == exit_code
    assert words in result.stderr


def test_check_gives_its_warnings_as_json_once_for_all_the_ladders_that_they_are_true_of(typed):
    row = json.loads(typed("check", "--json", more=MAIL_ONLY).stdout)
    assert row["ok"] is False
    nobody = [text for text in row["warnings"] if "It reaches nobody" in text]
    assert nobody == ["fault-1, complaint: It reaches nobody: Wang: no address for SMS."]


def test_lead_explain_says_one_policy_at_an_instant(typed):
    result = typed("lead", "explain", "--policy", "other", "--at", "2026-11-24 23:30")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "other",
        "  Step 1, at once: Zhang San (lead): SMS after 7 h 30 min.",
        "  It is in the quiet hours of Zhang San: what can wait comes later.",
        "  Then step 1 again every 4 h until somebody takes it.",
    ]


def test_lead_explain_knows_a_policy_by_its_name_only(typed):
    result = typed("lead", "explain", "--policy", "vip")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "'vip' is not among the policies: fault-1, fault-2, fault-3" in result.stderr


def test_lead_explain_speaks_chinese_and_json(typed):
    assert "第1步，立即：Zhang San（主责）：立即短信" in typed("lead", "explain", "--language", "zh").stdout
    rows = [json.loads(line) for line in typed("lead", "explain", "--json").stdout.splitlines()]
    assert [row["policy"] for row in rows][:2] == ["fault-1", "fault-2"]
    assert rows[0]["steps"][0]["asks"][0]["person"] == "zhang"
    assert {warning["what"] for warning in rows[0]["warnings"]} == {"step", "channel"}
    assert rows[0]["warnings"][0]["zh"].startswith("第3步一个人也叫不到")


async def test_lead_explain_knows_from_the_store_who_is_away(typed, tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/yizhan.db", now=lambda: NIGHT)
    database.migrate()
    writer = Writer(database, woken=lambda _: None)
    writer.start()

    def put(tx: Any, asks: Any) -> list[None]:
        work = Work(tx)
        until = NIGHT + timedelta(hours=9)
        work.add(Presence(id=1, person="zhang", kind="away", begins=NIGHT, ends=until, at=NIGHT))
        work.flush()
        return [None] * len(asks)

    await writer.do(put, None)
    await writer.stop()
    database.close()
    told = []
    for at in ("2026-11-24 23:45", "2026-11-25 09:00"):
        result = await asyncio.to_thread(partial(typed, "lead", "explain", "--policy", "fault-1", "--at", at))
        told.append(result.stdout)
    at_night, later = told
    assert "Step 1, at once: Li Lei (lead)" in at_night
    assert "Nobody leads by the rota" in at_night
    assert "Step 1, at once: Zhang San (lead)" in later


PHONE = """  phone:
    main:
      provider: twilio
      account_sid: AC00000000000000000000000000000000
      number: "+15005550006"
      auth_token: {file: TOKEN}
"""


def test_the_page_of_paging_shows_what_the_command_prints(tmp_path):
    page = (ROOT / "docs/paging.md").read_text("utf-8")
    (shown,) = re.findall(r"```\n\$ yizhan (lead explain .*?)\n(.*?)```", page, re.DOTALL)
    (tmp_path / "token").write_text("a-token-of-some-length")
    given = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    given["channels"] = yaml.safe_load((SMS + PHONE).replace("TOKEN", str(tmp_path / "token")))["channels"]
    given["router"]["people"]["wang"]["addresses"].pop("tel")
    for piece in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL):
        router = yaml.safe_load(piece).get("router", {})
        given["router"]["people"] |= router.get("people", {})
        given["router"] |= {name: router[name] for name in ("policies", "choose") if "choose" in router}
    given["store"] = {"url": f"sqlite:///{tmp_path}/none.db"}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(given, allow_unicode=True), "utf-8")
    environment = {"YIZHAN_CONFIG": str(tmp_path / "config.yaml")}
    result = CliRunner().invoke(main, shlex.split(shown[0]), env=environment, catch_exceptions=False)
    lines = shown[1].splitlines()
    assert result.stdout.splitlines()[: len(lines)] == lines


STAFF = config.parse(ROUTER, channels=False)
CANS = {
    "sms:main": Can(book="tel"),
    "pager:main": Can(pushes=True),
    "apprise:main": Can(pushes=True, replies=False),
    "fax:main": Can(book="tel", sends=False),
}


@pytest.mark.parametrize(
    ("cans", "linked", "pair", "reach"),
    [
        pytest.param(CANS, None, ("zhang", "sms"), Reach(address="+8613800000101"), id="by an address"),
        pytest.param(CANS, None, ("wang", "sms"), Reach(trouble=Trouble.NO_ADDRESS), id="no address"),
        pytest.param(CANS, None, ("zhang", "voice"), Reach(trouble=Trouble.NO_CHANNEL), id="no channel"),
        pytest.param(CANS, None, ("zhang", "push"), Reach(trouble=Trouble.NOT_KNOWN), id="maybe by a code"),
        pytest.param(CANS, {}, ("zhang", "push"), Reach(trouble=Trouble.NO_ADDRESS), id="not by a code"),
        pytest.param(CANS, {("pager", "9"): "zhang"}, ("zhang", "push"), Reach(address="9"), id="proved by a code"),
        pytest.param(
            CANS,
            {("apprise", "x"): "zhang"},
            ("zhang", "push"),
            Reach(trouble=Trouble.ONE_WAY, address="x"),
            id="what cannot be answered",
        ),
        pytest.param({}, None, ("zhang", "sms"), Reach(trouble=Trouble.NO_CHANNEL), id="no channel at all"),
    ],
)
def test_how_a_method_reaches_somebody(cans, linked, pair, reach):
    standing = Standing(config=STAFF, ways=Ways(can=cans), table=compile_rules(), judges=())
    assert reaches(standing, linked)[pair] == reach

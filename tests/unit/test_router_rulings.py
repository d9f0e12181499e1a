"""A site's own rules above the judge: their conditions, what they force and forbid, and how a wrong one is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from gateway.config import parse
from gateway.yaml_page import ConfigError
from router import learned
from router.judge import Facts, Verdict, judge
from router.reading import Who
from router.rules import Table, compile_rules, load
from router.where import RuleError

ROOT = Path(__file__).resolve().parents[2]
BOOK = load(yaml.safe_load((ROOT / "router" / "default_rules.yaml").read_text(encoding="utf-8")))
LEARNED = learned.load((ROOT / "router" / "judge.model").read_bytes())
GOLD = Who(address="noc@hx.example.cn", name="值班室王工", customer="华信集团", grade="金牌", contract="in force")


def table(*rules: dict[str, Any]) -> Table:
    return compile_rules(load({"rules": list(rules)}), BOOK)


def judged(text: str, *rules: dict[str, Any], subject: str | None = None, **facts: Any) -> Verdict:
    return judge(Facts(channel="email", subject=subject, text=text, **facts), table(*rules), LEARNED)


NAGIOS = "***** Nagios *****\nNotification Type: PROBLEM\nService: HTTP\nHost: web01\nState: CRITICAL"
HOLDS = [
    pytest.param({"senders": ["noc@hx.example.cn"]}, "sender noc@hx.example.cn", id="an address"),
    pytest.param({"senders": ["@hx.example.cn"]}, "sender noc@hx.example.cn", id="a domain"),
    pytest.param({"senders": ["@HX.example.cn"]}, "sender noc@hx.example.cn", id="capitals do not count"),
    pytest.param({"senders": ["值班室*"]}, "sender 值班室王工", id="a contact's name"),
    pytest.param({"senders": ["值班室*", "x@y"], "grades": ["金牌"]}, "grade 金牌", id="both hold"),
    pytest.param({"customers": ["华信*"]}, "customer 华信集团", id="a customer"),
    pytest.param({"grades": ["银牌", "金牌"]}, "grade 金牌", id="a grade"),
    pytest.param({"contract": "in force"}, "contract in force", id="a contract"),
    pytest.param({"systems": ["HIS", "LIS"]}, "system LIS", id="a system that is named"),
    pytest.param({"systems": ["*"]}, "system 检验", id="any critical system"),
]
FAILS = [
    pytest.param({"senders": ["@x.example.cn"]}, id="another domain"),
    pytest.param({"senders": ["noc@hx.example.c"]}, id="an address is whole"),
    pytest.param({"customers": ["华信"]}, id="a name is whole"),
    pytest.param({"grades": ["金"]}, id="another grade"),
    pytest.param({"contract": "ended"}, id="a contract in force"),
    pytest.param({"systems": ["LI"]}, id="a Latin name is a word"),
    pytest.param({"source": {"state": ["fires"]}}, id="what a person wrote is no alert"),
    pytest.param({"grades": ["金牌"], "any": ["没有这个词"]}, id="words must hold as well"),
]


@pytest.mark.parametrize(("condition", "reason"), HOLDS)
def test_a_rule_holds_for_whom_it_is_meant_and_says_so(condition: dict[str, Any], reason: str) -> None:
    rule = {"name": "ours", "kind": "complaint", "force": True, **condition}
    verdict = judged("检验LIS 显示有点问题", rule, who=GOLD, critical_systems=("检验",))
    assert verdict.kind == "complaint"
    assert verdict.reasons[0].startswith("ours: ")
    assert reason in verdict.reasons[0]


@pytest.mark.parametrize("condition", FAILS)
def test_a_rule_does_not_hold_for_others(condition: dict[str, Any]) -> None:
    rule = {"name": "ours", "kind": "complaint", "force": True, **condition}
    assert judged("检验LIS 显示有点问题", rule, who=GOLD).kind == "fault"


def test_a_rule_about_people_does_not_hold_for_somebody_unknown() -> None:
    rule = {"name": "ours", "kind": "complaint", "force": True}
    for condition in ({"senders": ["*"]}, {"customers": ["*"]}, {"grades": ["金牌"]}, {"contract": "ended"}):
        assert judged("显示有点问题", rule | condition).kind == "fault"


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        pytest.param({"system": ["nagios"]}, True, id="the system"),
        pytest.param({"system": ["zabbix"]}, False, id="another system"),
        pytest.param({"host": ["web*"], "check": ["http"]}, True, id="host and check"),
        pytest.param({"host": ["web*"], "check": ["ssh"]}, False, id="another check"),
        pytest.param({"severity": ["严重"]}, True, id="a severity by another word"),
        pytest.param({"severity": ["warning"]}, False, id="another severity"),
        pytest.param({"state": ["fires", "flapping"]}, True, id="a state"),
    ],
)
def test_a_rule_may_be_about_a_machines_alert(source: dict[str, Any], holds: bool) -> None:
    rule = {"name": "ours", "level": 3, "force": True, "source": source}
    verdict = judged(NAGIOS, rule, subject="** PROBLEM Service Alert: web01/HTTP is CRITICAL **")
    assert ((verdict.level, verdict.reasons[0][:4]) == (3, "ours")) is holds


OUTAGE, SMALL, THANKS = (
    "平台瘫痪了，所有窗口都打不开",
    "我这台电脑打印出来字有点淡，同事的都正常，不急",
    "谢谢王工，辛苦了",
)


def force(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "force": True, **more}


def forbid(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "forbid": True, **more}


@pytest.mark.parametrize(
    ("text", "rules", "kind", "level", "doubt"),
    [
        pytest.param(THANKS, [force("a", kind="fault", level=1)], "fault", 1, None, id="a kind and a level"),
        pytest.param(OUTAGE, [force("a", kind="praise_or_chat")], "praise_or_chat", None, None, id="a kind"),
        pytest.param(OUTAGE, [force("a", level=3)], "fault", 3, None, id="a level alone"),
        pytest.param(THANKS, [force("a", level=1)], "praise_or_chat", None, None, id="a level makes no fault"),
        pytest.param(OUTAGE, [forbid("a", level=1)], "fault", 2, None, id="a level that can not be chosen"),
        pytest.param(THANKS, [forbid("a", kind="praise_or_chat")], "followup", None, None, id="nor a kind"),
        pytest.param(SMALL, [force("a", level=3), force("b", level=2)], "fault", 2, 3, id="the worse of two levels"),
        pytest.param(
            OUTAGE,
            [force("a", kind="praise_or_chat"), force("b", kind="fault")],
            "fault",
            1,
            None,
            id="the worse of two kinds",
        ),
        pytest.param(OUTAGE, [force("a", level=1), forbid("b", level=1)], "fault", 1, 2, id="forced and forbidden"),
        pytest.param(OUTAGE, [force("a", level=3), forbid("b", level=3)], "fault", 1, 3, id="a mild one forced"),
        pytest.param(SMALL, [forbid(str(n), level=n) for n in (1, 2, 3)], "fault", 3, None, id="all are forbidden"),
        pytest.param("LIS 显示有点问题", [force("a", level=3)], "fault", 3, None, id="no fact raises what is forced"),
    ],
)
def test_what_is_forced_acts_and_what_is_forbidden_does_not(text, rules, kind, level, doubt) -> None:
    verdict = judged(text, *rules, critical_systems=("LIS",))
    assert (verdict.kind, verdict.level) == (kind, level)
    assert doubt is None or verdict.doubt == doubt
    if kind == "fault" or "level" not in rules[0]:
        assert all(any(rule["name"] in reason for reason in verdict.reasons) for rule in rules)
    assert 0 < verdict.confidence <= 1


def test_a_rule_of_a_packaged_name_takes_its_place() -> None:
    alert = "[FIRING:1] 链路抖动 (critical)"
    packaged = judged("状态未知", subject=alert)
    milder = judged("状态未知", {"name": "alert severity: critical", "level": 3, "weight": 8,
                             "source": {"severity": ["critical"]}}, subject=alert)  # fmt: skip
    assert any(reason.startswith("alert severity: critical") for reason in (*packaged.reasons, *milder.reasons))
    assert milder.level == 3


@pytest.mark.parametrize(
    ("rule", "key", "cure"),
    [
        pytest.param({"force": True, "forbid": True, "level": 1}, "forbid", "keep one of them", id="both"),
        pytest.param({"force": True}, "force", "add kind or level", id="forces nothing"),
        pytest.param({"forbid": True, "kind": "fault", "level": 1}, "forbid", "one rule for each", id="forbids two"),
        pytest.param({"force": True, "kind": "complaint", "level": 1}, "level", "take it away", id="a level of none"),
        pytest.param({"kind": "fault", "senders": [" "]}, "senders", "fill it in", id="an empty sender"),
        pytest.param({"kind": "fault", "source": {}}, "source", "add system, host", id="an empty source"),
        pytest.param({"kind": "fault", "source": {"state": ["ok"]}}, "source.state", "fires", id="no state"),
        pytest.param({"kind": "fault", "source": {"severity": ["bad"]}}, "source.severity", "disaster", id="none"),
        pytest.param({"kind": "fault", "any": ["{nothing}"]}, "any", "docs/judging.md", id="a list that is not there"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_name_key_and_cure(rule: dict[str, Any], key: str, cure: str) -> None:
    with pytest.raises(RuleError) as caught:
        table({"name": "mine", **rule})
    assert (caught.value.rule, caught.value.key) == ("mine", key)
    assert cure in str(caught.value)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({"contract": "over"}, id="a contract that is neither"),
        pytest.param({"source": {"hosts": ["x"]}}, id="a mistyped key of a source"),
        pytest.param({"forced": True}, id="a mistyped key"),
    ],
)
def test_a_mistyped_rule_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        table({"name": "mine", **rule})


ROUTER = """\
router:
  people: {zhang: {name: 张三, addresses: {tel: "+8613800000101"}}}
  rota: {lead: zhang}
  rules:
    - {name: fine, kind: fault}
    - name: mine
      kind: fault
"""


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        pytest.param(
            "      source: {state: [ok]}",
            "c.yaml:8: router.rules.1.source.state: rule 'mine': 'ok' is no state;"
            " write one of fires, recovered, acknowledged, flapping",
            id="a state",
        ),
        pytest.param(
            "      sender: [x]",
            "c.yaml:8: router.rules.1.sender: rule 'mine': unknown key; did you mean senders?",
            id="a key",
        ),
        pytest.param(
            "      force: true\n      forbid: true",
            "c.yaml:9: router.rules.1.forbid: rule 'mine': stands beside force; keep one of them",
            id="a contradiction",
        ),
    ],
)
def test_the_configuration_names_file_line_rule_key_and_cure(lines: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f"{ROUTER}{lines}\n", file="c.yaml", channels=False)
    assert [str(one) for one in caught.value.faults] == [fault]

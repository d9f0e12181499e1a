"""What monitoring systems say: which alert, of which host and check, how severe, and whether it is over."""

from typing import Any

import pytest

from router.alerts import Alert, State, alert_in
from router.judge import Facts, judge
from router.monitors import severity_named
from router.rules import compile_rules, load

FIRES, OVER, TAKEN, FLAPS = State.FIRES, State.RECOVERED, State.ACKNOWLEDGED, State.FLAPPING
ZABBIX = "Problem name: High CPU utilization\nHost: web01\nSeverity: Disaster\nOriginal problem ID: 123"
ZABBIX_ZH = "告警主机:web01\n告警等级:High\n告警信息: CPU负载过高\n告警项目:system.cpu.load\n当前状态:"
ALERTMANAGER = "Labels\nalertname = InstanceDown\ninstance = node1:9100\nseverity = critical"
LABELS = '{"labels":{"alertname":"Latency","instance":"api-1","severity":"page"}}'
WEBHOOK = f'{{"receiver":"web","status":"%s","alerts":[{LABELS}]}}'
NAGIOS = "***** Nagios *****\nNotification Type: %s\nService: HTTP\nHost: web01\nState: %s"
ICINGA = "***** Service Monitoring on icinga *****\n\nService: HTTP\nHost: web01"
TENCENT = (
    "【腾讯云】您好，您的腾讯云账号（账号 ID：100）的云监控告警已%s\n告警内容：云服务器-基础监控 | CPU利用率 > 95%%\n"
)
TENCENT += "告警对象：10.0.0.1 | web01\n告警级别：严重"
ALIYUN = "报警资源：web01(i-abc)\n报警指标：CPU使用率\n报警级别：严重\n状态：%s"


def row(name: str, subject: str | None, text: str, *wanted: object) -> Any:
    return pytest.param(subject, text, *wanted, id=name)


SAID = [
    row("zabbix", "Problem: High CPU utilization", "Problem started at 10:00\n" + ZABBIX, "web01", "disaster", FIRES),
    row("zabbix over", "Resolved in 5m 3s: High CPU utilization", ZABBIX, "web01", "disaster", OVER),
    row("zabbix taken", "Updated problem in 3m: High CPU utilization", "Li acknowledged problem", "", "", TAKEN),
    row("zabbix zh", "故障PROBLEM,服务器:web01发生: CPU负载过高故障!", ZABBIX_ZH + "PROBLEM:9", "web01", "high", FIRES),
    row("zabbix zh over", "恢复OK,服务器:web01发生: CPU负载过高已恢复!", ZABBIX_ZH + "OK:0", "web01", "high", OVER),
    row("prometheus", "[FIRING:1] InstanceDown (node1 critical)", ALERTMANAGER, "node1:9100", "critical", FIRES),
    row("prometheus over", "[RESOLVED] InstanceDown (node1 critical)", ALERTMANAGER, "node1:9100", "critical", OVER),
    row("some still fire", "[FIRING:2, RESOLVED:1] InstanceDown", ALERTMANAGER, "node1:9100", "critical", FIRES),
    row("webhook", None, WEBHOOK % "firing", "api-1", "critical", FIRES),
    row("webhook over", None, WEBHOOK % "resolved", "api-1", "critical", OVER),
    row("nagios", "** PROBLEM Service Alert: web01/HTTP is WARNING **", NAGIOS % ("PROBLEM", "WARNING"), "web01",
        "average", FIRES),
    row("nagios flaps", "** FLAPPINGSTART Service Alert: web01/HTTP is CRITICAL **", NAGIOS % ("FLAPPINGSTART",
        "CRITICAL"), "web01", "critical", FLAPS),
    row("nagios settled", "** FLAPPINGSTOP Service Alert: web01/HTTP is OK **", NAGIOS % ("FLAPPINGSTOP", "OK"),
        "web01", "", OVER),
    row("nagios settled broken", "** FLAPPINGSTOP Service Alert: web01/HTTP is CRITICAL **",
        NAGIOS % ("FLAPPINGSTOP", "CRITICAL"), "web01", "critical", FIRES),
    row("nagios planned", "** DOWNTIMESTART Host Alert: web01 is DOWN **", "State: DOWN", "web01", "", TAKEN),
    row("icinga", "[PROBLEM] HTTP on web01 is CRITICAL!", ICINGA, "web01", "critical", FIRES),
    row("icinga over", "[RECOVERY] HTTP on web01 is OK!", ICINGA, "web01", "", OVER),
    row("icinga taken", "[ACKNOWLEDGEMENT] HTTP on web01 is CRITICAL!", ICINGA, "web01", "critical", TAKEN),
    row("icinga flaps", "[FLAPPINGSTART] HTTP on web01 is WARNING!", ICINGA, "web01", "average", FLAPS),
    row("grafana", "[FIRING:1] High CPU (web01 critical)", "alertname High CPU\ninstance web01", "web01", "critical",
        FIRES),
    row("grafana of old", "[Alerting] CPU alert", "State: Alerting", "", "", FIRES),
    row("grafana without figures", "[No Data] CPU alert", "State: no_data", "", "", FIRES),
    row("a cloud", None, "【阿里云】云监控告警：您的云服务器ECS实例 web01(i-abc) CPU使用率 95%，告警级别：CRITICAL",
        "web01", "critical", FIRES),
    row("a cloud over", None, "【阿里云】云监控恢复：您的云服务器ECS实例 web01(i-abc) CPU使用率已恢复正常", "web01", "",
        OVER),
    row("a cloud by mail", "【阿里云监控】报警：云服务器ECS(web01)", ALIYUN % "发生报警", "web01", "critical", FIRES),
    row("a cloud by mail over", "【阿里云监控】恢复：云服务器ECS(web01)", ALIYUN % "恢复正常", "web01", "critical",
        OVER),
    row("another cloud", None, TENCENT % "触发", "10.0.0.1", "critical", FIRES),
    row("another cloud over", None, TENCENT % "恢复", "10.0.0.1", "critical", OVER),
    row("a third cloud", None, "【华为云】尊敬的用户：您的弹性云服务器“web01”的CPU使用率触发重要告警，当前值 96%",
        "web01", "high", FIRES),
    row("a third cloud over", None, "【华为云】尊敬的用户：您的弹性云服务器“web01”的CPU使用率已恢复正常", "web01", "",
        OVER),
    row("a platform", "[S1][Triggered] CPU过高", "监控对象: web01\n规则标题: CPU过高", "web01", "critical", FIRES),
    row("a platform over", "[S1][Recovered] CPU过高", "监控对象: web01\n规则标题: CPU过高", "web01", "critical", OVER),
    row("with a sign", "[🔴 Down] 官网", "502", "", "", FIRES),
    row("with a sign over", "[✅ Up] 官网", "200 - OK", "", "", OVER),
    row("not normal is not over", "【监控】web01 心跳不正常", "", "", "", FIRES),
    row("not recovered is not over", "【告警】web01 未恢复", "", "", "", FIRES),
]  # fmt: skip


def read(subject: str | None, text: str) -> Alert:
    found = alert_in(subject, text)
    assert found is not None
    return found


@pytest.mark.parametrize(("subject", "text", "host", "severity", "state"), SAID)
def test_an_alert_is_read(subject, text, host, severity, state) -> None:
    found = read(subject, text)
    assert (found.host, found.severity, found.state) == (host, severity, state)


PAIRS = [SAID[one : one + 2] for one in (0, 3, 5, 8, 15, 22, 24, 26, 28, 30, 32)]


@pytest.mark.parametrize(("fires", "over"), [pytest.param(*(one.values for one in p), id=str(p[0].id)) for p in PAIRS])
def test_the_end_of_an_alert_is_that_of_the_same_alert(fires, over) -> None:
    first, second = read(*fires[:2]), read(*over[:2])
    assert (first.state, second.state, first.same(second)) == (FIRES, OVER, True)


def test_two_measures_of_one_host_are_two_alerts() -> None:
    cpu = read(None, TENCENT % "触发")
    memory = read(None, (TENCENT % "触发").replace("CPU利用率", "内存利用率"))
    assert not cpu.same(memory)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        pytest.param("Re: [RESOLVED] web01", "it is down again, nobody can work", id="an answer to an alert"),
        pytest.param(None, "【阿里云】您的域名即将到期，请尽快续费", id="an advert of a cloud"),
        pytest.param(None, "监控大屏上的告警恢复了吗", id="a question"),
        pytest.param("周报", "本周告警 12 条，均已恢复", id="a weekly report"),
    ],
)
def test_what_is_no_alert_is_none(subject, text) -> None:
    assert alert_in(subject, text) is None


@pytest.mark.parametrize(
    ("word", "name"), [("Disaster", "disaster"), ("紧急", "critical"), ("P2", "high"), ("warn", "average"), ("坏", "")]
)
def test_every_system_has_its_word_for_a_severity(word, name) -> None:
    assert severity_named(word) == name


@pytest.mark.parametrize(
    ("subject", "text", "kind", "level"),
    [
        pytest.param("Problem: link lost", ZABBIX, "fault", 1, id="a disaster"),
        pytest.param("[FIRING:1] 链路 (info)", "状态未知", "fault", 3, id="information"),
        pytest.param("** FLAPPINGSTART Service Alert: a/b **", "", "fault", None, id="flapping is wrong"),
        pytest.param("[✅ Up] 官网", "200 - OK", "followup", None, id="over"),
        pytest.param("** DOWNTIMESTART Host Alert: web01 is DOWN **", "State: DOWN", "followup", None, id="planned"),
    ],
)
def test_the_packaged_rules_know_severities_and_states(subject, text, kind, level, book) -> None:
    verdict = judge(Facts(channel="email", subject=subject, text=text), book)
    assert (verdict.kind, level is None or verdict.level == level) == (kind, True)


@pytest.fixture(scope="module")
def book():
    from gateway.config import packaged_words

    return compile_rules(load(packaged_words()))

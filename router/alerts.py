"""What a machine's alert is about: its host and its check, how severe it is, and whether it fires or is over; pure.

Which formats are read stands in `router.monitors`. What names the alert is what its subject says without its state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from router.monitors import LOOKS, severity_of, state_of, system_of
from router.plain import plain

MARK = "alert: "
"""Begins the symptom of a ticket that a machine opened; people do not begin so."""
_ANSWER = re.compile(r"(?:re|回复|回覆|答复|答覆)\s*:")
"""Begins a subject by which a person answers; machines do not answer."""
FIRST = 300
"""Characters of a first line that are looked at."""
LONGEST = 20_000
"""Characters of a text that are looked at."""
_STATE = re.compile(
    r"^(?:ok|alarm|alert):|[*#!]+"
    r"|\[\W{0,3}(?:problem|firing|resolved|recovery|ok|down|up|alerting|critical|warning|alert|no data|p\d)"
    r"(?::\d+)?\W{0,2}\]"
    r"|\[(?:firing|resolved):\d+(?:, ?(?:firing|resolved):\d+)*\]|^updated problem in [\ddhms. ]+:|\[[ps]\d\]"
    r"|\b(?:problem|recovery|recovered|firing|resolved(?: in [\ddhms .]+)?|acknowledge(?:ment|d)|triggered|alerting"
    r"|flapping\w*|downtime\w*)\b"
    r"|\b(?:is|are)(?: now| back)? (?:down|up|ok|critical|warning|unknown|unreachable|online|offline)\b|\bis back\b"
    r"|\b(?:zabbix|nagios|icinga|alertmanager|grafana|prometheus|monitoring)\b"
    r"|\b(?:disaster|high|average|warning|critical|severity|info)\b\s*[:=]?"
    r"|已?恢复正常|已?恢复在线|已?恢复|告警触发|告警恢复|告警解除|监控|告警|报警|自动通知|恢复通知|故障|异常|正常|离线|在线"
    r"|[-+]?\d+(?:\.\d+)?\s*%|(?<![\w.-])\d+(?:\.\d+)?(?![\w.-])"
)
_HOST = re.compile(
    r"(?:^|[\s,;(/])(?:host|hostname|instance|ident|实例|主机(?:名)?|设备|(?:告警|报警|监控)(?:主机|对象|资源|设备))"
    r"\s*[:=]\s*([^\s,;()，；]+)"
)
_HOST_BARE = re.compile(
    r"^(?:host|hostname|instance) ([\w.:-]+)$"
    r"|(?:云服务器|云主机|实例|服务器|主机|节点)(?:ecs|实例|[\s:(“\"])*((?!ecs|cpu)[a-z0-9][a-z0-9._-]*[a-z0-9])",
    re.MULTILINE,
)
_CHECK = re.compile(
    r"(?:^|[\s,;(/])(?:service|alertname|alert|trigger|item|problem name|check|rulename"
    r"|(?:告警|报警)(?:名称|信息|内容|项目|指标)|触发器|监控项|检查项|监控指标|规则(?:标题|名称))"
    r"\s*[:=]\s*([^\n,;(=<>]{2,60})"
)
_CHECK_BARE = re.compile(
    r"((?:cpu|内存|磁盘|硬盘|网络|带宽|系统|连接|磁盘空间)?(?:使用率|利用率|占用率|负载|丢包率|延迟|连接数|流出带宽|流入带宽|可用率|错误率|响应时间))"
)
_NAGIOS = re.compile(r"\b(?:host|service) alert:?\s*([\w.-]+)(?:/([\w.-]+))?")
_SIGNS = re.compile(r"[^\w.+:/>-]+")


_DECORATION = re.compile(
    r"[*#]+|[\[【(](?:problem|firing|alerting|p\d|监控|告警|报警|告警触发)(?::\d+)?[\]】)]"
    r"|^\W*(?:(?:zabbix|nagios|icinga|problem|alert|(?:host|service) alert|主题)\b\W*)+",
    re.IGNORECASE,
)


class State(StrEnum):
    """What the machine says."""

    FIRES = "fires"
    RECOVERED = "recovered"
    ACKNOWLEDGED = "acknowledged"
    """Another system took it, or it is in a planned downtime; nothing is new."""
    FLAPPING = "flapping"
    """It breaks and recovers again and again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert; fields that it does not name are empty."""

    title: str
    """The subject, or the first line, without state and figures."""
    host: str = ""
    check: str = ""
    state: State = State.FIRES
    severity: str = ""
    """disaster, critical, high, average, info, or "" when it does not say."""
    system: str = ""
    """The monitoring system, where it is known: zabbix, nagios, icinga, prometheus, grafana, or a cloud's name."""

    @property
    def fires(self) -> bool:
        """Whether something is wrong now."""
        return self.state in (State.FIRES, State.FLAPPING)

    @property
    def key(self) -> str:
        """What a ticket keeps as its symptom."""
        return f"{MARK}{self.title} | {self.host} | {self.check}"

    def same(self, other: Alert) -> bool:
        """Tell whether both are about one host and one check."""
        if (self.host and other.host and self.host != other.host) or (
            self.check and other.check and self.check != other.check
        ):
            return False
        known = bool(self.host and self.check and other.host and other.check)
        return known or self.title == other.title


def alert_in(subject: str | None, text: str, *, automatic: bool = False) -> Alert | None:
    """Read an alert; None for what does not look like one. Mail that a machine sent in bulk need not look it."""
    heading = plain(subject or "")[:FIRST]
    # Nearly everything is no alert: only its first line is looked at, and a body is made plain when it is one.
    first = heading or plain(next((line[:FIRST] for line in text[:LONGEST].split("\n") if line.strip()), ""))
    looks = (automatic and heading) or LOOKS.search(first) or (heading and LOOKS.search(plain(text[:40])))
    if not looks or _ANSWER.match(heading):
        return None
    body = plain(text[:LONGEST])
    whole = f"{first}\n{body}".replace('"', " ")
    host, check = _named(whole)
    title = _SIGNS.sub(" ", _STATE.sub(" ", first)).strip(" :/-.+>")
    if not title and not (host or check):
        return None
    return Alert(
        title=title[:200],
        host=host[:100],
        check=check[:100],
        state=State(state_of(first, body)),
        severity=severity_of(whole),
        system=system_of(whole),
    )


def headline(subject: str | None, text: str) -> str:
    """Return what an alert says in its own words, without the marks of the monitoring system."""
    first = subject or next((line for line in text.split("\n") if line.strip()), "")
    return _DECORATION.sub(" ", _DECORATION.sub(" ", first).strip()).strip()


def kept(symptom: str) -> Alert | None:
    """Read the alert back from a ticket's symptom."""
    if not symptom.startswith(MARK):
        return None
    parts = symptom.removeprefix(MARK).split(" | ")
    title, host, check = (*parts, "", "")[:3]
    return Alert(title=title, host=host, check=check)


def _named(text: str) -> tuple[str, str]:
    nagios = _NAGIOS.search(text)
    if nagios:
        return nagios[1].replace("|", "/"), (nagios[2] or "host").replace("|", "/")
    host, check = _HOST.search(text), _CHECK.search(text)
    named_host = host[1] if host else _bare(_HOST_BARE, text)
    named_check = _SIGNS.sub(" ", _STATE.sub(" ", check[1])).strip() if check else _bare(_CHECK_BARE, text)
    return named_host.replace("|", "/"), named_check.replace("|", "/")


def _bare(pattern: re.Pattern[str], text: str) -> str:
    """Return what a text names without a label before it."""
    found = pattern.search(text)
    return next((group for group in found.groups() if group), "") if found else ""

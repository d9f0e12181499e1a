"""What a machine's alert is about: its host and its check, and whether it fires, recovered or was acknowledged; pure.

Formats: Nagios and Icinga notifications, Zabbix actions, Prometheus Alertmanager and Grafana mails, uptime monitors,
and the Chinese texts of monitoring platforms. What names the alert is what its subject says without its state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from router.plain import plain

LONGEST = 8000
"""Characters of an alert that are looked at; what names it stands at its beginning."""
SUBJECT = 500
MARK = "alert: "
"""Begins the symptom of a ticket that a machine opened; people do not begin so."""
_LOOKS = re.compile(
    r"\[(?:problem|firing|resolved|recovery|ok|down|up|alerting)(?::\d+)?\]|\b(?:problem|recovery|acknowledgement)\b"
    r".{0,20}\b(?:host|service)\b|\b(?:host|service) alert\b|\bmonitor is (?:down|up)\b"
    r"|\balert - grafana\b|\*{3} ?nagios"
    r"|(?:^|\[|【)(?:zabbix|nagios|icinga|prometheus|alertmanager|grafana)"
    r"(?:\]|】|\s*:|\s+(?:problem|resolved|alert|recovery|告警))"
    r"|^(?:problem|recovery|resolved|alert|alarm|critical|warning|ok|acknowledged):"
    r"|^(?:告警恢复|告警) (?:recovery|problem)"
    r"|[【(\[](?:监控|告警|报警|恢复)[^】)\]]{0,8}[】)\]]"
)
_RECOVERED = re.compile(
    r"\[(?:resolved|recovery|ok|up)(?::\d+)?\]|^ok:|\brecovery\b|\bresolved\b"
    r"|\b(?:is|back|are)(?: back)? (?:up|ok|online)\b|\b(?:state|status)\s*[:=]\s*(?:ok|up|resolved)\b|恢复|解除|正常"
)
_ACKNOWLEDGED = re.compile(r"\backnowledge(?:ment|d)\b")
_STATE = re.compile(
    r"^(?:ok|alarm|alert):|\[(?:problem|firing|resolved|recovery|ok|down|up|alerting|critical|warning|alert|p\d)(?::\d+)?\]|[*#!]+"
    r"|\b(?:problem|recovery|recovered|firing|resolved(?: in [\dhms .]+)?|acknowledge(?:ment|d)|triggered|alerting)\b"
    r"|\b(?:is|are)(?: now| back)? (?:down|up|ok|critical|warning|unknown|unreachable|online|offline)\b|\bis back\b"
    r"|\b(?:zabbix|nagios|icinga|alertmanager|grafana|prometheus|monitoring)\b"
    r"|\b(?:disaster|high|average|warning|critical|severity|info)\b\s*[:=]?"
    r"|已?恢复正常|已?恢复在线|已?恢复|告警触发|告警恢复|告警解除|监控|告警|报警|自动通知|恢复通知|故障|异常|正常|离线|在线"
    r"|[-+]?\d+(?:\.\d+)?\s*%|(?<![\w.-])\d+(?:\.\d+)?(?![\w.-])"
)
_HOST = re.compile(r"(?:^|[\s,;(/])(?:host|hostname|instance|实例|主机(?:名)?|设备)\s*[:=]\s*([^\s,;()，；]+)")
_CHECK = re.compile(
    r"(?:^|[\s,;(/])(?:service|alertname|alert|trigger|item|problem name|check|告警名称|触发器|监控项|检查项)"
    r"\s*[:=]\s*([^\n,;(=<>]{2,60})"
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
    """Another system took it; nothing is new."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert; fields that it does not name are empty."""

    title: str
    """The subject, or the first line, without state and figures."""
    host: str = ""
    check: str = ""
    state: State = State.FIRES

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
    heading = plain((subject or "")[:SUBJECT])[:SUBJECT]
    body = plain(text[:LONGEST])[:LONGEST]
    first = heading or next((line for line in body.split("\n") if line.strip()), "")
    if not (automatic and heading) and not _LOOKS.search(first) and not (heading and _LOOKS.search(body[:40])):
        return None
    host, check = _named(f"{first}\n{body}")
    title = _SIGNS.sub(" ", _STATE.sub(" ", first)).strip(" :/-.+>")
    if not title and not (host or check):
        return None
    return Alert(title=title[:200], host=host[:100], check=check[:100], state=_state(first, body))


def headline(subject: str | None, text: str) -> str:
    """Return what an alert says in its own words, without the marks of the monitoring system."""
    first = (subject or "")[:SUBJECT] or next((line for line in text[:LONGEST].split("\n") if line.strip()), "")[
        :SUBJECT
    ]
    return _DECORATION.sub(" ", _DECORATION.sub(" ", first).strip()).strip()


def titled(subject: str | None, text: str, alert: Alert) -> str:
    """Return what a person reads of an alert: host and check first where its own words do not name them."""
    own = headline(subject, text)
    said = plain(own)
    return " ".join([*(part for part in (alert.host, alert.check) if part and part not in said), own]).strip()


def kept(symptom: str) -> Alert | None:
    """Read the alert back from a ticket's symptom."""
    if not symptom.startswith(MARK):
        return None
    parts = symptom.removeprefix(MARK).split(" | ")
    title, host, check = (*parts, "", "")[:3]
    return Alert(title=title, host=host, check=check)


def _named(text: str) -> tuple[str, str]:
    nagios = _NAGIOS.search(text)
    host, check = _HOST.search(text), _CHECK.search(text)
    named_host = nagios[1] if nagios else host[1] if host else ""
    named_check = (
        (nagios[2] or "host") if nagios else _SIGNS.sub(" ", _STATE.sub(" ", check[1])).strip() if check else ""
    )
    return named_host.replace("|", "/"), named_check.replace("|", "/")


def _state(first: str, body: str) -> State:
    if _ACKNOWLEDGED.search(first):
        return State.ACKNOWLEDGED
    fires = re.search(r"\[(?:problem|firing|alerting|down)(?::\d+)?\]|\bproblem\b|\bis down\b", first)
    if _RECOVERED.search(first):
        return State.RECOVERED
    return (
        State.RECOVERED
        if not fires and re.search(r"\b(?:state|status)\s*[:=]\s*(?:ok|up|resolved)\b", body)
        else State.FIRES
    )

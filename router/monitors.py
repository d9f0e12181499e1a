"""How monitoring systems word their alerts: which system speaks, how severe it calls it, and what it says of the state.

Formats: Zabbix actions (English and the Chinese templates in common use), Prometheus Alertmanager and Grafana mails and
webhooks, Nagios and Icinga notifications, uptime monitors, Chinese clouds and platforms. Everything here reads plain
text (`router.plain`) and is pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

CLOUDS: Final = "阿里云|腾讯云|华为云|天翼云|移动云|联通云|百度智能云|百度云|金山云|京东云|火山引擎"
_TAGS = (
    r"problem|firing|resolved|recovery|recovered|ok|down|up|alerting|triggered|no data|acknowledg(?:ement|ed)"
    r"|flapping\w{0,12}|downtime\w{0,12}"
)
LOOKS: Final = re.compile(
    rf"\[\W{{0,3}}(?:{_TAGS})(?::\d+)?(?:, ?(?:firing|resolved):\d+)?\W{{0,2}}\]"
    r"|\b(?:problem|recovery|acknowledgement)\b.{0,20}\b(?:host|service)\b|\b(?:host|service) alert\b"
    r"|\bmonitor is (?:down|up)\b|\balert - grafana\b|\*{3} ?nagios"
    r"|(?:^|\[|【)(?:zabbix|nagios|icinga|prometheus|alertmanager|grafana)"
    r"(?:\]|】|\s*:|\s+(?:problem|resolved|alert|recovery|告警))"
    r"|^(?:problem|recovery|resolved|alert|alarm|critical|warning|ok|acknowledged):"
    r"|^resolved in [\ddhms. ]+:|^updated problem in\b|^(?:故障|恢复|问题)\W{0,2}(?:problem|ok|resolved)\b"
    r"|^(?:告警恢复|告警) (?:recovery|problem)"
    r"|[【(\[](?:监控|告警|报警|恢复)[^】)\]]{0,8}[】)\]]"
    rf"|【(?:{CLOUDS})云?监控[^】]{{0,4}}】|【(?:{CLOUDS})[^】]{{0,6}}】.{{0,80}}?(?:云监控|告警|报警|恢复正常)"
    r'|"alertname" ?:|^\{.{0,80}"status" ?: ?"(?:firing|resolved)"'
)
"""What the first line of an alert looks like."""
_FIRING = re.compile(r'\[firing:\d|"status" ?: ?"firing"')
"""Something of a bundle still fires, whatever else was resolved with it."""
_RECOVERED = re.compile(
    r"\[\W{0,3}(?:resolved|recovery|recovered|ok|up)(?::\d+)?\W{0,2}\]|^ok:|\brecovery\b|\bresolved\b|\brecovered\b"
    r"|\b(?:is|back|are)(?: back)? (?:up|ok|online)\b|\b(?:state|status)\s*[:=]\s*(?:ok|up|resolved)\b"
    r"|(?<![未没法能待])恢复(?!失败|异常|中)|解除|(?<![不非未])正常"
)
_FIRES = re.compile(
    r"\[\W{0,3}(?:problem|firing|alerting|down|triggered)(?::\d+)?\W{0,2}\]|\bproblem\b|\bis down\b"
    r"|(?<!不再)(?:触发|发生)"
)
_OVER = re.compile(r"(?:\b(?:state|status)|状态)\s*[:=]\s*(?:ok|up|resolved|恢复|正常)(?![a-z])")
_ACKNOWLEDGED = re.compile(
    r"\backnowledge(?:ment|d)\b|^updated problem in\b|\bdowntime(?:start|end|removed|cancelled)\b"
)
_FLAPPING = re.compile(r"\bflapping(?:start)?\b")
_FLAPPED = re.compile(r"\bflapping(?:stop|end|disabled|cancelled|removed)\b")

FIRES, RECOVERED, ACKNOWLEDGED, FLAPPING = "fires", "recovered", "acknowledged", "flapping"


def state_of(first: str, body: str) -> str:
    """Say what an alert says of its check; a text that says nothing of it fires."""
    if _FLAPPED.search(first):
        return RECOVERED if _RECOVERED.search(first) or _OVER.search(body) else FIRES
    if _ACKNOWLEDGED.search(first):
        return ACKNOWLEDGED
    if _FLAPPING.search(first):
        return FLAPPING
    if _FIRING.search(first):
        return FIRES
    if _RECOVERED.search(first):
        return RECOVERED
    return RECOVERED if not _FIRES.search(first) and _OVER.search(body) else FIRES


SEVERITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "disaster": ("disaster", "fatal", "emergency", "blocker", "灾难", "致命", "特别严重", "p0", "s0"),
    "critical": ("critical", "crit", "page", "紧急", "严重", "p1", "s1", "sev1"),
    "high": ("high", "major", "error", "重要", "高", "p2", "s2", "sev2"),
    "average": ("average", "medium", "warning", "warn", "minor", "警告", "一般", "次要", "中", "p3", "s3", "sev3"),
    "info": (
        "information",
        "info",
        "notice",
        "low",
        "not classified",
        "提示",
        "信息",
        "通知",
        "未分类",
        "低",
        "p4",
        "p5",
    ),
}
"""One word for each severity, and those that monitoring systems use for it; the mildest last."""
_SEVERITY: Final = {word: name for name, words in SEVERITIES.items() for word in words}
_WORDS = "|".join(
    re.escape(word) + ("(?![a-z0-9])" if word.isascii() else "") for word in sorted(_SEVERITY, key=len, reverse=True)
)
_SAID = re.compile(
    rf"(?:severity|priority|严重性|严重程度|(?:告警|报警|问题)?(?:级别|等级)(?:状态)?)\s*[:=]\s*({_WORDS})"
)
_MARKED = re.compile(
    rf"[\[(（]\s*(?:[^\])）]{{0,60}}[ ,=])?({_WORDS})\s*[\])）]|\bis (critical|warning)\b"
    r"|^(?:zabbix:? |\[zabbix\] ?)?(disaster|critical|warning):"
    rf"|触发({_WORDS})告警|state\s*[:=]\s*(critical|warning)\b"
)
_SYSTEMS: Final = (
    ("icinga", re.compile(r"\bicinga")),
    ("nagios", re.compile(r"\bnagios|\bnotification type:|\b(?:host|service) alert\b")),
    (
        "zabbix",
        re.compile(r"zabbix|problem started at|problem has been resolved|original problem id|^updated problem in"),
    ),
    ("grafana", re.compile(r"\bgrafana\b|^\[(?:alerting|no data|ok)\]")),
    ("prometheus", re.compile(r"alertmanager|prometheus|\[(?:firing|resolved):\d|alertname")),
)
_CLOUD = re.compile(rf"【({CLOUDS})")


def severity_of(text: str) -> str:
    """Name how severe an alert calls itself: disaster, critical, high, average, info, or "" when it does not say."""
    said = _SAID.search(text)
    if said:
        return _SEVERITY[said[1]]
    marked = _MARKED.search(text)
    return _SEVERITY[next(group for group in marked.groups() if group)] if marked else ""


def severity_named(word: str) -> str:
    """Return the one word for a severity as somebody wrote it; "" for one that is none."""
    return _SEVERITY.get(word.strip().lower(), "")


def system_of(text: str) -> str:
    """Name the monitoring system that speaks, a Chinese cloud by its own name; "" for one that is not known."""
    cloud = _CLOUD.search(text)
    return cloud[1] if cloud else next((name for name, sign in _SYSTEMS if sign.search(text)), "")

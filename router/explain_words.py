"""Says in sentences, Chinese or English, what a ladder would do and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from router.explain import Ask, Explained, Flaw, Step, Trouble
from router.policy_settings import Choice
from router.settings import Person

People = Mapping[str, Person]
Words = Mapping[str, str]
ZH: Final[Words] = {
    "push": "推送",
    "sms": "短信",
    "voice": "电话",
    "mail": "邮件",
    "lead": "主责",
    "second": "备班",
    "manager": "经理",
    "now": "立即",
    "after": "{time}后",
    "h": "{n}小时",
    "min": "{n}分钟",
    "s": "{n}秒",
    "way": "{when}{by}",
    "and": "，",
    "person": "{who}：{ways}",
    "role": "{who}（{role}）",
    "step": "第{n}步，{when}：{people}。",
    "broken": "{way}（收不到：{why}）",
    "no channel": "没有能发{by}的渠道",
    "no address": "没有{by}的地址",
    "not known": "配置里没有{by}的地址，用绑定码绑过的这里查不到",
    "one way": "{by}只能收不能回",
    "because": "{who}{why}",
    "repeat": "之后每{time}重复第{n}步，直到有人接单。",
    "once": "不重复。",
    "asleep": "正值{who}的免打扰时段，不急的往后放。",
    "for": "用于{what}",
    "customers": "客户{what}",
    "grades": "级别{what}的客户",
    "hours": "{begin}-{end}",
    "nobody": "一个人也叫不到：{why}。",
    "step_flaw": "第{n}步一个人也叫不到：{why}。",
    "channel": "没有能发{by}的渠道：{who}收不到。",
    "method": "{who}收不到{by}：{why}。",
    "answer": "{who}只收得到不能回复的，没法接单。",
    "late": "第{n}步在{time}后才开始，而承诺{promised}内响应。",
    "phone": "{who}的{by}是同一个号码：一个人被叫两次，另一个叫不到。",
    "hole": "此刻按排班没有主责，改叫{who}。",
}
EN: Final[Words] = {
    "push": "push",
    "sms": "SMS",
    "voice": "call",
    "mail": "mail",
    "lead": "lead",
    "second": "second",
    "manager": "manager",
    "now": "at once",
    "after": "after {time}",
    "h": "{n} h",
    "min": "{n} min",
    "s": "{n} s",
    "way": "{by} {when}",
    "and": ", ",
    "person": "{who}: {ways}",
    "role": "{who} ({role})",
    "step": "Step {n}, {when}: {people}.",
    "broken": "{way} (does not arrive: {why})",
    "no channel": "no channel carries {by}",
    "no address": "no address for {by}",
    "not known": "no address for {by} in the configuration; one proved by a code is not known here",
    "one way": "{by} cannot be answered",
    "because": "{who}: {why}",
    "repeat": "Then step {n} again every {time} until somebody takes it.",
    "once": "It is not repeated.",
    "asleep": "It is in the quiet hours of {who}: what can wait comes later.",
    "for": "for {what}",
    "customers": "customers {what}",
    "grades": "customers of grade {what}",
    "hours": "{begin}-{end}",
    "nobody": "It reaches nobody: {why}.",
    "step_flaw": "Step {n} reaches nobody: {why}.",
    "channel": "No channel carries {by}: it does not reach {who}.",
    "method": "{who} is not reached by {by}: {why}.",
    "answer": "{who} is asked by nothing that can be answered, and cannot take a ticket.",
    "late": "Step {n} begins after {time}, but an answer is promised within {promised}.",
    "phone": "{who} have one address for {by}: one of them is asked twice, the other never.",
    "hole": "Nobody leads by the rota at this instant: {who} is asked instead.",
}
TABLES: Final = {"zh": ZH, "en": EN}


def heading(one: Explained, language: str) -> str:
    """Name a ladder and what it is for."""
    words = TABLES[language]
    said = [words["for"].format(what=", ".join(one.urgencies))] if one.choice else []
    said += conditions(one.choice, language) if one.choice else []
    return f"{one.policy}{': ' if said else ''}{words['and'].join(said)}"


def conditions(choice: Choice, language: str) -> list[str]:
    """Say under which conditions a policy is chosen, beside the urgency."""
    words, said = TABLES[language], []
    for name, values in (("customers", choice.customers), ("grades", choice.grades)):
        said += [words[name].format(what=", ".join(values))] if values else []
    if choice.hours:
        said.append(words["hours"].format(begin=f"{choice.hours.begin:%H:%M}", end=f"{choice.hours.end:%H:%M}"))
    return [*said, *([" ".join(choice.days)] if choice.days else [])]


def sentences(one: Explained, people: People, language: str) -> list[str]:
    """Say whom a ladder asks, how and when, a sentence a step."""
    words = TABLES[language]
    said = [_step(step, people, language) for step in one.steps]
    if one.asleep:
        said.append(words["asleep"].format(who=_names(one.asleep, people, language)))
    if one.repeat is None:
        return [*said, words["once"]]
    return [*said, words["repeat"].format(n=len(one.steps), time=length(one.repeat, language))]


def warning(flaw: Flaw, people: People, language: str) -> str:
    """Say one thing that is wrong."""
    words = TABLES[language]
    return words["step_flaw" if flaw.what == "step" else flaw.what].format(
        n=flaw.step,
        who=_names(flaw.people, people, language),
        by=words.get(flaw.by, flaw.by),
        why=_reasons(flaw, people, language),
        time=length(flaw.seconds, language),
        promised=length(flaw.promised, language),
    )


def length(seconds: float, language: str) -> str:
    """Say a length of time in hours, minutes and seconds, without those that are none."""
    words, whole = TABLES[language], round(seconds)
    parts = (("h", whole // 3600), ("min", whole % 3600 // 60), ("s", whole % 60))
    gap = "" if language == "zh" else " "
    return gap.join(words[unit].format(n=n) for unit, n in parts if n) or words["s"].format(n=0)


def _when(seconds: float, language: str) -> str:
    words = TABLES[language]
    return words["after"].format(time=length(seconds, language)) if seconds else words["now"]


def _names(keys: Iterable[str], people: People, language: str) -> str:
    names = [people[key].name if key in people else key for key in keys]
    return ("、" if language == "zh" else ", ").join(names)


def _step(step: Step, people: People, language: str) -> str:
    words = TABLES[language]
    order = {person: place for place, person in enumerate(dict.fromkeys(ask.person for ask in step.asks))}
    told = [
        _person(list(asks), people, language)
        for _, asks in groupby(sorted(step.asks, key=lambda ask: order[ask.person]), key=lambda ask: ask.person)
    ]
    joined = ("；" if language == "zh" else "; ").join(told)
    return words["step"].format(n=step.number, when=_when(step.after, language), people=joined)


def _person(asks: Sequence[Ask], people: People, language: str) -> str:
    words, first = TABLES[language], asks[0]
    who = _names([first.person], people, language)
    if first.role:
        who = words["role"].format(who=who, role=words[first.role])
    return words["person"].format(who=who, ways=words["and"].join(_way(ask, language) for ask in asks))


def _way(ask: Ask, language: str) -> str:
    words = TABLES[language]
    way = words["way"].format(when=_when(ask.after, language), by=words[ask.by])
    if ask.reach.trouble is None or ask.reach.trouble is Trouble.ONE_WAY:
        return way
    return words["broken"].format(way=way, why=_reason(ask.by, ask.reach.trouble, language))


def _reason(by: str, trouble: Trouble, language: str) -> str:
    words = TABLES[language]
    return words[trouble].format(by=words[by])


def _reasons(flaw: Flaw, people: People, language: str) -> str:
    """Say why, each reason once: that no channel carries a method is nobody's own."""
    words, said = TABLES[language], []
    for person, by, trouble in flaw.why:
        reason = _reason(by, trouble, language)
        own = trouble is not Trouble.NO_CHANNEL and flaw.what != "method"
        name = _names([person], people, language)
        said.append(words["because"].format(who=name, why=reason) if own else reason)
    return ("；" if language == "zh" else "; ").join(dict.fromkeys(said))

"""Whether a machine wrote a mail: answers of absent people, lists, newsletters (RFC 3834, RFC 2919, MS-OXCMAIL)."""

from __future__ import annotations

import re
from typing import Final

from channels.contract import Automatic
from channels.email.headers import Fields, first

ANSWERING: Final = (
    "x-autorespond",
    "x-autoreply",
    "x-autoreply-from",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-vacation",
)
"""Fields that only programs which answer by themselves write."""
LISTS: Final = ("list-id", "list-unsubscribe", "x-mailman-version", "x-campaign", "x-campaignid")
_SUPPRESSED: Final = frozenset({"all", "oof", "autoreply"})
_SUBJECT = re.compile(
    r"^\s*(?:(?:re|回复|答复)\s*[:：]\s*)?[\[【(（]?(?:"
    r"自动回复|自动答复|自动应答|自動回覆|自動回信|自動応答|外出自动回复|休假自动回复|"
    r"auto(?:matic|mated)?[\s:-]{0,2}(?:reply|response|answer)|autoreply|"
    r"out of (?:the )?office(?: auto\w*| reply| message)?|"
    r"vacation (?:reply|response|notice|message)|away from (?:the |my )?(?:office|mail)|"
    r"abwesenheits\w*|automatische antwort|réponse automatique|respuesta automática|"
    r"risposta automatica|resposta automática|"
    r"automatisch antwoord|autosvar|automatisk svar|automaattinen vastaus|odpowiedź automatyczna|"
    r"автоответ|автоматический ответ|"
    r"자동 ?(?:회신|응답)|fuera de (?:la )?oficina|absence du bureau"
    r")[\]】)）]?\s*(?:[:：(（\-]|$)",
    re.IGNORECASE,
)


def automatic(found: Fields, *, subject: str, empty_path: bool) -> Automatic | None:
    """What kind of machine wrote the mail, or None for a person; delivery reports are told before."""
    answered = bool(_SUBJECT.match(subject)) or any(name in found for name in ANSWERING)
    submitted = re.split(r"[\s;(]", first(found, "auto-submitted").strip().lower(), maxsplit=1)[0]
    if submitted.startswith(("auto-replied", "auto-response")):
        return Automatic.AUTO_REPLY
    if submitted and submitted != "no":
        return Automatic.AUTO_REPLY if answered else Automatic.BULK
    return _by_habit(found, answered=answered, empty_path=empty_path)


def _by_habit(found: Fields, *, answered: bool, empty_path: bool) -> Automatic | None:
    """Before and beside RFC 3834."""
    if any(name in found for name in ANSWERING):
        return Automatic.AUTO_REPLY
    precedence = first(found, "precedence").strip().lower().replace("-", "_")
    if precedence in ("auto_reply", "autoreply"):
        return Automatic.AUTO_REPLY
    if precedence in ("bulk", "list") or any(name in found for name in LISTS):
        return Automatic.BULK
    if precedence == "junk":
        return Automatic.AUTO_REPLY if answered else Automatic.BULK
    suppressed = {word.strip().lower() for word in first(found, "x-auto-response-suppress").split(",")}
    if answered or empty_path or suppressed & _SUPPRESSED:
        return Automatic.AUTO_REPLY
    return None

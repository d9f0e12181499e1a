"""The words and shapes by which mail programs introduce a quote, a forwarded message or a signature."""

from __future__ import annotations

import re
from typing import Final

_FROM: Final = (
    "发件人|寄件人|寄件者|发信人|from|von|de|da|fra|från|van|od|lähettäjä|от|от кого|feladó|kimden|"
    "gönderen|差出人|보낸 사람"
)
_SENT: Final = (
    "发送时间|发件时间|发送日期|日期|时间|寄件日期|傳送時間|sent|date|gesendet|datum|envoyé|"
    "envoyé le|date d'envoi|enviado|enviado el|"
    "enviada em|fecha|data|inviato|sendt|dato|skickat|verzonden|wysłano|lähetetty|päivämäärä|дата|отправлено|tarih|"
    "送信日時|日時|보낸 날짜|날짜|message du"
)
_TO: Final = "收件人|收件者|to|an|à|para|pour|a|til|till|aan|do|vastaanottaja|кому|címzett|kime|宛先|받는 사람"
_CC: Final = "抄送|副本|密送|cc|bcc|kopie|kopia|kopio|copie à|copie|копия|reply-to|回复|risposta"
_SUBJECT: Final = (
    "主题|主旨|标题|subject|betreff|objet|sujet|asunto|assunto|oggetto|emne|ämne|onderwerp|temat|"
    "aihe|тема|tárgy|konu|件名|제목"
)
_SPACED: Final = "日\\s*期|主\\s*题|抄\\s*送"

_KINDS: Final = (
    ("from", _FROM),
    ("sent", f"{_SENT}|日\\s*期"),
    ("to", _TO),
    ("cc", f"{_CC}|抄\\s*送"),
    ("subject", f"{_SUBJECT}|主\\s*题"),
)
FIELD: Final = re.compile(
    r"^[\s>*_]*+(?:" + "|".join(f"(?P<{kind}>{names})" for kind, names in _KINDS) + r")[*_\s]*[:：]",
    re.IGNORECASE,
)
"""A field of a quoted header block, in bold or behind quote marks too.

Here and below what leads up to the words is taken whole (`*+`, `{2,}+`): none of the words begins with it, and a long
row of dashes or stars is gone through once, not once for each of its lengths.
"""

_WROTE: Final = (
    r"wrote|writes|schrieb|a écrit|ha scritto|escribió|escribio|escreveu|schreef|geschreven|skrev|kirjoitti|napisał|"
    r"napisał\(a\)|napisała|написал|написала|написал\(а\)|пише|пишет|írta|đã viết|yazdı|a scris|"
    r"escrigué|het volgende geschreven|napsal|"
    r"님이 작성"
)
ENDS: Final = re.compile(
    rf"(?:(?:写道|寫道|编写|のメッセージ)\s*[:：]|(?:{_WROTE})[^\n:：]{{0,40}}(?:[:：]|"
    rf"\d[:.]\d\d\s*(?:uhr|h)?\s*[:：]))\s*$",
    re.IGNORECASE,
)
"""The end of a line that introduces a quote: somebody wrote."""
COLONS: Final = (":", "：")
"""The last sign of every such line."""
STARTS: Final = re.compile(
    r"^[\s>*]*+(?:-{2,}+\s*+)?(?:on|le|am|el|il|op|em|den|dne|dnia|w dniu|in data|vào|på|"
    r"(?:pe|ke|la|su|ma|ti|to|tir|man|ons|tor|fre|lør|søn|tis|lör|sön)\.?(?=\s*\d)|в|пн|вт|ср|чт|пт|"
    r"сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|在|于|於|\d{1,4}[./年-]|"
    r"\d{1,2}\s|\d{1,2}:\d\d)"
    r"[\s.,:]?",
    re.IGNORECASE,
)
"""How such a line may begin: a preposition, a day or a date."""
ADDRESSED: Final = re.compile(r"<[^<>@]*@[^<>]*>\s*[:：]\s*$")
"""The end of a line that names a person and no verb: `2017-02-05 13:29 GMT+02:00 Name <a@b>:`."""
DATED: Final = re.compile(r"\b\d{4}\b|\d{1,2}[:.]\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d年|@|\d{1,2}\.? [^\W\d_]{3,}")
SHARED: Final = re.compile(
    r"(?<=[^-])(?=-{2,}\s*(?:On|Le|Am|El|Il)\s.{5,120}\b(?:wrote|a écrit|schrieb|escribió|ha scritto)\s*:\s*$)"
)
"""The introduction on the same line as the last words of the reply."""

_ORIGINAL: Final = (
    r"original message|original|您的原始邮件|original mail|original email|原始邮件|原始郵件|邮件原件|原邮件|"
    r"回复的原邮件|回复的邮件|message d'origine|"
    r"mensaje original|mensagem original|messaggio originale|ursprüngliche nachricht|"
    r"originalnachricht|oprindelig besked|oprindelig meddelelse|"
    r"opprinnelig melding|ursprungligt meddelande|originalmeddelande|oorspronkelijk bericht|"
    r"alkuperäinen viesti|wiadomość oryginalna|"
    r"исходное сообщение|original-nachricht|eredeti üzenet|původní zpráva|mesaj original|原文|"
    r"元のメッセージ|원본 메시지|previous message|"
    r"reply message|antwort nachricht"
)
_FORWARDED: Final = (
    r"forwarded message|forwarded by|begin forwarded message|轉寄|转寄|转发|转发邮件信息|转发邮件|转发的邮件|"
    r"轉寄郵件|转发邮件信息|message transféré|"
    r"mensaje reenviado|mensagem encaminhada|messaggio inoltrato|weitergeleitete nachricht|"
    r"weitergeleitete mail|videresendt meddelelse|"
    r"videresendt melding|vidarebefordrat meddelande|doorgestuurd bericht|välitetty viesti|"
    r"przekazana wiadomość|пересылаемое сообщение|"
    r"пересланное сообщение|anfang der weitergeleiteten nachricht|début du message réexpédié|"
    r"inicio del mensaje reenviado|"
    r"inizio messaggio inoltrato|以下是转发的邮件|転送メッセージ"
)
ORIGINAL: Final = re.compile(rf"^[\s>*]*[-_=—]{{2,}}\s*(?:{_ORIGINAL})\b.{{0,40}}?[-_=—*]{{0,}}\s*$", re.IGNORECASE)
ORIGINAL_ALONE: Final = re.compile(
    r"^[\s>*]*(?:原始邮件|原始郵件|邮件原件|回复的原邮件|original message)\s*[:：]?\s*$", re.IGNORECASE
)
"""The words without dashes; they count only with header fields below."""
FORWARDED: Final = re.compile(
    rf"^[\s>*]*(?:[-_=—]{{2,}}\s*(?:{_FORWARDED})\b.{{0,60}}|(?:{_FORWARDED})\s*[:：])\s*$", re.IGNORECASE
)
RULE: Final = re.compile(r"^[\s>*]*(?:[-_=—~*]{4,}|-{2,})\s*$")
"""A line of dashes, underscores or the like; above a quoted header it belongs to the quote."""
QUOTED: Final = re.compile(r"^\s*(?:>|&gt;|\|\s)")
FORWARD_SUBJECT: Final = re.compile(
    r"^\s*(?:(?:re|回复|答复|aw)\s*[:：]\s*)*(?:fw|fwd|wg|tr|rv|enc|i|vs|转发|轉寄|轉發|转寄)\s*[:：]", re.IGNORECASE
)
LIST_FOOTER: Final = re.compile(r"^_{2,}\s*$")
"""Above the footer of a mailing list."""
SIGNATURE: Final = re.compile(r"^\s{0,3}(?:--|—|–)\s*$")
"""The delimiter of RFC 3676 4.3, without its space too."""
SENT_FROM: Final = re.compile(
    r"^[\s*_\[]*(?:发自|來自|来自我的|從我的|从我的|寄自|通过.{1,12}发送|"
    r"sent (?:from|via|with|by) (?:my |mail |the |a |outlook|samsung|yahoo|gmail|proton|windows|"
    r"iphone|ipad|android|sparrow|mailbird|"
    r"blackberry|foxmail|spark|acompli|huawei|xiaomi|nine|mobile)|"
    r"get outlook for|gesendet von (?:outlook|meine|mail|ipad|iphone)|von meine[mr] .{2,30} gesendet|"
    r"envoyé (?:de|depuis) (?:mon|outlook|l)|"
    r"enviado (?:desde|do|de) (?:mi|meu|outlook)|inviato da(?:l mio| outlook| iphone| ipad| posta)|"
    r"verzonden (?:vanaf|met|van|vanuit) |"
    r"sendt fra min|skickat från min|lähetetty |wysłane z |отправлено с )",
    re.IGNORECASE,
)
"""What telephones put below a mail."""

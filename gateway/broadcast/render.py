"""One recipient's text of a broadcast, as their channel carries it; pure.

A text is taken apart once for each channel and language; a recipient then costs a few joins. Nothing is ever cut:
what does not fit is a problem that blocks. No buttons go with it: what a person presses answers a page, and a
broadcast asks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

from channels.contract import Can
from channels.text import GSM7, GSM7_EXTENDED, fits_gsm7, segments, units
from gateway import wording
from gateway.broadcast import forms
from gateway.broadcast.fields import OF_PACKAGE, Parsed, Piece, Problem, filled, on, parsed
from gateway.standing import Standing
from router.broadcast_plan import Plan
from store.model import Package

TEMPLATE: Final = "broadcast"
TEST: Final = "broadcast_test"
TEST_CODE: Final = "TESTCODE"
"""No code is ever drawn like this one: O is not in its alphabet."""
LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_NO_CHANNEL: Final = Can(sends=False)


class Addressee(Protocol):
    """Of a Recipient what a text needs."""

    @property
    def who(self) -> str:
        """Who it is: "s:<staff key>" for one of the staff, all others are users."""
        ...

    @property
    def channel(self) -> str:
        """Where it goes: "<channel>:<account>"."""
        ...

    @property
    def language(self) -> str:
        """What they read."""
        ...

    @property
    def name(self) -> str:
        """What they are called."""
        ...

    @property
    def group(self) -> bool:
        """Whether it is a chat group."""
        ...

    @property
    def code(self) -> str | None:
        """By which the package is found without a link."""
        ...

    @property
    def values(self) -> Mapping[str, str]:
        """What the text is filled with."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """What goes out to one recipient."""

    subject: str | None
    text: str = field(repr=False)
    template: str
    variables: Mapping[str, str] = field(repr=False)
    language: str
    """Of the text, which is not the recipient's where there is none in theirs."""
    segments: int
    """Short messages; 1 where nobody counts those."""
    size: int
    unit: str
    problems: tuple[Problem, ...] = ()

    @property
    def blocking(self) -> tuple[Problem, ...]:
        """Why it cannot be sent."""
        return tuple(one for one in self.problems if one.blocks)

    @property
    def why(self) -> str:
        """Why it cannot be sent, in one line without anybody's values; "" where it can."""
        return "; ".join(map(str, self.blocking))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Form:
    """What is the same for all recipients of one channel and language."""

    channel: str
    can: Can
    method: str
    around: forms.Around
    subject: tuple[Piece, ...] | None
    body: forms.Body
    template: str
    needs: tuple[str, ...]
    """The variables of an approved template."""
    problems: tuple[Problem, ...]

    def problem(self, code: str, *, blocks: bool = True, **more: str) -> Problem:
        """Name what is wrong here."""
        return Problem(code=code, channel=self.channel, language=self.around.language, more=more, blocks=blocks)


class Composer:
    """Renders one broadcast."""

    def __init__(
        self,
        standing: Standing,
        broadcast_number: int,
        title: str,
        plan: Plan,
        package: Package | None,
        *,
        public_url: str = "",
        test: bool = False,
    ) -> None:
        self._standing = standing
        self._number = str(broadcast_number or "")
        self._title = title
        self._plan = plan
        self._package = package
        self.url = (public_url or standing.config.gateway.public_url).rstrip("/")
        self._page = self.url.partition("://")[2] + "/p"
        self._test = test
        self._forms: dict[tuple[str, str, bool], _Form] = {}

    def letter(self, recipient: Addressee, *, token: str, unsubscribe: str) -> Rendered:
        """Render for one recipient: `token` is the last part of their link, `unsubscribe` a whole address."""
        form = self._form(recipient.channel, recipient.language, group=recipient.group)
        values = self._values(form, recipient, token, unsubscribe)
        missing: list[str] = []
        problems = [*form.problems]
        text = self._text(form, values, missing, problems)
        subject = self._subject(form, values, missing)
        if self._test:
            # The words in their place are for readers: no adapter may make a header or a button of them.
            values |= {"link": "", "unsubscribe": ""}
        size, short = units(text, form.can.unit), form.method == "sms"
        if missing or size > form.can.text_limit or (short and form.around.language == "en"):
            lost = [name for name in missing if self._package or name not in OF_PACKAGE]
            problems += _of_text(form, text, size, lost)
        return Rendered(
            subject=subject,
            text=text,
            template=TEST if self._test and not form.can.templates else form.template,
            variables=values,
            language=form.around.language,
            segments=segments(text) if short else 1,
            size=size,
            unit=form.can.unit.value,
            problems=tuple(problems),
        )

    def _text(self, form: _Form, values: dict[str, str], missing: list[str], problems: list[Problem]) -> str:
        """Fill the form; an approved template gets the author's words as one of its values."""
        text = filled(form.body.full, values, missing)
        if form.body.lean is not None and units(text, form.can.unit) > form.can.text_limit:
            missing.clear()
            text = filled(form.body.lean, values, missing)
            problems.append(form.problem("notes_left_out", blocks=False))
        if not form.can.templates:
            return form.around.word("test") + text if self._test else text
        missing += ["code"] if self._package and not values["code"] else []
        values["text"] = _line(text).rstrip("。.，,；; ")
        values["name"] = values["name"] or form.around.word("anybody")
        return wording.say(form.template, form.around.language, **{name: values[name] for name in form.needs})

    def _subject(self, form: _Form, values: Mapping[str, str], missing: list[str]) -> str | None:
        if form.subject is None:
            return None
        prefix = form.around.word("test") if self._test else ""
        return prefix + _line(filled(form.subject, values, missing))

    def _values(self, form: _Form, one: Addressee, token: str, unsubscribe: str) -> dict[str, str]:
        given, package, around = one.values, self._package, form.around
        values = {
            "name": _line(one.name or given.get("name", "")),
            "customer": _line(given.get("customer", "")),
            "product": package.product if package and package.product else _line(given.get("product", "")),
            "version": package.version if package else _line(given.get("version", "")),
            "package": package.name if package else "",
            "code": (TEST_CODE if self._test else one.code or "") if package else "",
            "link": "",
            "unsubscribe": around.word("later") if self._test else unsubscribe,
            "broadcast": self._number,
            "sign": around.signature,
        }
        if package:
            values["link"] = self._link(form, token, values["code"])
        if one.who.startswith("s:"):
            values |= {name: around.word(name) for name in forms.OF_CUSTOMERS if not values[name]}
        return values

    def _link(self, form: _Form, token: str, code: str) -> str:
        """Return how this channel says where the package is; "" where it cannot be said."""
        word = form.around.word
        if form.can.templates:
            return word("page")
        if not form.can.links:
            return word("at").format(page=self._page) + code if code else ""
        if self._test:
            return word("stand_in")
        return f"{self.url}/p/{token}" if token else ""

    def _form(self, channel: str, language: str, *, group: bool) -> _Form:
        key = (channel, language, group)
        if key not in self._forms:
            self._forms[key] = self._made(channel, language, group=group)
        return self._forms[key]

    def _made(self, channel: str, language: str, *, group: bool) -> _Form:
        language = language if language in [*self._plan.texts] else next(iter(self._plan.texts))
        words = self._plan.words(language)
        can = self._standing.ways.can.get(channel, _NO_CHANNEL)
        method = self._standing.ways.method(channel)
        around = self._around(language)
        short = method == "sms" and bool(words.short.strip())
        title = parsed(self._title, "title", language)
        text = parsed(words.short if short else words.text, "short" if short else "text", language)
        subject = parsed(words.subject, "subject", language) if words.subject.strip() else title
        used = (subject, text) if method == "mail" else (text,) if method == "sms" else (title, text)
        return _Form(
            channel=channel,
            can=can,
            method=method,
            around=around,
            subject=subject.pieces if method == "mail" else None,
            body=_body(can, method, around, title=title, text=text, group=group, test=self._test),
            template=self._template(can),
            needs=wording.fields(self._template(can)) if can.templates else (),
            problems=tuple(on(channel, one) for one in (*self._wrong(used, can, method), *self._far(can))),
        )

    def _around(self, language: str) -> forms.Around:
        return forms.Around(
            language=language,
            sign=self._standing.sign(language),
            package=self._package,
            commercial=self._plan.commercial,
            security=self._plan.security,
        )

    def _template(self, can: Can) -> str:
        """Return which of our texts it is; only where templates are approved does it matter what goes along."""
        if not can.templates:
            return TEMPLATE
        if self._plan.commercial:
            return "broadcast_advert"
        return "broadcast_package" if self._package else TEMPLATE

    def _wrong(self, used: tuple[Parsed, ...], can: Can, method: str) -> list[Problem]:
        """Return what is wrong for all recipients of a channel."""
        found = [one for text in used for one in text.problems]
        if self._package is None:
            for text in used:
                named = [piece for piece in text.pieces if not isinstance(piece, str) and piece.default is None]
                lost = sorted({piece.name for piece in named} & OF_PACKAGE)
                found += [Problem(code="no_package", more={"what": name}) for name in lost]
        if not can.sends:
            found.append(Problem(code="no_channel"))
        elif can.speaks:
            found.append(Problem(code="voice"))
        if self._plan.commercial and method == "sms" and not can.replies:
            found.append(Problem(code="no_opt_out"))
        return found

    def _far(self, can: Can) -> list[Problem]:
        """Say that the links lead nowhere from outside."""
        near = self._package is not None and urlsplit(self.url).hostname in LOCAL
        return [Problem(code="local_address", more={"url": self.url}, blocks=False)] if near and can.sends else []


def _body(
    can: Can, method: str, around: forms.Around, *, title: Parsed, text: Parsed, group: bool, test: bool
) -> forms.Body:
    if can.templates:
        body = forms.approved(text, around)
        # Brackets are refused beside the sign, so that a test says it in words.
        return forms.Body(full=(around.word("test_plain"), *body.full)) if test else body
    if method == "sms":
        return forms.sms(text, around)
    if method == "mail":
        return forms.mail(text, around)
    return forms.chat(title, text, around, links=can.links, group=group)


def _of_text(form: _Form, text: str, size: int, missing: list[str]) -> list[Problem]:
    """Return what is wrong with one finished text."""
    found = [form.problem("missing", what=name) for name in dict.fromkeys(missing)]
    if size > form.can.text_limit:
        found.append(form.problem("too_long", size=str(size), limit=str(form.can.text_limit), unit=form.can.unit.value))
    if form.method == "sms" and form.around.language == "en" and not fits_gsm7(text):
        signs = "".join(dict.fromkeys(one for one in text if one not in GSM7 and one not in GSM7_EXTENDED))
        found.append(form.problem("not_gsm", blocks=False, what=signs[:20]))
    return found


def _line(value: str) -> str:
    """One line, without the brackets that only a sign may have."""
    return " ".join(value.replace("【", "(").replace("】", ")").split())

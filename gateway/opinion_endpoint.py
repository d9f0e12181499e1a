"""The endpoint of a second opinion: one POST, an answer read strictly, and every failure in our own words.

The protocol is OpenAI's "Create chat completion" (platform.openai.com/docs/api-reference/chat/create), of which only
what every server of that kind knows is used. What is sent and what is answered stands in no error and in no log.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from channels.contract import ChannelError, GiveUp, Misconfigured, Uncertain
from channels.http import Answer, Http, failure
from gateway.opinion_settings import SecondOpinion
from router.opinion import INSTRUCTIONS, Nonsense, Said, read

LONGEST = 200_000
"""Bytes of an answer that are read."""


class NoAnswer(Exception):
    """There is none: `outcome` says what is counted, `again` whether asking again may help."""

    def __init__(self, outcome: str, why: str, *, again: bool = False) -> None:
        super().__init__(why)
        self.outcome = outcome
        self.again = again


class Endpoint:
    """One endpoint; connections are opened on first use."""

    def __init__(self, settings: SecondOpinion, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._http = Http(
            timeout=timedelta(seconds=settings.timeout_seconds),
            now=now,
            proxy=settings.proxy,
            connections=1,
            most=LONGEST,
        )

    async def ask(self, question: str) -> Said:
        """Ask; raises NoAnswer for everything that is no answer."""
        try:
            answer = await self._http.request(
                "POST", self._settings.url, headers=self._headers(), body=self._body(question)
            )
        except Misconfigured as error:
            raise NoAnswer("refused", str(error)) from None
        except Uncertain as error:
            raise NoAnswer("timeout" if "in time" in str(error) else "broken_off", str(error), again=True) from None
        except GiveUp as error:
            raise NoAnswer("nonsense", str(error)) from None
        except ChannelError as error:
            raise NoAnswer("unreachable", str(error), again=True) from None
        return _said(answer)

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._settings.key is not None:
            headers["Authorization"] = f"Bearer {self._settings.key.reveal()}"
        return headers

    def _body(self, question: str) -> bytes:
        body = {
            "model": self._settings.model,
            "messages": [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": question}],
            "response_format": {"type": "json_object"},
        }
        return json.dumps(body).encode()


def _said(answer: Answer) -> Said:
    wrong = failure(answer)
    if wrong is not None:
        retried = answer.status == 429 or answer.status >= 500
        raise NoAnswer("failing" if retried else "refused", str(wrong), again=retried)
    try:
        return read(_content(answer.body))
    except Nonsense as error:
        raise NoAnswer("nonsense", str(error)) from None


def _content(body: bytes) -> str:
    """Return what the model wrote; raises Nonsense where the answer has another shape or was cut off."""
    try:
        choice = json.loads(body)["choices"][0]
        content, ended = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Nonsense("the answer has not the shape of a chat completion") from None
    if not isinstance(content, str) or ended not in ("stop", None):
        raise Nonsense("the answer is cut off or empty")
    return content

"""The other side of a second opinion on loopback: "Create chat completion" of OpenAI's published API description.

Written from the description (github.com/openai/openai-openapi: CreateChatCompletionRequest, -Response, ErrorResponse);
it shares nothing with what calls it. It refuses what the description refuses, and fails as it is told to.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aiohttp import web

from channels.simulation import Ticker

ROLES = ("developer", "system", "user", "assistant")
Reply = Callable[[dict[str, Any]], str]


class ChatCompletions:
    """An endpoint that says what it is told to; `asked` keeps the bodies of all requests."""

    def __init__(self, clock: Ticker, *, key: str = "a-key", model: str = "small") -> None:
        self.clock = clock
        self.key = key
        self.model = model
        self.asked: list[dict[str, Any]] = []
        self.says: Reply = lambda _: "{}"
        self.status = 200
        self.slow = timedelta(0)
        self.raw: bytes | None = None
        """The whole body of an answer, instead of a completion."""
        self.finish = "stop"
        self.wrong: list[str] = []
        """What the description does not allow in a request of ours."""
        self.waiting = 0
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._create)
        silent = logging.Logger("chat completions", level=logging.CRITICAL)  # noqa: LOG001 - clients that give up
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, logger=silent)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1/chat/completions"

    async def stop(self) -> None:
        """End; further requests find a closed port."""
        if self._runner is not None:
            await self._runner.cleanup()

    def answer(self, **said: Any) -> None:
        """Say this from now on."""
        self.says = lambda _: json.dumps(said, ensure_ascii=False)

    def seen(self) -> list[dict[str, str]]:
        """The questions, as the user's message holds them."""
        return [json.loads(body["messages"][-1]["content"]) for body in self.asked]

    async def _create(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return refusal(401, "Incorrect API key provided", "invalid_request_error", "invalid_api_key")
        body = await request.json()
        self.asked.append(body)
        fault = unfit(body)
        if fault:
            self.wrong.append(fault)
            return refusal(400, fault, "invalid_request_error", None)
        if body["model"] != self.model:
            return refusal(404, "The model does not exist", "invalid_request_error", "model_not_found")
        if self.slow:
            self.waiting += 1
            try:
                await self.clock.sleep(self.slow)
            finally:
                self.waiting -= 1
        if self.status != 200:
            return refusal(self.status, "The server had an error", "server_error", None)
        if self.raw is not None:
            return web.Response(body=self.raw, content_type="application/json")
        return web.json_response(self._completion(self.says(body)))

    def _completion(self, content: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": content, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish}
        usage = {"prompt_tokens": 300, "completion_tokens": 30, "total_tokens": 330}
        return {
            "id": f"chatcmpl-{len(self.asked)}",
            "object": "chat.completion",
            "created": int(self.clock.now().timestamp()),
            "model": self.model,
            "choices": [choice],
            "usage": usage,
        }


def refusal(status: int, message: str, kind: str, code: str | None) -> web.Response:
    """An ErrorResponse of the description."""
    return web.json_response({"error": {"message": message, "type": kind, "param": None, "code": code}}, status=status)


def unfit(body: Any) -> str:
    """Say what the description does not allow: model and messages are required, JSON mode needs the word."""
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        return "you must provide a model parameter"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "messages must be a list that is not empty"
    for one in messages:
        if one.get("role") not in ROLES or not isinstance(one.get("content"), str):
            return "a message needs a role and a content"
    wants = body.get("response_format", {"type": "text"})
    if wants.get("type") not in ("text", "json_object", "json_schema"):
        return "unknown response_format"
    if wants["type"] == "json_object" and not any("json" in one["content"].lower() for one in messages):
        return "messages must contain the word json to use json_object"
    return ""

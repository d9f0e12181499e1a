"""People and groups at a simulated Telegram: what they say, press and see; built on `channels.telegram_simulation`."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from channels.simulation import Heard
from channels.telegram_simulation import TelegramRefusal, TelegramServer

LIMIT: Final = 4096
PRESSES: Final = 64
DELETES: Final = 48 * 3600


class Chats:
    """Private chats (positive ids) and supergroups (negative ids), "chat" or "chat:topic"; messages count per chat."""

    def __init__(self, server: TelegramServer) -> None:
        self.server = server
        self.heard: list[Heard] = []
        self.messages: dict[str, dict[str, Any]] = {}
        """Every message as it stands now, by "chat:number"."""
        self.refuses: dict[int, TelegramRefusal] = {}
        """Chats that the bot is refused in, and how, until it is taken away again."""
        self.floods = 0
        """How many of the next messages are too many at once."""
        self.floods_after: int | None = None
        """After so many more messages all others are too many at once."""
        self.answered: list[str] = []
        """Presses whose button no longer turns."""
        self._numbers = itertools.count(101)
        self._names: dict[str, str] = {}
        server.serves("sendMessage", self._send)
        server.serves("editMessageText", self._edit)
        server.serves("editMessageReplyMarkup", self._edit)
        server.serves("deleteMessage", self._delete)
        server.serves("answerCallbackQuery", self._answer)

    def name(self, key: str, name: str) -> None:
        """What a group or a topic is called."""
        self._names[key] = name

    def user(self, sender: str) -> dict[str, Any]:
        """A person; a family name and a user name are things that not everybody has."""
        return {"id": int(sender), "is_bot": False, "first_name": "小陈", "language_code": "zh-hans"}

    def chat(self, place: str) -> dict[str, Any]:
        """A chat as it stands in messages."""
        number = int(place.partition(":")[0])
        if number > 0:
            return {"id": number, "type": "private", "first_name": "小陈"}
        forum = {"is_forum": True} if ":" in place else {}
        return {"id": number, "type": "supergroup", "title": self._names.get(str(number), "滨江客户群"), **forum}

    async def said(self, sender: str, place: str, *, answers: str | None = None, **what: Any) -> str:
        """A person writes: `text`, or any other fields of a message; returns "chat:number"."""
        message = self._message(place, {"from": self.user(sender)}, answers) | what
        await self.server.happened(message=message)
        return self._kept(message)

    async def changed(self, key: str, text: str) -> None:
        """A person corrects what they wrote."""
        message = self.messages[key] | {"text": text, "edit_date": self.server.unix()}
        self.messages[key] = message
        await self.server.happened(edited_message=message)

    async def push(self, sender: str, label: str, key: str | None = None) -> str:
        """A person pushes a button under a message, without `key` the newest that has it; returns the query's id."""
        shown = [key] if key else [one for one in reversed(self.messages) if self._data(one, label)]
        message = self.messages[shown[0]]
        query = {
            "id": f"{next(self._numbers)}00000000",
            "from": self.user(sender),
            "message": message,
            "chat_instance": "-1",
            "data": self._data(shown[0], label),
        }
        await self.server.happened(callback_query=query)
        return str(query["id"])

    def buttons(self, key: str) -> list[str]:
        """The labels under a message."""
        rows = self.messages[key].get("reply_markup", {}).get("inline_keyboard", [])
        return [one["text"] for row in rows for one in row]

    def _data(self, key: str, label: str) -> str:
        rows = self.messages[key].get("reply_markup", {}).get("inline_keyboard", [])
        return next((str(one["callback_data"]) for row in rows for one in row if one["text"] == label), "")

    def _message(self, place: str, writer: Mapping[str, Any], answers: str | None) -> dict[str, Any]:
        chat, _, topic = place.partition(":")
        message = {"message_id": next(self._numbers), "date": self.server.unix(), "chat": self.chat(place), **writer}
        if topic:
            message |= {"message_thread_id": int(topic), "is_topic_message": True}
            message["reply_to_message"] = self._opened(place, int(topic))
        found = self.messages.get(answers or "")
        if found and found["chat"]["id"] == int(chat):
            # A quoted message holds no further quote (core.telegram.org/bots/api#message).
            message["reply_to_message"] = {name: one for name, one in found.items() if name != "reply_to_message"}
        return message

    def _opened(self, place: str, topic: int) -> dict[str, Any]:
        """The service message that opened a topic: every message in it that quotes nothing carries it."""
        opened = {"name": self._names.get(place, "机房"), "icon_color": 7322096}
        return {
            "message_id": topic,
            "date": self.server.unix(),
            "chat": self.chat(place),
            "from": self.server.me,
            "message_thread_id": topic,
            "is_topic_message": True,
            "forum_topic_created": opened,
        }

    def _kept(self, message: dict[str, Any]) -> str:
        key = f"{message['chat']['id']}:{message['message_id']}"
        self.messages[key] = message
        return key

    async def _send(self, params: Mapping[str, str]) -> Any:
        chat, text = _number(params, "chat_id"), _text(params)
        self._door(chat)
        topic = params.get("message_thread_id")
        place = f"{chat}:{topic}" if topic else str(chat)
        quoted = json.loads(params.get("reply_parameters", "{}")).get("message_id")
        sent = self._message(place, {"from": self.server.me}, f"{chat}:{quoted}") | {"text": text}
        if "reply_markup" in params:
            sent["reply_markup"] = _markup(params)
        if "entities" in params:
            sent["entities"] = json.loads(params["entities"])
        key = self._kept(sent)
        self.server.made.append(("Message", sent))
        group = place if chat < 0 else None
        heard = Heard(at=self.server.clock.now(), to=str(chat), text=text, id=key, group=group)
        self.heard.append(heard)
        return sent

    async def _edit(self, params: Mapping[str, str]) -> Any:
        key = f"{_number(params, 'chat_id')}:{_number(params, 'message_id')}"
        self._door(_number(params, "chat_id"))
        old = self.messages.get(key)
        if old is None:
            raise TelegramRefusal(400, "Bad Request: message to edit not found")
        if old["from"]["id"] != self.server.me["id"]:
            raise TelegramRefusal(400, "Bad Request: message can't be edited")
        new = {name: one for name, one in old.items() if name != "reply_markup"}
        new |= {"text": _text(params)} if "text" in params else {}
        new |= {"reply_markup": _markup(params)} if "reply_markup" in params else {}
        if new == old:
            raise TelegramRefusal(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
                "same as a current content and reply markup of the message",
            )
        self.messages[key] = new | {"edit_date": self.server.unix()}
        self.server.made.append(("Message", self.messages[key]))
        # The phone shows the text as it stands now.
        self.heard[:] = [replace(one, text=new["text"]) if one.id == key else one for one in self.heard]
        return self.messages[key]

    async def _delete(self, params: Mapping[str, str]) -> bool:
        """Only what the bot itself wrote, and that within 48 hours (core.telegram.org/bots/api#deletemessage)."""
        key = f"{_number(params, 'chat_id')}:{_number(params, 'message_id')}"
        self._door(_number(params, "chat_id"))
        old = self.messages.get(key)
        if old is None:
            raise TelegramRefusal(400, "Bad Request: message to delete not found")
        if old["from"]["id"] != self.server.me["id"] or self.server.unix() - old["date"] > DELETES:
            raise TelegramRefusal(400, "Bad Request: message can't be deleted for everyone")
        del self.messages[key]
        self.heard[:] = [one for one in self.heard if one.id != key]
        return True

    async def _answer(self, params: Mapping[str, str]) -> bool:
        self.answered.append(params["callback_query_id"])
        return True

    def _door(self, chat: int) -> None:
        if self.floods_after is not None:
            self.floods_after -= 1
            self.floods = 1 if self.floods_after < 0 else 0
        if self.floods:
            self.floods -= 1
            raise TelegramRefusal(429, "Too Many Requests: retry after 17", retry_after=17)
        if chat in self.refuses:
            raise self.refuses[chat]


def _number(params: Mapping[str, str], name: str) -> int:
    try:
        return int(params[name])
    except (KeyError, ValueError):
        raise TelegramRefusal(400, "Bad Request: chat not found") from None


def _text(params: Mapping[str, str]) -> str:
    text = params.get("text", "")
    if not text.strip():
        raise TelegramRefusal(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > LIMIT:
        raise TelegramRefusal(400, "Bad Request: message is too long")
    return text


def _markup(params: Mapping[str, str]) -> Any:
    markup = json.loads(params["reply_markup"])
    rows = markup.get("inline_keyboard", [])
    if any(len(one.get("callback_data", "x").encode()) not in range(1, PRESSES + 1) for row in rows for one in row):
        raise TelegramRefusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return markup

"""Reads a form with one file whose bytes go on as they come: a package is larger than memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

FIELDS: Final = 40
FIELD: Final = 200_000
"""Bytes of one field."""
Sink = Callable[[bytes], Awaitable[None]]


class StreamedForm:
    """One form; `fields` is filled while it is read, and must be whole before the file: so the page lays it out."""

    def __init__(self, checked: Callable[[Mapping[str, str]], None], sink: Sink) -> None:
        self._checked = checked
        """Asked with the fields before the first byte of the file is taken; raises to refuse the form."""
        self._sink = sink
        self._raw: dict[str, bytearray] = {}
        self._headers: dict[bytes, bytes] = {}
        self._header, self._value = bytearray(), bytearray()
        self._name = ""
        self._in_file = False
        self._ready: list[bytes] = []
        self.file = ""
        """The name of the file, as the browser says it; "" without one."""

    @property
    def fields(self) -> dict[str, str]:
        """The fields by name."""
        return {name: value.decode("utf-8", "replace") for name, value in self._raw.items()}

    async def read(self, request: Request) -> None:
        """Read the whole form; raises HTTPException 400 for what is none."""
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise HTTPException(400, "this is no form with a file")
        parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_header,
                "on_header_value": self._on_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._named,
                "on_part_data": self._data,
            },
        )
        try:
            async for chunk in request.stream():
                parser.write(chunk)
                await self._flush()
        except FormParserError as error:
            raise HTTPException(400, "this form cannot be read") from error
        if not self._in_file:
            self._checked(self.fields)

    async def _flush(self) -> None:
        for piece in self._ready:
            await self._sink(piece)
        self._ready.clear()

    def _begin(self) -> None:
        self._headers.clear()
        self._header, self._value = bytearray(), bytearray()

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[bytes(self._header).lower()] = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def _named(self) -> None:
        """Tell a field from the file; nothing may come after the file."""
        if self._in_file:
            raise HTTPException(400, "the file must be the last part of the form")
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options:
            self.file = options[b"filename"].decode("utf-8", "replace")
            self._in_file = True
            self._checked(self.fields)
        elif len(self._raw) >= FIELDS:
            raise HTTPException(400, "the form has too many fields")
        else:
            self._raw[self._name] = bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._ready.append(data[start:end])
            return
        field = self._raw[self._name]
        field += data[start:end]
        if len(field) > FIELD:
            raise HTTPException(400, "a field of the form is too long")

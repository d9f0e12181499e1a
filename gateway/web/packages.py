"""The pages of packages: the list with the form to upload, and one page for each with notes and revoking."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.broadcast.naming import sound_about
from gateway.broadcast.packages import About, Begin, Edit, Kept, edit
from gateway.broadcast.storage import StorageTrouble
from gateway.broadcast.uploads import Busy, Elsewhere, Uploads
from gateway.web.api_packages import STATUS, WAIT
from gateway.web.desk import Desk, see_other
from gateway.web.streamed_form import FIELD, StreamedForm
from gateway.web.streamed_form import FIELDS as FORM_FIELDS
from gateway.web.view import Eye
from gateway.web.words import NAMED
from store import packages
from store.model import BroadcastState, Package, PackageState
from store.packages import Listed

MOST: Final = 200
"""Packages on the page."""
SHAPES: Final[Mapping[str, str]] = {"coming": "◌", "ready": "✓", "broken": "✕", "revoked": "⊘"}
FIELDS: Final = ("name", "version", "product", "applies", "notes_zh", "notes_en", "intranet")
BROKEN_OFF: Final = 400
BESIDE: Final = FORM_FIELDS * FIELD
"""Bytes that a form may have beside its file."""
GOING: Final = (BroadcastState.RUNNING, BroadcastState.SCHEDULED, BroadcastState.PAUSED, BroadcastState.HELD)
"""Broadcasts in these states would go on sending links that lead nowhere."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the pages."""
    pages = PackagePages(desk)
    one = "/packages/{ident:int}"
    return [
        Route("/packages", pages.list_all, methods=["GET"]),
        Route("/packages", pages.upload, methods=["POST"]),
        Route(one, pages.show, methods=["GET"]),
        Route(one, pages.act, methods=["POST"]),
        Route(f"{one}/revoke", pages.ask, methods=["GET"]),
    ]


def size_of(count: int) -> str:
    """Write a number of bytes as people read it."""
    size, unit = float(count), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"


class PackagePages:
    """What the pages show and do."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._uploads: Uploads = desk.house.uploads

    async def list_all(self, request: Request) -> Response:
        """Show all packages, and the form; `again` fills it for an upload that was interrupted."""
        return await self._list(request, said=request.query_params.get("said", ""))

    async def _list(
        self, request: Request, *, said: str = "", status: int = 200, typed: Mapping[str, str] | None = None
    ) -> Response:
        found = await self._desk.read(lambda connection: packages.listed(connection, limit=MOST))
        again = next((one.package for one in found if str(one.package.id) == request.query_params.get("again")), None)
        given = typed or (_typed(again) if again else {})
        eye, person = self._desk.eye(request), self._desk.person(request)
        return self._desk.render(
            request,
            "packages.html",
            status=status,
            eye=eye,
            rows=[_row(one, eye) for one in found],
            cut=MOST if len(found) == MOST else 0,
            may=self._desk.may(person, "broadcast"),
            most=size_of(self._uploads.most),
            again=bool(again),
            typed=dict.fromkeys(FIELDS, "") | dict(given),
            said=_known(said),
        )

    async def upload(self, request: Request) -> Response:
        """Take a package by a form, without script: its bytes go to the disk as they come."""
        if (person := await self._may(request)) is None:
            return await self._list(request, said="no_right", status=403)
        with self._uploads.form_file(secrets.token_hex(8)) as path:
            taken, announced = 0, _announced(request)

            async def sink(chunk: bytes) -> None:
                nonlocal taken
                taken += len(chunk)
                if max(taken, announced - BESIDE) > self._uploads.most:
                    raise HTTPException(413, "package_too_large")
                await self._uploads.write(file, chunk, announced)

            with path.open("wb", buffering=0) as file:
                form = StreamedForm(lambda fields: self._sealed(request, fields), sink)
                answer = await self._read(form, request)
            if answer:
                return await self._list(request, said=answer, status=STATUS.get(answer, BROKEN_OFF), typed=form.fields)
            wish = Begin(
                name=form.fields.get("name", ""),
                version=form.fields.get("version", ""),
                file=form.file,
                size=taken,
                by=person,
                about=_about(form.fields),
            )
            return await self._whole(request, wish, path, form.fields)

    async def _read(self, form: StreamedForm, request: Request) -> str:
        try:
            await form.read(request)
        except HTTPException as error:
            if error.status_code != 413:
                raise
            return "too_large"
        except StorageTrouble:
            return "no_room"
        except ClientDisconnect:
            return "slow"
        return ""

    async def _whole(self, request: Request, wish: Begin, path: Path, fields: Mapping[str, str]) -> Response:
        kept = await self._uploads.begin(wish, here=wish.size)
        if not kept.ok or kept.package is None:
            answer = "empty" if wish.size == 0 else kept.answer
            return await self._list(request, said=answer, status=STATUS.get(answer, 422), typed=fields)
        return await self._checked(kept.package, wish.by, path)

    async def _checked(self, package: Package, by: str, file: Path | None = None) -> Response:
        at = f"/packages/{package.id}"
        try:
            if file is not None:
                await self._uploads.adopt(package, file)
            kept = await self._uploads.finish(package, "", by, wait=WAIT)
        except Busy:
            return see_other(at, said="busy")
        except (Elsewhere, StorageTrouble):
            return see_other(at, said="not_now")
        return see_other(at, said=kept.answer if kept else "checking")

    async def show(self, request: Request) -> Response:
        """Show one package."""
        return await self._one(request, "package.html", said=request.query_params.get("said", ""))

    async def ask(self, request: Request) -> Response:
        """Ask whether a package is really to be revoked, and say what that means."""
        if await self._may(request) is None:
            return await self._list(request, said="no_right", status=403)
        return await self._one(request, "package_revoke.html")

    async def _one(
        self,
        request: Request,
        template: str,
        *,
        said: str = "",
        status: int = 200,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        ident = request.path_params["ident"]
        found = await self._desk.read(
            lambda c: [(one, packages.downloads(c, [ident]).get(ident, 0)) for one in packages.of(c, [ident])]
        )
        if not found:
            raise HTTPException(404)
        package, fetched = found[0]
        uses = await self._desk.read(lambda connection: packages.used_by(connection, ident))
        offset = await self._offset(package)
        eye, person = self._desk.eye(request), self._desk.person(request)
        return self._desk.render(
            request,
            template,
            status=status,
            eye=eye,
            one=_row(Listed(package=package, downloads=fetched), eye, offset),
            package=package,
            uses=uses,
            going=[use for use in uses if use.state in GOING],
            whole=package.state == PackageState.COMING and offset == package.size,
            typed=dict(typed or _typed(package)),
            may=self._desk.may(person, "broadcast"),
            said=_known(said),
        )

    async def _offset(self, package: Package) -> int:
        try:
            return await self._uploads.offset(package)
        except StorageTrouble:  # the page shows what was known last
            return package.received

    async def act(self, request: Request) -> Response:
        """Do what one of the forms of a package asks for."""
        form = await self._desk.form(request)
        if (person := await self._may(request)) is None:
            return await self._list(request, said="no_right", status=403)
        ident = request.path_params["ident"]
        package = await self._desk.read(lambda connection: packages.by_id(connection, ident))
        if package is None:
            raise HTTPException(404)
        acts: Mapping[str, Callable[[Package, str, FormData], Awaitable[Kept | Response]]] = {
            "edit": self._edit,
            "revoke": self._revoke,
            "drop": self._drop,
            "finish": self._finish,
        }
        act = acts.get(str(form.get("act", "")))
        if act is None:
            raise HTTPException(404)
        done = await act(package, person, form)
        if isinstance(done, Response):
            return done
        if done.ok:
            gone = done.answer == "dropped"
            return see_other("/packages" if gone else f"/packages/{ident}", said=done.answer)
        typed = {name: str(form.get(name, "")) for name in FIELDS}
        return await self._one(
            request, "package.html", said=done.answer, status=STATUS.get(done.answer, 422), typed=typed
        )

    async def _edit(self, package: Package, person: str, form: FormData) -> Kept:
        about, wrong = sound_about(_about({name: str(value) for name, value in form.items()}))
        if wrong:
            return Kept(ok=False, answer=wrong)
        return await self._desk.house.writer.do(edit, Edit(ident=package.id, by=person, about=about))

    async def _revoke(self, package: Package, person: str, form: FormData) -> Kept:
        return await self._uploads.revoke(package, person, str(form.get("why", "")).strip()[:200])

    async def _drop(self, package: Package, person: str, _form: FormData) -> Kept:
        try:
            return await self._uploads.drop(package, person)
        except Busy:
            return Kept(ok=False, answer="busy")

    async def _finish(self, package: Package, person: str, _form: FormData) -> Response:
        return await self._checked(package, person)

    async def _may(self, request: Request) -> str | None:
        """Return who asks, if they may change packages."""
        person = self._desk.person(request)
        return person if self._desk.may(person, "broadcast") else None

    def _sealed(self, request: Request, fields: Mapping[str, str]) -> None:
        if not self._desk.access.own_form(request, fields.get("seal", "")):
            raise HTTPException(403, "form_refused")


def _announced(request: Request) -> int:
    """Return how many bytes the whole form is said to have; 0 where it does not say."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _known(said: str) -> str:
    return said if f"said.package_{said}" in NAMED else ""


def _about(fields: Mapping[str, str]) -> About:
    return About(
        product=fields.get("product", ""),
        applies=fields.get("applies", ""),
        notes={"zh": fields.get("notes_zh", ""), "en": fields.get("notes_en", "")},
        intranet=fields.get("intranet", "") == "yes",
    )


def _typed(package: Package) -> dict[str, str]:
    return {
        "name": package.name,
        "version": package.version,
        "product": package.product,
        "applies": package.applies,
        "notes_zh": package.notes.get("zh", ""),
        "notes_en": package.notes.get("en", ""),
        "intranet": "yes" if package.intranet else "",
    }


def _row(listed: Listed, eye: Eye, offset: int | None = None) -> dict[str, Any]:
    """Lay out one package in words."""
    package = listed.package
    received = package.received if offset is None else offset
    coming = package.state == PackageState.COMING
    return {
        "id": package.id,
        "name": package.name,
        "version": package.version,
        "file": package.file,
        "size": size_of(package.size),
        "sha": package.sha256,
        "short": package.sha256[:12],
        "shape": SHAPES.get(package.state, "?"),
        "state": eye.words.named("package_state", package.state),
        "state_name": package.state,
        "percent": f"{received * 100 // max(1, package.size)}%" if coming else "",
        "by": eye.names.get(package.by, package.by),
        "at": eye.at(package.at),
        "downloads": listed.downloads,
        "intranet": package.intranet,
        "revoked": eye.words(
            "package_revoked_by",
            who=eye.names.get(package.revoked_by, package.revoked_by),
            at=eye.at(package.revoked_at),
        )
        if package.revoked_at
        else "",
    }

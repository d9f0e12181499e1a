"""The API about packages: resumable uploads in the manner of tus, and the moves.

An upload is begun with its name, version and size, sent in pieces of any length with `Upload-Offset`, and finished.
After an interruption the offset is asked for, and the rest is sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from starlette.requests import ClientDisconnect

from gateway.broadcast.naming import sound_about
from gateway.broadcast.packages import About, Begin, Edit, Kept, edit
from gateway.broadcast.storage import StorageTrouble
from gateway.broadcast.uploads import Busy, Elsewhere, TooMuch
from gateway.web.desk import Desk
from gateway.web.shapes_packages import (
    AboutShape,
    BeginShape,
    FinishShape,
    KeptShape,
    PackageShape,
    UploadShape,
    WhyShape,
)
from store import packages
from store.model import Package, PackageState

Limit = Annotated[int, Query(ge=1, le=1000)]
Ident = Annotated[int, Path(ge=0, lt=1 << 63)]
WAIT: Final = 20.0
"""Seconds that a request waits for the check of a whole file, below what proxies allow; then it is asked again."""
STATUS: Final = {
    "begun": 201,
    "too_large": 413,
    "too_much": 413,
    "no_room": 507,
    "unknown_package": 404,
    "no_right": 403,
    "not_yours": 403,
    "busy": 423,
    "storage": 503,
    "taken": 409,
    "coming": 409,
    "not_now": 409,
    "elsewhere": 409,
    "slow": 408,
}
"""Of an answer; others are 200 when they are good and 422 when they are not."""


class PackagesApi:
    """The operations; one method each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._uploads = desk.house.uploads

    async def list_packages(self, limit: Limit = 200) -> list[PackageShape]:
        """List packages, the newest first."""
        found = await self._desk.read(lambda connection: packages.listed(connection, limit=limit))
        return [shape(one.package, one.downloads) for one in found]

    async def show(self, ident: Ident) -> PackageShape:
        """Show one package."""
        found = await self._desk.read(
            lambda c: [shape(one, packages.downloads(c, [ident]).get(ident, 0)) for one in packages.of(c, [ident])]
        )
        if not found:
            raise HTTPException(404, f"there is no package {ident}")
        return found[0]

    async def begin(self, request: Request, wish: BeginShape, response: Response) -> KeptShape:
        """Begin an upload, or find the one that was interrupted; `offset` says from where to send."""
        by = await who(self._desk, request)
        about = _about(wish)
        item = Begin(name=wish.name, version=wish.version, file=wish.file, size=wish.size, by=by, about=about)
        async with self._told(request):
            kept = await self._uploads.begin(item)
            offset = await self._uploads.offset(kept.package) if kept.ok and kept.package else 0
        return self._answer(request, response, kept, offset)

    async def offset(self, request: Request, ident: Ident, response: Response) -> UploadShape:
        """Say how far an upload is, in the header `Upload-Offset` and in the body."""
        package = await self._package(request, ident)
        async with self._told(request):
            at = await self._uploads.noted(package)
        response.headers.update(_headers(at, package))
        return UploadShape(offset=at, size=package.size, state=package.state)

    async def send(self, request: Request, ident: Ident) -> Response:
        """Append the body, of any length, at `Upload-Offset`; what came before a connection broke is kept."""
        package = await self._own(request, ident)
        given, announced = request.headers.get("upload-offset", ""), request.headers.get("content-length", "")
        if not given.isdecimal() or len(given) > 18:
            raise HTTPException(400, "the header Upload-Offset says at which byte this piece begins")
        length = int(announced) if announced.isdecimal() else None
        async with self._told(request):
            at = await self._uploads.take(package, int(given), request.stream(), length)
        return Response(status_code=204, headers=_headers(at, package))

    async def finish(self, request: Request, ident: Ident, wish: FinishShape, response: Response) -> KeptShape:
        """Have a whole file checked and handed out from now on; 202: that still goes on, ask again."""
        package = await self._own(request, ident)
        async with self._told(request):
            kept = await self._uploads.finish(package, wish.sha256, package.by, wait=WAIT)
        if kept is None:
            response.status_code = 202
            return KeptShape(answer="checking", says=self._says(request, "checking"), package=shape(package))
        return self._answer(request, response, kept, package.size)

    async def drop(self, request: Request, ident: Ident, response: Response) -> KeptShape:
        """Give an upload up; name and version are free again."""
        by, package = await who(self._desk, request), await self._package(request, ident)
        async with self._told(request):
            return self._answer(request, response, await self._uploads.drop(package, by), 0)

    async def edit(self, request: Request, ident: Ident, wish: AboutShape, response: Response) -> KeptShape:
        """Change what is said of a package."""
        by = await who(self._desk, request)
        about, wrong = sound_about(_about(wish))
        if wrong:
            return self._answer(request, response, Kept(ok=False, answer=wrong), 0)
        kept = await self._desk.house.writer.do(edit, Edit(ident=ident, by=by, about=about))
        return self._answer(request, response, kept, 0)

    async def revoke(self, request: Request, ident: Ident, wish: WhyShape, response: Response) -> KeptShape:
        """Hand a package out no more: its links end at once, and its bytes are deleted."""
        by, package = await who(self._desk, request), await self._package(request, ident)
        kept = await self._uploads.revoke(package, by, wish.why)
        return self._answer(request, response, kept, 0)

    async def _package(self, request: Request, ident: Ident) -> Package:
        found = await self._desk.read(lambda connection: packages.by_id(connection, ident))
        if found is None:
            raise self._refused(request, "unknown_package")
        return found

    async def _own(self, request: Request, ident: Ident) -> Package:
        """Return an upload of the person who asks."""
        by, package = await who(self._desk, request), await self._package(request, ident)
        if package.by != by:
            raise self._refused(request, "not_yours", package)
        if package.state not in (PackageState.COMING, PackageState.READY):
            raise self._refused(request, "not_now", package)
        return package

    @asynccontextmanager
    async def _told(self, request: Request) -> AsyncIterator[None]:
        """Turn what an upload may run into to answers."""
        try:
            yield
        except Elsewhere as error:
            raise self._refused(request, "elsewhere", offset=error.offset) from error
        except TooMuch as error:
            raise self._refused(request, "too_much") from error
        except Busy as error:
            raise self._refused(request, "busy") from error
        except TimeoutError as error:
            raise self._refused(request, "slow") from error
        except StorageTrouble as error:
            raise self._refused(request, "storage", why=str(error)) from error
        except ClientDisconnect as error:  # nobody reads the answer; what came is kept
            raise HTTPException(400, "the connection broke; ask for the offset and go on") from error

    def _answer(self, request: Request, response: Response, kept: Kept, offset: int) -> KeptShape:
        if not kept.ok:
            raise self._refused(request, kept.answer, kept.package)
        response.status_code = STATUS.get(kept.answer, 200)
        package = shape(kept.package) if kept.package else None
        return KeptShape(answer=kept.answer, says=self._says(request, kept.answer), package=package, offset=offset)

    def _refused(
        self, request: Request, answer: str, package: Package | None = None, *, offset: int | None = None, why: str = ""
    ) -> HTTPException:
        says = self._says(request, answer) + (f" {why}" if why else "")
        detail = KeptShape(answer=answer, says=says, package=shape(package) if package else None, offset=offset or 0)
        headers = None if offset is None else {"Upload-Offset": str(offset)}
        return HTTPException(STATUS.get(answer, 422), detail.model_dump(mode="json"), headers)

    def _says(self, request: Request, answer: str) -> str:
        return says(self._desk, request, answer)


async def who(desk: Desk, request: Request) -> str:
    """Return who changes packages; raises HTTPException 401 or 403."""
    person = desk.person(request)
    if person is None:
        raise HTTPException(401, says(desk, request, "sign_in"), {"WWW-Authenticate": 'Basic realm="yizhan"'})
    if not desk.may(person, "broadcast"):
        raise HTTPException(403, says(desk, request, "no_right"))
    return person


def says(desk: Desk, request: Request, answer: str) -> str:
    """Return an answer as a sentence in the language of whoever asks."""
    return desk.eye(request).words.named("said", f"package_{answer}")


def shape(package: Package, downloads: int = 0) -> PackageShape:
    """Return a package as the API shows it."""
    return PackageShape.model_validate(package).model_copy(update={"downloads": downloads})


def _about(wish: AboutShape) -> About:
    return About(
        product=wish.product,
        applies=wish.applies,
        notes={str(key): text for key, text in wish.notes.items()},
        intranet=wish.intranet,
    )


def _headers(offset: int, package: Package) -> dict[str, str]:
    return {"Upload-Offset": str(offset), "Upload-Length": str(package.size)}


def routes(desk: Desk) -> APIRouter:
    """Return the routes below /api/v1."""
    api, router = PackagesApi(desk), APIRouter(prefix="/packages")
    router.add_api_route("", api.list_packages, methods=["GET"])
    router.add_api_route("", api.begin, methods=["POST"])
    router.add_api_route("/{ident}", api.show, methods=["GET"])
    router.add_api_route("/{ident}", api.edit, methods=["PUT"])
    router.add_api_route("/{ident}/upload", api.offset, methods=["GET"])
    # The same in the description of the API would be two operations of one name.
    router.add_api_route("/{ident}/upload", api.offset, methods=["HEAD"], include_in_schema=False)
    router.add_api_route("/{ident}/upload", api.send, methods=["PATCH"], status_code=204)
    router.add_api_route("/{ident}/upload", api.drop, methods=["DELETE"])
    router.add_api_route("/{ident}/finish", api.finish, methods=["POST"])
    router.add_api_route("/{ident}/revoke", api.revoke, methods=["POST"])
    return router

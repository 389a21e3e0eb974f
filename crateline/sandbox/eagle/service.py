"""Eagle's HTTP API: V1 below /api, V2 below /api/v2 (Eagle 4.0 build 21 and later), on a real library folder.

Kept from the original: envelopes whose errors can come with HTTP 200, an add that answers before it copies, a library
switch that takes effect later, an `offset` that counts pages, a bin whose items still answer. Looser than the original:
`tags` finds by prefix and without case, so that a client that does not compare tags itself is found out.
A starting app, which answers HTML with HTTP 200, is the fault {"kind": "200-html"}.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crateline.sandbox.eagle.library import Item, Library
from crateline.sandbox.faults import Faults
from crateline.sandbox.journal import Journal

SWITCH_S = 0.1
V1_LIMIT = 200
V2_LIMIT, V2_MOST = 50, 1000
API_TOKEN = "sandbox-eagle-token"
BIN_WORDS = "The item does not exist"

Asked = Mapping[str, Any]
Answer = Callable[[Asked], Response | Awaitable[Response]]


def app(
    root: Path,
    *,
    name: str = "Sandbox",
    v2: bool = True,
    copy_delay: float = 0.2,
    offset_is_page: bool = True,
    answers_id: bool = True,
    token_needed: bool = False,
    faults: Faults | None = None,
) -> Starlette:
    """Eagle with a library `<root>/<name>.library`.

    `v2` off: 404 below /api/v2, as before 4.0 build 21. `offset_is_page`: V1's `offset` counts pages, else items.
    `answers_id` off: V1's add gives a bare status, as documented. `token_needed`: ask for `?token=`, as from elsewhere.
    The back door has GET /_sandbox/state beside stats and faults.
    """
    eagle = Eagle(Library(root, name, copy_delay=copy_delay), offset_is_page=offset_is_page, answers_id=answers_id)
    journal = Journal(faults)

    async def state(request: Request) -> Response:
        del request
        return JSONResponse(eagle.library.state())

    def routes(prefix: str, answers: Mapping[str, tuple[str, Answer]]) -> Iterable[Route]:
        for path, (methods, answer) in answers.items():
            yield journal.route(f"{prefix}/{path}", path, _endpoint(answer, token_needed=token_needed), methods.split())

    ours = [*routes("/api", eagle.v1()), *(routes("/api/v2", eagle.v2()) if v2 else ())]
    return journal.app(ours, [Route("/state", state)])


class Eagle:
    """The running app: one open library, and the answers to each request."""

    def __init__(self, library: Library, *, offset_is_page: bool, answers_id: bool) -> None:
        self.library = library
        self.offset_is_page = offset_is_page
        self.answers_id = answers_id
        self._switching: asyncio.Task[None] | None = None

    def v1(self) -> dict[str, tuple[str, Answer]]:
        """The paths of V1 with their methods."""
        return {
            "application/info": ("GET", self._application),
            "library/info": ("GET", self._library_info),
            "library/switch": ("POST", self._switch),
            "folder/list": ("GET", lambda _: success(self.library.folders)),
            "folder/create": ("POST", self._create_folder),
            "item/addFromPath": ("POST", self._add_from_path),
            "item/addFromPaths": ("POST", self._add_from_paths),
            "item/info": ("GET", self._item_info),
            "item/thumbnail": ("GET", self._thumbnail),
            "item/list": ("GET", self._list),
            "item/update": ("POST", lambda asked: self._update(asked, ("tags", "annotation", "url", "star"))),
            "item/moveToTrash": ("POST", self._trash),
        }

    def v2(self) -> dict[str, tuple[str, Answer]]:
        """The paths of V2 with their methods."""
        return {
            "app/info": ("GET", self._application),
            "library/info": ("GET", lambda _: success({"name": self.library.name, "path": str(self.library.path)})),
            "folder/get": ("GET POST", lambda _: success(_page(self.library.folders, {}))),
            "folder/create": ("POST", lambda asked: self._create_folder({"folderName": asked.get("name"), **asked})),
            "item/get": ("GET POST", self._get),
            "item/countAll": ("GET", lambda _: success(len(self._kept()))),
            "item/add": ("POST", self._add),
            "item/save": ("POST", lambda asked: self._update(asked, ("tags", "folders", "name", "annotation", "url", "star"))),
        }

    def _kept(self) -> list[Item]:
        return [item for item in self.library.items.values() if not item["isDeleted"]]

    def _application(self, asked: Asked) -> Response:
        del asked
        info = {"version": "4.0.0", "prereleaseVersion": None, "buildVersion": "20250821", "platform": "darwin"}
        return success(info | {"preferences": {"developer": {"apiToken": API_TOKEN}}})

    def _library_info(self, asked: Asked) -> Response:
        del asked
        library = {"path": str(self.library.path), "name": self.library.name}
        return success({"folders": self.library.folders, "smartFolders": [], "tagsGroups": [], "library": library})

    def _switch(self, asked: Asked) -> Response:
        path = Path(str(asked.get("libraryPath", "")))
        if path.suffix != ".library":
            return error("not a library")
        self._switching = asyncio.get_running_loop().create_task(self._open(path))
        return JSONResponse({"status": "success"})

    async def _open(self, path: Path) -> None:
        await asyncio.sleep(SWITCH_S)
        self.library = Library(path.parent, path.stem, copy_delay=self.library.copy_delay)

    def _create_folder(self, asked: Asked) -> Response:
        if not asked.get("folderName"):
            return error("folderName is missing")
        folder = self.library.add_folder(str(asked["folderName"]), str(asked.get("parent") or ""))
        return success(folder | {"images": [], "folders": []})

    def _add_from_path(self, asked: Asked) -> Response:
        source = Path(str(asked.get("path") or ""))
        if not source.is_file():
            return error(f"File not exists: {source}")
        added = self.library.add(source, _v1_fields(asked))
        return success(added) if self.answers_id else JSONResponse({"status": "success"})

    def _add_from_paths(self, asked: Asked) -> Response:
        for one in asked.get("items", []):
            self.library.add(Path(one["path"]), _v1_fields({"folderId": asked.get("folderId"), **one}))
        return JSONResponse({"status": "success"})

    def _add(self, asked: Asked) -> Response:
        entries = asked.get("items") or [asked]
        sources = [Path(str(one.get("path") or "")) for one in entries]
        if not all(source.is_file() for source in sources) or len(entries) > V2_MOST:
            return error("Invalid path", 400)
        ids = [self.library.add(source, one, str(one.get("id") or "")) for source, one in zip(sources, entries, strict=True)]
        return success({"ids": ids} if "items" in asked else {"id": ids[0]})

    def _item_info(self, asked: Asked) -> Response:
        item = self.library.items.get(str(asked.get("id")))
        return success(item) if item else error(BIN_WORDS)

    def _thumbnail(self, asked: Asked) -> Response:
        item = self.library.items.get(str(asked.get("id")))
        return success(quote(str(self.library.file(item)))) if item else error(BIN_WORDS)

    def _list(self, asked: Asked) -> Response:
        limit, offset = int(asked.get("limit", V1_LIMIT)), int(asked.get("offset", 0))
        found = _filtered(self._kept(), asked, _words(asked.get("tags")), _words(asked.get("folders")))
        start = offset * limit if self.offset_is_page else offset
        return success(found[start : start + limit])

    def _get(self, asked: Asked) -> Response:
        found = _filtered(self._kept(), asked, _words(asked.get("tags")), _words(asked.get("folders")))
        ids = {str(asked["id"])} if asked.get("id") else set(_words(asked.get("ids")))
        return success(_page([item for item in found if not ids or item["id"] in ids], asked))

    def _update(self, asked: Asked, fields: tuple[str, ...]) -> Response:
        item = self.library.update(str(asked.get("id")), {name: asked.get(name) for name in fields})
        return success(item) if item else error(BIN_WORDS)

    def _trash(self, asked: Asked) -> Response:
        for item_id in asked.get("itemIds", []):
            self.library.update(item_id, {"isDeleted": True})
        return JSONResponse({"status": "success"})


def success(data: Any) -> Response:
    """Wrap an answer."""
    return JSONResponse({"status": "success", "data": data})


def error(message: str, status: int = 200) -> Response:
    """Say no, as V1 does it: with HTTP 200."""
    return JSONResponse({"status": "error", "message": message}, status)


def _endpoint(answer: Answer, *, token_needed: bool) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if token_needed and request.query_params.get("token") != API_TOKEN:
            return error("token is not valid", 401)
        asked: dict[str, Any] = dict(request.query_params)
        if request.method == "POST":
            try:
                asked |= json.loads(await request.body() or b"{}")
            except (ValueError, TypeError):
                return error("body is not JSON", 400)
        given = answer(asked)
        return given if isinstance(given, Response) else await given

    return endpoint


def _v1_fields(asked: Asked) -> dict[str, Any]:
    return {**asked, "folders": [asked["folderId"]] if asked.get("folderId") else []}


def _words(value: object) -> list[str]:
    """A filter's values: V1 writes them with commas, V2 as a list."""
    words = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [str(word) for word in words if word]


def _filtered(items: list[Item], asked: Asked, tags: list[str], folders: list[str]) -> list[Item]:
    keyword = str(asked.get("keyword") or "").casefold()
    return [
        item
        for item in items
        if (not tags or any(own.casefold().startswith(tag.casefold()) for own in item["tags"] for tag in tags))
        and (not folders or set(folders) & set(item["folders"]))
        and keyword in f"{item['name']} {' '.join(item['tags'])}".casefold()
    ]


def _page(found: list[Any], asked: Asked) -> dict[str, Any]:
    limit, offset = min(int(asked.get("limit", V2_LIMIT)), V2_MOST), int(asked.get("offset", 0))
    return {"data": found[offset : offset + limit], "total": len(found), "offset": offset, "limit": limit}

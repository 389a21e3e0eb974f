"""Eagle, in our words: the open library, items known by a tag of ours, folders by name. No retries, no sleeping.

V2 of the API is used where Eagle has it (4.0 build 21 and later), V1 otherwise. Nothing here prevents a second item
of the same file: Eagle has no such rule, so the caller looks for its own tag before it adds.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final, Self

import httpx

from crateline.clients.eagle_http import SERVICE, EagleHttp, EndpointMissing, Json, secure
from crateline.errors import NotFound, Rejected, Unavailable

DEFAULT_URL: Final = "http://localhost:41595"
DETECT_S: Final = 0.5
V1_LIMIT: Final = 10_000  # V1's `offset` means pages to some builds and items to others: one large page
V2_LIMIT: Final = 1000
V2_UPDATES: Final = ("api/v2/item/save", "api/v2/item/update")  # its name differs between builds


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """The library that is open in Eagle; `path` is on Eagle's machine."""

    name: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One item. `size` is in bytes as its metadata say, 0 while Eagle copies; `folders` are ids."""

    id: str
    name: str
    ext: str
    size: int
    tags: tuple[str, ...]
    folders: tuple[str, ...]
    website: str
    annotation: str


class Eagle:
    """One running Eagle. `token` is needed only from another machine; `timeout_s` bounds each request.

    Every method can raise ServiceStopped (Eagle is not running), Unavailable (starting, slow, 5xx), CredentialsRefused
    and Rejected. Shared by all threads of a process; create it after a fork.
    """

    def __init__(self, *, url: str = DEFAULT_URL, token: str = "", timeout_s: float = 20.0) -> None:
        self._url = url
        self._http = EagleHttp(url, token, timeout_s)
        self._v2 = True  # until a 404 says otherwise
        self._updates = list(V2_UPDATES)

    def __repr__(self) -> str:
        return f"Eagle({self._url})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. The client is of no use afterwards."""
        self._http.close()

    def version(self) -> str:
        """Eagle's version and build, "4.0.0 (20250821)". The answer holds the user's API token: nothing else is kept of it."""
        answer = self._object("api/application/info")
        return f"{answer.get('version', '?')} ({answer.get('buildVersion', '?')})"

    def library(self) -> Library:
        """The library that is open now; the user may switch at any time, so ask before each add."""
        answer = self._object("api/library/info").get("library") or {}
        if not answer.get("path"):
            raise Unavailable(SERVICE, "Eagle has no library open")
        return Library(name=str(answer.get("name") or PurePath(answer["path"]).stem), path=str(answer["path"]))

    def find(self, tag: str) -> tuple[Item, ...]:
        """The items that carry exactly this tag, oldest first, without those in the bin. Eagle's own search is fuzzy."""
        _single(tag)
        items = _carrying(tag, self._tagged_v2(tag) if self._v2 else [])
        return items or _carrying(tag, _entries(self._get("api/item/list", tags=tag, limit=V1_LIMIT)))

    def add(
        self, path: Path | str, *, name: str, tags: Sequence[str], folder_id: str = "", website: str = "", annotation: str = ""
    ) -> str | None:
        """Have Eagle copy the file at `path`; gives the new item's id if Eagle tells it.

        Eagle answers before it copies: keep the file until `file_size` is its size. Raises OutcomeUnknown if the answer
        is lost: the item may be there, or come later.
        """
        for tag in tags:
            _single(tag)
        body: Json = {"path": str(path), "name": name, "tags": list(tags), "website": website, "annotation": annotation}
        if self._v2:
            try:
                return _id(self._http.post("api/v2/item/add", body | {"folders": [folder_id] if folder_id else []}, creates=True))
            except EndpointMissing:
                self._v2 = False
        return _id(self._post("api/item/addFromPath", body | ({"folderId": folder_id} if folder_id else {}), creates=True))

    def folder(self, name: str) -> str:
        """The id of the folder of this name; made if there is none. Of several the first in the tree is meant."""
        known = next((str(folder["id"]) for folder in self._folders() if folder.get("name") == name), None)
        if known:
            return known
        made = _id(self._post("api/folder/create", {"folderName": name}))
        if made is None:
            raise Unavailable(SERVICE, f"the folder {name!r} was made and has no id yet")
        return made

    def item(self, item_id: str) -> Item | None:
        """The item of this id; None if there is none, or if it lies in the bin."""
        try:
            entry = self._object("api/item/info", id=item_id)
        except (NotFound, Rejected):
            return None
        return _item(entry) if entry.get("id") == item_id and not entry.get("isDeleted") else None

    def update(self, item_id: str, *, tags: Sequence[str], folder_ids: Sequence[str] = (), annotation: str = "") -> None:
        """Replace an item's tags; its annotation if one is given; its folders if any are and this Eagle can (V1 cannot).

        Raises NotFound if there is no such item.
        """
        for tag in tags:
            _single(tag)
        body: Json = {"id": item_id, "tags": list(tags), **({"annotation": annotation} if annotation else {})}
        while self._updates:
            try:
                self._http.post(self._updates[0], body | ({"folders": list(folder_ids)} if folder_ids else {}))
            except EndpointMissing:
                self._updates.pop(0)
            else:
                return
        self._post("api/item/update", body)

    def file_size(self, item: Item) -> int | None:
        """Bytes of the item's file in the library: the real file's if the library is on this machine, else as Eagle says.

        None as long as there is no file, or Eagle does not know its size.
        """
        images = Path(self.library().path) / "images"
        if not images.is_dir():
            return int(self._object("api/item/info", id=item.id).get("size") or 0) or None
        inside = images / PurePath(item.id).name
        with suppress(FileNotFoundError):
            for file in sorted(inside.with_name(f"{inside.name}.info").iterdir()):
                if file.suffix.lower() == f".{item.ext.lower()}" and not file.name.endswith("_thumbnail.png"):
                    return file.stat().st_size
        return None

    def _tagged_v2(self, tag: str) -> list[Json]:
        """Whatever V2 finds by a tag, the wrong ones too. What it misses V1 is asked for: a miss would make a second item."""
        entries: list[Json] = []
        try:
            while True:
                answer = self._http.post("api/v2/item/get", {"tags": [tag], "limit": V2_LIMIT, "offset": len(entries)})
                page = _entries(answer)
                entries += page
                if not page or not isinstance(answer, dict) or len(entries) >= int(answer.get("total") or 0):
                    return entries
        except (EndpointMissing, NotFound, Rejected):  # an Eagle that does not know V2 may say so with status 200
            self._v2 = False
            return []

    def _folders(self) -> list[Json]:
        level, found = _entries(self._get("api/folder/list")), []
        while level:
            found += level
            level = [child for folder in level for child in folder.get("children") or []]
        return found

    def _object(self, path: str, **params: str | int) -> Json:
        answer = self._get(path, **params)
        if not isinstance(answer, dict):
            raise Unavailable(SERVICE, f"{path} gave no data")
        return answer

    def _get(self, path: str, **params: str | int) -> Any:
        try:
            return self._http.get(path, **params)
        except EndpointMissing as missing:
            raise Rejected(SERVICE, f"what answers there is not Eagle: it has no {missing}") from None

    def _post(self, path: str, body: Json, *, creates: bool = False) -> Any:
        try:
            return self._http.post(path, body, creates=creates)
        except EndpointMissing as missing:
            raise Rejected(SERVICE, f"what answers there is not Eagle: it has no {missing}") from None


def found(url: str = DEFAULT_URL) -> bool:
    """Whether an Eagle answers at `url` within half a second. Raises nothing; the answer, which holds a token, is dropped."""
    try:
        answer = httpx.get(
            f"{url.rstrip('/')}/api/application/info", trust_env=False, verify=secure(url), timeout=DETECT_S
        ).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False
    return isinstance(answer, dict) and answer.get("status") == "success"


def _carrying(tag: str, entries: list[Json]) -> tuple[Item, ...]:
    kept = {str(entry["id"]): entry for entry in entries if not entry.get("isDeleted")}
    items = (_item(entry) for _, entry in sorted(kept.items()))
    return tuple(item for item in items if tag in item.tags)


def _single(tag: str) -> None:
    if "," in tag:
        raise Rejected(SERVICE, f"a tag cannot hold a comma: {tag}")


def _entries(data: Any) -> list[Json]:
    """The list in an answer, bare or as V2's page."""
    listed = data.get("data") if isinstance(data, dict) else data
    return [entry for entry in listed if isinstance(entry, dict) and entry.get("id")] if isinstance(listed, list) else []


def _id(data: Any) -> str | None:
    """The new id in an answer: builds give a string, an object or nothing."""
    given = data.get("id") if isinstance(data, dict) else data
    return given if isinstance(given, str) and given else None


def _item(entry: Json) -> Item:
    return Item(
        id=str(entry["id"]),
        name=str(entry.get("name") or ""),
        ext=str(entry.get("ext") or ""),
        size=int(entry.get("size") or 0),
        tags=tuple(map(str, entry.get("tags") or ())),
        folders=tuple(map(str, entry.get("folders") or ())),
        website=str(entry.get("url") or ""),
        annotation=str(entry.get("annotation") or ""),
    )

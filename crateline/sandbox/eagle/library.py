"""An Eagle library on disk: `<Name>.library/` with the folder tree, and `images/<ID>.info/` for every item.

As in Eagle, a file is copied after its item has been promised, equal files get different ids, folders of one name can
exist twice, and a trashed item stays where it is.
"""

import asyncio
import itertools
import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Item = dict[str, Any]
Folder = dict[str, Any]


class Library:
    """One library below `root`; what an earlier run left there is read. `copy_delay` is the seconds a copy takes.

    In the first half of the delay an item cannot be seen at all, in the second half it is listed with a size of 0.
    """

    def __init__(self, root: Path, name: str = "Sandbox", *, copy_delay: float = 0.2) -> None:
        self.path = root / f"{name.removesuffix('.library')}.library"
        self.name = self.path.stem
        self.copy_delay = copy_delay
        self.items: dict[str, Item] = {}
        self.folders: list[Folder] = []
        self._copies: set[asyncio.Task[None]] = set()
        self._lock = threading.Lock()
        (self.path / "images").mkdir(parents=True, exist_ok=True)
        self._read()

    @property
    def copying(self) -> int:
        """How many promised files are not whole yet."""
        return len(self._copies)

    def add(self, source: Path, fields: Mapping[str, Any], item_id: str = "") -> str:
        """Promise an item and give its id; the copy begins later, on the running event loop."""
        promised = item_id or new_id()
        task = asyncio.get_running_loop().create_task(self._copy(promised, source, dict(fields)))
        self._copies.add(task)
        task.add_done_callback(self._copies.discard)
        return promised

    def update(self, item_id: str, changes: Mapping[str, Any]) -> Item | None:
        """Replace fields of an item; None if there is no such item."""
        item = self.items.get(item_id)
        if item is None:
            return None
        with self._lock:
            item |= {name: value for name, value in changes.items() if value is not None}
            item["lastModified"] = _now_ms()
            self._write_item(item)
        return item

    def add_folder(self, name: str, parent: str = "") -> Folder:
        """Make a folder, even if there is one of that name."""
        folder = {"id": new_id(), "name": name, "description": "", "children": [], "modificationTime": _now_ms(), "tags": []}
        above = next((one for one in self.all_folders() if one["id"] == parent), None)
        with self._lock:
            (above["children"] if above else self.folders).append(folder)
            self._write_folders()
        return folder

    def all_folders(self) -> Iterable[Folder]:
        """Every folder of the tree, parents first."""
        level = list(self.folders)
        while level:
            yield from level
            level = list(itertools.chain.from_iterable(folder["children"] for folder in level))

    def file(self, item: Item) -> Path:
        """Where an item's file is, or will be."""
        return self._place(item["id"]) / f"{_clean(item['name'])}.{item['ext']}"

    def state(self) -> dict[str, Any]:
        """What a test wants to know: items with their real file sizes, folders, and how many copies are under way."""
        names = {folder["id"]: folder["name"] for folder in self.all_folders()}
        items = [
            item | {"file_size": _size(self.file(item)), "folder_names": [names.get(one, "?") for one in item["folders"]]}
            for item in list(self.items.values())
        ]
        folders = [{"id": folder["id"], "name": folder["name"]} for folder in self.all_folders()]
        return {
            "library": {"name": self.name, "path": str(self.path)},
            "items": items,
            "folders": folders,
            "copying": self.copying,
        }

    async def _copy(self, item_id: str, source: Path, fields: dict[str, Any]) -> None:
        await asyncio.sleep(self.copy_delay / 2)
        if not await asyncio.to_thread(source.is_file):
            return  # the caller has taken it away too early: there will be no item
        item = _item(item_id, source, fields)
        target = self.file(item)
        target.parent.mkdir(parents=True, exist_ok=True)
        self.items[item_id] = item
        await asyncio.sleep(self.copy_delay / 2)
        await asyncio.to_thread(shutil.copyfile, source, target)
        with self._lock:
            item["size"] = target.stat().st_size
            self._write_item(item)

    def _read(self) -> None:
        tree = self.path / "metadata.json"
        self.folders = json.loads(tree.read_text("utf-8"))["folders"] if tree.exists() else []
        for metadata in sorted(self.path.glob("images/*.info/metadata.json")):
            item = json.loads(metadata.read_text("utf-8"))
            self.items[item["id"]] = item
        self._write_folders()

    def _place(self, item_id: str) -> Path:
        return self.path / "images" / f"{item_id}.info"

    def _write_item(self, item: Item) -> None:
        (self._place(item["id"]) / "metadata.json").write_text(json.dumps(item, ensure_ascii=False), "utf-8")

    def _write_folders(self) -> None:
        tree = {"folders": self.folders, "smartFolders": [], "quickAccess": [], "tagsGroups": [], "applicationVersion": "4.0.0"}
        (self.path / "metadata.json").write_text(json.dumps(tree, ensure_ascii=False), "utf-8")


def new_id() -> str:
    """An id as Eagle makes it: eight characters of base-36 milliseconds, five at random."""
    number, stamp = _now_ms(), ""
    while number:
        number, digit = divmod(number, 36)
        stamp = BASE36[digit] + stamp
    return stamp[-8:] + "".join(secrets.choice(BASE36) for _ in range(5))


def _item(item_id: str, source: Path, fields: Mapping[str, Any]) -> Item:
    now = _now_ms()
    return {
        "id": item_id,
        "name": fields.get("name") or source.stem,
        "size": 0,
        "btime": now,
        "mtime": now,
        "ext": source.suffix.lstrip(".").lower(),
        "tags": list(fields.get("tags") or []),
        "folders": list(fields.get("folders") or []),
        "isDeleted": False,
        "url": fields.get("website") or "",
        "annotation": fields.get("annotation") or "",
        "modificationTime": now,
        "lastModified": now,
    }


def _clean(name: str) -> str:
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name)[:100].strip(" .") or "_"


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _now_ms() -> int:
    return int(time.time() * 1000)

"""The index: what Notion holds, so that a page is found before another one is made."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import redis

from crateline.durable.keyspace import PREFIX
from crateline.durable.scripts import Scripts

ANCHORS = PREFIX + "notion:anchors"
NAMES = PREFIX + "notion:names"
PAGES = PREFIX + "notion:pages"
SCAN = 500
STATE = PREFIX + "notion:index"


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexedPage:
    """One page of Music Tracks.

    `anchors` are exact identities ("source:…", "soundcloud:…", "spotify:…", "url:…", "isrc:…"), `name` is the folded
    core title under which doubtful matches are looked for, `values` are what the page says by its properties' real
    names (what is empty is left out), `words` is what matching needs of it, `cut` names relations it may show in part,
    `created` is when it was made (ISO 8601, to the minute).
    """

    page_id: str
    anchors: tuple[str, ...]
    name: str
    values: dict[str, Any]
    words: dict[str, Any]
    cut: tuple[str, ...] = ()
    created: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A reading of Notion that may be interrupted.

    `began` by the index' clock; `newest` the latest `last_edited_time` seen; `created` the `created_time` up to which all
    pages were read. Times of Notion's are ISO 8601.
    """

    began: float
    newest: str
    created: str = ""


class Index:
    """All pages by their anchors and names. Of several pages with one anchor the first (oldest) is found."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._scripts = Scripts(client)

    def put(self, pages: Iterable[IndexedPage], *, read_since: float | None = None) -> None:
        """Add or refresh pages; hand them over oldest first.

        `read_since`: they come from a reading that began then (by `now`). What was put since, as an answer of Notion's to
        a write, is newer than that and stays.
        """
        since, put = ("", self.now()) if read_since is None else (read_since, 0.0)
        with self._client.pipeline(transaction=False) as pipe:
            for page in pages:
                row = {name: value for name, value in asdict(page).items() if name != "page_id"} | ({"put": put} if put else {})
                kept = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
                self._scripts.index(keys=[ANCHORS, PAGES], args=[page.page_id, kept, since, *page.anchors], client=pipe)
                if page.name:
                    pipe.sadd(f"{NAMES}:{page.name}", page.page_id)
            pipe.execute()

    def drop(self, page_id: str) -> None:
        """Forget a page that is in the bin or gone. Where its anchors and its name still point to it, it is passed over."""
        self._client.hdel(PAGES, page_id)

    def page(self, page_id: str) -> IndexedPage | None:
        """What is known of one page."""
        row = self._client.hget(PAGES, page_id)
        return None if row is None else _page(page_id, str(row))

    def find(self, anchors: Iterable[str]) -> IndexedPage | None:
        """The page of the first anchor that a page still has."""
        anchors = list(anchors)
        if not anchors:
            return None
        for anchor, holders in zip(anchors, self._client.hmget(ANCHORS, anchors), strict=True):
            for page in map(self.page, str(holders or "").split()):
                if page is not None and anchor in page.anchors:
                    return page
        return None

    def named(self, name: str) -> list[IndexedPage]:
        """Every page with a folded core title."""
        found = (self.page(str(page_id)) for page_id in sorted(self._client.smembers(f"{NAMES}:{name}"))) if name else iter(())
        return [page for page in found if page is not None and page.name == name]

    def pages(self) -> Iterator[IndexedPage]:
        """Every page that is known."""
        seen: set[str] = set()
        for page_id, row in self._client.hscan_iter(PAGES, count=SCAN):
            if page_id not in seen:  # a scan may show a row twice
                seen.add(page_id)
                yield _page(page_id, row)

    def size(self) -> int:
        """How many pages are known."""
        return int(self._client.hlen(PAGES))

    def stale(self) -> bool:
        """Whether a playlist was enqueued since Notion was last read."""
        read, wanted = self._client.hmget(STATE, ["read_at", "wanted_at"])
        return read is None or float(wanted or 0) > float(read)

    def want(self) -> None:
        """Ask for what has changed in Notion to be read before the next page is made."""
        self._client.hset(STATE, "wanted_at", str(self.now()))

    def wanted_since(self, moment: float) -> bool:
        """Whether something was enqueued since a moment (by `now`)."""
        return float(self._client.hget(STATE, "wanted_at") or 0) > moment

    def now(self) -> float:
        """Unix seconds on Redis' clock, which all machines share."""
        seconds, micros = self._client.time()
        return seconds + micros / 1e6

    def cursor(self) -> str:
        """Up to which `last_edited_time` (ISO 8601) Notion was read; empty if never."""
        return str(self._client.hget(STATE, "cursor") or "")

    def read(self, *, cursor: str, began: float) -> None:
        """Note that Notion was read up to `cursor` by a reading that began at `began` (by `now`)."""
        fields = {"read_at": str(began)} | ({"cursor": cursor} if cursor else {})
        self._client.hset(STATE, mapping=fields)  # type: ignore[arg-type]  # invariant in redis' annotation
        self._client.hdel(STATE, "reading")

    def reading(self) -> Reading:
        """The reading that was interrupted, to go on with; else a new one."""
        kept = self._client.hget(STATE, "reading")
        return Reading(**json.loads(kept)) if kept else Reading(began=self.now(), newest=self.cursor())

    def so_far(self, reading: Reading) -> None:
        """Note how far a reading has come."""
        self._client.hset(STATE, "reading", json.dumps(asdict(reading)))


def _page(page_id: str, row: str) -> IndexedPage:
    fields = json.loads(row)
    fields.pop("put", None)
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.pop("values").items()}
    fields |= {"anchors": tuple(fields["anchors"]), "cut": tuple(fields["cut"])}
    return IndexedPage(page_id=page_id, values=values, **fields)

"""What people have written into the user's databases themselves: rows that want a track, and playlists by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crateline.domain import properties
from crateline.domain.properties import TrackCard
from crateline.domain.row import Row
from crateline.durable.index import IndexedPage
from crateline.errors import NotFound
from crateline.wiring import Wiring
from tasks import catalogue, tables
from tasks.tables import Table

LINKS = ("soundcloud_url", "spotify_id", "url", "source_url")
"""Where a link may stand: SoundCloud's first, since its audio can be had there."""
SPOTIFY_TRACK = "spotify:track:"


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedList:
    """A page of Music Playlists."""

    page_id: str
    name: str
    url: str


def without_file(wiring: Wiring) -> list[Row]:
    """Every row of Music Tracks that has no file and is not processed, newest first. The index is brought up to date."""
    table = tables.tracks(wiring)
    wiring.index.want()
    catalogue.up_to_date(wiring, lambda: None)
    names = {word: table.real(word) or "" for word in ("processed", "local_file", "file_path")}
    waiting = (page for page in wiring.index.pages() if not any(page.values.get(name) for name in names.values()))
    return sorted((row(page, table) for page in waiting), key=lambda one: (one.created, one.page_id), reverse=True)


def row(page: IndexedPage, table: Table) -> Row:
    """A page as a row that may want a track."""

    def said(word: str) -> str:
        value = page.values.get(table.real(word) or "")
        return str(value).strip() if isinstance(value, str) else ""

    playlists = page.values.get(table.real("playlists") or "")
    return Row(
        page_id=page.page_id,
        title=str(page.words.get("title") or "").strip(),
        artist=str(page.words.get("artist") or "").strip(),
        duration=page.words.get("duration"),
        links=tuple(dict.fromkeys(filter(None, (_link(word, said(word)) for word in LINKS)))),
        status=said("status"),
        reason=said("reason"),
        source_id=said("source_id"),
        playlists=tuple(playlists) if isinstance(playlists, tuple | list) else (),
        created=page.created,
    )


def _link(word: str, text: str) -> str:
    return SPOTIFY_TRACK + text if word == "spotify_id" and text.isalnum() else text


def explain(wiring: Wiring, wanted: Row, status: str, reason: str) -> Row:
    """Write on a row what has become of it: one request. Gives the row as it is then."""
    table = tables.tracks(wiring)
    card = TrackCard(status=status, reason=reason, downloaded=False if status == "Failed" else None)
    values = properties.encode(card, table.schema, table.names)
    rules = properties.policies(table.seeds, table.schema, table.names, wiring.settings.property_policies)
    sent = {name: value for name, value in values.items() if rules.get(name) != "never"}
    if not sent:
        return wanted
    page = catalogue.indexed(wiring.notion.update(wanted.page_id, sent), table)
    wiring.index.put([page])
    return row(page, table)


def again(wiring: Wiring, wanted: Row) -> Row | None:
    """A row as it is now: 1 request. None if a person has deleted it: then the index forgets it."""
    table = tables.tracks(wiring)
    try:
        page = wiring.notion.page(wanted.page_id)
    except NotFound:
        wiring.notion.data_source(wiring.settings.tracks_db_id)  # not shared any more? then all waits
        page = {"in_trash": True}
    if page.get("in_trash"):
        wiring.index.drop(wanted.page_id)
        return None
    now = catalogue.indexed(page, table)
    wiring.index.put([now])
    return row(now, table)


def named_lists(wiring: Wiring) -> Iterator[NamedList]:
    """Every page of Music Playlists that has a name and a link; none if that database is not named."""
    table = tables.playlists(wiring)
    if table is None:
        return
    shown = [name for word in ("name", "url") if (name := table.real(word)) is not None]
    for page in wiring.notion.pages(table.id, only=shown, bear=catalogue.Patience(wiring)):
        said: dict[str, Any] = table.decode(page)
        if said.get("name") and said.get("url"):
            yield NamedList(page_id=str(page["id"]), name=str(said["name"]), url=str(said["url"]))

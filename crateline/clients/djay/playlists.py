"""The playlists of djay's database, with their tracks in order.

A playlist's order stands in a view: pages of rowids, each after the page that it names. A rowid leads to a row of
`mediaItemPlaylistItems`, and that to a track; in some libraries, to a row of the track itself. Where the view is absent,
the items come in the order of writing.
"""

import struct
from collections.abc import Mapping

from crateline.clients.djay import fields
from crateline.clients.djay.records import Records
from crateline.clients.djay.rows import Page
from crateline.domain.library import LibraryPlaylist

VIEW = "view_mediaItemPlaylistView"
ROOT = "mediaItemPlaylist-root"
"""The playlist that holds all others; it is no playlist of the user's."""


def read(records: Records, title_ids: Mapping[str, str]) -> tuple[LibraryPlaylist, ...]:
    """Give every playlist, in the order of writing; a folder has no tracks. `title_ids` are those of media items by key."""
    found = {record.key: record.entity for record in records.of("mediaItemPlaylists")}
    items: dict[int, str] = {}
    members: dict[str, list[str]] = {}
    for record in records.of("mediaItemPlaylistItems"):
        track = fields.text(record.entity, "mediaItemUUID")
        items[record.rowid] = track
        members.setdefault(fields.text(record.entity, "playlistUUID"), []).append(track)
    order = _order(records, items)
    made = []
    for key, entity in found.items():
        playlist_id = fields.text(entity, "uuid") or key
        if ROOT in {key, playlist_id}:
            continue
        tracks = order.get(playlist_id)
        if tracks is None and playlist_id in members:
            records.find("repaired", f"mediaItemPlaylists {playlist_id}", "its order is not known: that of writing is taken")
        parent = fields.text(entity, "parentUUID")
        made.append(
            LibraryPlaylist(
                playlist_id=playlist_id,
                name=fields.text(entity, "name"),
                parent_id="" if parent == ROOT else parent,
                tracks=tuple(
                    title_ids.get(key, key) for key in (members.get(playlist_id, []) if tracks is None else tracks) if key
                ),
            )
        )
    return tuple(made)


def _order(records: Records, items: dict[int, str]) -> dict[str, list[str]]:
    """Give the tracks of each playlist that has pages."""
    pages: dict[str, list[Page]] = {}
    for page in records.pages(VIEW):
        pages.setdefault(page.group, []).append(page)
    order = {}
    for group, own in pages.items():
        rowids = [rowid for page in _chained(records, own) for rowid in _rowids(page)]
        keys = [items[rowid] if rowid in items else records.key_at(rowid) for rowid in rowids]
        if None in keys:
            records.find("absent", f"mediaItemPlaylists {group}", f"{keys.count(None)} of the rows that its view names")
        order[group] = [key for key in keys if key is not None]
    return order


def _chained(records: Records, pages: list[Page]) -> list[Page]:
    """Bring a group's pages into their order; what the chain does not reach follows as it was written."""
    after = {page.previous: page for page in reversed(pages)}
    chain, reached = list[Page](), set[str]()
    page = after.get(None)
    while page is not None and page.key not in reached:
        chain.append(page)
        reached.add(page.key)
        page = after.get(page.key)
    rest = [page for page in pages if page.key not in reached]
    if rest:
        records.find("repaired", f"mediaItemPlaylists {pages[0].group}", f"{len(rest)} pages of its view hang on no other")
    return [*chain, *rest]


def _rowids(page: Page) -> tuple[int, ...]:
    count = len(page.data) // 8
    return struct.unpack_from(f"<{count}q", page.data)

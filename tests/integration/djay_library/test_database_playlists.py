"""A playlist's order is that of the pages of djay's own view."""

import struct

import pytest

from crateline.clients.djay import database
from givens.djay_database import ONE, bare, edited, entity, titled


def playlist(folder, pages, items=6):
    """A playlist of some items with these pages of its view: (key, previous, positions from 0)."""
    tracks = [f"{number:032x}" for number in range(items)]
    rowids = bare(
        folder,
        *[
            ("mediaItemPlaylistItems", f"I{number}", entity("ADCMediaItemPlaylistItem", playlistUUID="P", mediaItemUUID=track))
            for number, track in enumerate(tracks)
        ],
        ("mediaItemPlaylists", "P", entity("ADCMediaItemPlaylist", uuid="P", name="Mine", parentUUID="mediaItemPlaylist-root")),
    )
    with edited(folder / "MediaLibrary.db") as connection:
        for key, previous, positions in pages:
            chosen = [rowids[one] if one < items else 999_999 for one in positions]
            cells = (key, "P", previous, len(chosen), struct.pack(f"<{len(chosen)}q", *chosen))
            connection.execute("INSERT INTO view_mediaItemPlaylistView_page VALUES (?, ?, ?, ?, ?)", cells)
    library = database.read(folder)
    (made,) = library.playlists
    assert (made.name, made.parent_id) == ("Mine", "")
    return [int(track, 16) for track in made.tracks], library.findings


@pytest.mark.parametrize(
    ("pages", "order", "kinds"),
    [
        ([("b", "a", [3, 1]), ("a", None, [5, 0])], [5, 0, 3, 1], []),
        ([("c", "b", [2]), ("a", None, [0]), ("b", "a", [1])], [0, 1, 2], []),
        ([("a", None, [0, 0, 1])], [0, 0, 1], []),
        ([("a", None, [])], [], []),
        ([], [0, 1, 2, 3, 4, 5], ["repaired"]),
        ([("a", None, [4, 999, 2])], [4, 2], ["absent"]),
        ([("a", None, [1]), ("b", "lost", [0])], [1, 0], ["repaired"]),
        ([("a", "b", [1]), ("b", "a", [0])], [1, 0], ["repaired"]),
        ([("a", None, [1]), ("b", "a", [2]), ("c", "a", [3])], [1, 2, 3], ["repaired"]),
    ],
    ids=[
        "two pages",
        "any order of pages",
        "a track twice",
        "empty",
        "no pages",
        "a row gone",
        "a page astray",
        "a circle",
        "a fork",
    ],
)
def test_a_playlists_order_is_that_of_its_pages(tmp_path, pages, order, kinds):
    found, findings = playlist(tmp_path, pages)
    assert found == order
    assert [finding.kind for finding in findings if finding.where == "mediaItemPlaylists P"] == kinds


def test_a_page_may_name_the_tracks_own_rows(tmp_path):
    # Given a page of rowids of user data, and a media item whose title id is not its key
    rowids = bare(
        tmp_path,
        ("mediaItemUserData", ONE, entity("ADCMediaItemUserData", titleIDs=[titled()])),
        ("mediaItems", "d" * 32, entity("ADCMediaItem", titleID=entity("ADCMediaItemTitleID", uuid="e" * 32))),
        ("mediaItemPlaylists", "P", entity("ADCMediaItemPlaylist", uuid="P", name="Mine")),
    )
    with edited(tmp_path / "MediaLibrary.db") as connection:
        cells = ("a", "P", None, 2, struct.pack("<2q", *rowids[:2]))
        connection.execute("INSERT INTO view_mediaItemPlaylistView_page VALUES (?, ?, ?, ?, ?)", cells)

    # I expect
    (made,) = database.read(tmp_path).playlists
    assert made.tracks == (ONE, "e" * 32)

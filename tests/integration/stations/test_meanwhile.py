"""What changes while a page waits for its slot, or while Notion is read."""

import pytest

from crateline.domain.track import Platform
from tasks import catalogue

pytestmark = pytest.mark.real("redis")

MAIN, OTHER = "soundcloud:tracks:1", "spotify:track:7ouMYWpwJ422jRcDASZB7P"


def test_who_becomes_another_upload_while_it_waits_does_not_call_the_other_ones_page_a_duplicate(line, make_track, monkeypatch):
    # Given a track with its page, by whose Spotify ID another upload finds it
    main = make_track(1)
    line.enqueue(main)
    line.made(MAIN)
    assert line.finalise(MAIN) == "sealed"
    page = line.notion.row()["id"]
    line.notion.person_edits(page, Spotify_ID=OTHER.rpartition(":")[2])
    other = make_track(2, key=OTHER, title=main.title, artist=main.artist, platform=Platform.SPOTIFY)
    line.enqueue(other, name="Peak")
    # When that is known for another upload while it waits for its slot
    take_slot = line.wiring.slot

    def slowly(service):
        take_slot(service)
        line.wiring.ledger.join(MAIN, line.item(OTHER).playlists[0])
        assert line.wiring.ledger.become_alias(line.item(OTHER), MAIN)

    with monkeypatch.context() as waiting:
        waiting.setattr(line.wiring, "slot", slowly)
        line.page(OTHER)
    line.page(OTHER)
    line.made(MAIN)
    assert line.finalise(MAIN) == "sealed"
    # I expect one page, of the track that stands for both
    row = line.notion.row()
    assert (row["id"], row["Status"], row["Source ID"]) == (page, "Complete", MAIN)
    assert len(row["Playlists"]) == 2


def test_a_page_that_is_written_while_notion_is_read_is_not_known_as_it_was_before(line, make_track, monkeypatch):
    # Given a page that says Complete
    line.enqueue(make_track(1))
    line.made(MAIN)
    assert line.finalise(MAIN) == "sealed"
    assert line.notion.row()["Status"] == "Complete"
    # When it is read, and written before what was read is noted
    ask = line.wiring.notion.pages

    def slowly(*words, **more):
        pages = list(ask(*words, **more))
        line.forget(MAIN, "s:analyze", "s:eagle")
        line.wiring.rework.rewrite([line.item(MAIN)])
        assert line.finalise(MAIN) == "sealed"
        assert line.notion.row()["Status"] == "Processing"
        yield from pages

    with monkeypatch.context() as reading:
        reading.setattr(line.wiring.notion, "pages", slowly)
        catalogue.read(line.wiring)
    # I expect the last word to be written
    line.made(MAIN)
    assert line.finalise(MAIN) == "sealed"
    assert line.notion.row()["Status"] == "Complete"

"""What happens to a row of the inbox between two moments: it is deleted, edited, or whoever takes it is killed."""

from datetime import timedelta

import pytest

from crateline.cli import inbox
from crateline.clients import soundcloud
from crateline.domain.track import Playlist
from crateline.durable.ledger import Ledger
from crateline.errors import NotFound

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"
URL = "https://soundcloud.com/artist/1"
BAD = "https://example.com/track"


@pytest.fixture
def site(line, make_track, monkeypatch):
    """SoundCloud with two tracks; gives the links that it was asked for."""
    asked, tracks = [], {one.url: one for one in (make_track(1), make_track(2))}

    def read(_self, url):
        asked.append(url)
        if url not in tracks:
            raise NotFound("soundcloud-api", f"{url} is not there")
        track = tracks[url]
        return Playlist(
            key=f"single:{track.key}", name="Unassigned", url=url, platform=track.platform, source_id="1", tracks=(track,)
        )

    monkeypatch.setattr(soundcloud.SoundCloud, "read", read)
    return asked


@pytest.fixture
def look(line, site):
    """One look at the inbox."""

    def run(**options):
        return list(inbox.look(line.wiring, say=lambda _: None, **options))

    return run


@pytest.fixture
def known(line, look):
    """Let the pages that are there be known to the index, as they are now."""

    def index():
        look(dry_run=True)

    return index


def test_a_row_that_a_person_has_deleted_is_not_taken(line, look, known):
    # Given
    page = line.notion.person_makes(Name="Changed my mind", URL=URL, Status="Ready")
    known()
    # When
    line.notion.person_edits(page, in_trash=True)
    # I expect nothing to go on the line, and no page to be made for it
    assert look() == []
    assert line.wiring.ledger.track(KEY) is None
    assert line.notion.creates == []


def test_a_deleted_row_with_a_bad_link_holds_up_no_other(line, look, known):
    # Given
    page = line.notion.person_makes(Name="A slip", URL=BAD, Status="Ready")
    known()
    line.notion.person_edits(page, in_trash=True)
    good = line.notion.person_makes(Name="", URL=URL, Status="Ready")
    # When
    done = look()
    # I expect
    assert [(one.page_id, one.state) for one in done] == [(good, "taken")]


def test_a_row_that_a_person_edits_while_others_are_taken_is_taken_as_it_is_then(line, look):
    # Given two rows, of which the older one is put off by its owner while the newer one is taken
    page = line.notion.person_makes(Name="Older", URL="https://soundcloud.com/artist/2", Status="Ready")
    line.notion.state.pages[page].created -= timedelta(hours=1)
    line.notion.person_makes(Name="Newer", URL=URL, Status="Ready")
    taken = inbox.look(line.wiring, say=lambda _: None)
    assert next(taken).state == "taken"
    # When
    line.notion.person_edits(page, Status=None)
    # I expect
    assert list(taken) == []
    assert line.wiring.ledger.track("soundcloud:tracks:2") is None


def test_a_row_costs_one_question_to_notion_when_it_is_taken(line, look):
    # Given
    line.notion.person_makes(Name="", URL=URL, Status="Ready")
    line.notion.fresh()
    # When
    look()
    # I expect the schema, the rows, and the row itself
    assert len(line.notion.queries) == 1
    assert len(line.notion.requests("^GET /v1/pages/")) == 1
    assert line.notion.writes == []


def test_who_is_killed_before_a_row_is_filed_in_its_playlists_is_made_up_for(line, look, monkeypatch):
    # Given
    playlist = line.enqueue(name="Warm-up")
    line.notion.person_makes(Name="", URL=URL, Status="Ready", Playlists=[line.notion.row("playlists")["id"]])

    class KilledError(BaseException):
        pass

    def killed(*_):
        raise KilledError

    with monkeypatch.context() as dying:
        dying.setattr(Ledger, "join", killed)
        with pytest.raises(KilledError):
            look()
    assert line.item(KEY).playlists == (f"single:{KEY}",)
    # When
    look()
    # I expect
    assert line.item(KEY).playlists == (f"single:{KEY}", playlist)

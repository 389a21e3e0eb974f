"""Sets and their plays: in whose order they stand, and what djay has not written yet is waited for once."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from crateline.clients.djay import database
from crateline.clients.djay.values import EPOCH, Date
from crateline.sandbox import djay
from crateline.sandbox.djay.blobs import title_id
from givens.djay_database import ONE, SIZE, bare, detail, edited, entity, put


def test_plays_without_their_session_make_one_up(tmp_path):
    # Given
    truth = djay.generate(tmp_path, **SIZE)
    gone = truth.library.sessions[2]
    with edited(tmp_path / "MediaLibrary.db") as connection:
        connection.execute("DELETE FROM database2 WHERE key = ?", (gone.session_id,))

    # When
    library = database.read(tmp_path)

    # I expect them in order of time, where the session was
    found = library.sessions[2]
    assert (found.session_id, found.start, found.device) == (gone.session_id, None, "")
    assert {play.play_id for play in found.plays} == {play.play_id for play in gone.plays}
    assert [play.started for play in found.plays] == sorted(play.started for play in gone.plays)
    assert detail(library, f"historySessions {gone.session_id}") == [f"{len(gone.plays)} plays name it"]


def test_a_session_orders_its_plays_and_names_those_that_are_not_there(tmp_path):
    # Given a session whose order is not that of time, with one play too many and one that it does not name
    truth = djay.generate(tmp_path, **SIZE)
    session = max(truth.library.sessions, key=lambda one: len(one.plays))
    named = [play.play_id for play in session.plays[:-1]][::-1]
    with edited(tmp_path / "MediaLibrary.db") as connection:
        fields = entity("ADCHistorySession", uuid=session.session_id, itemUUIDs=[*named, "GONE"])
        put(connection, "historySessions", session.session_id, fields)

    # When
    library = database.read(tmp_path)

    # I expect
    found = next(one for one in library.sessions if one.session_id == session.session_id)
    assert [play.play_id for play in found.plays] == [*named, session.plays[-1].play_id]
    assert detail(library, f"historySessions {session.session_id}") == ["plays that it names: GONE"]


def test_a_play_that_nobody_claims_is_said(tmp_path):
    djay.generate(tmp_path, **SIZE)
    with edited(tmp_path / "MediaLibrary.db") as connection:
        put(connection, "historySessionItems", "ALONE", entity("ADCHistorySessionItem", uuid="ALONE"))
    library = database.read(tmp_path)
    assert [finding.kind for finding in library.findings if finding.where == "historySessionItems ALONE"] == ["skipped"]


def test_a_date_that_no_calendar_has_is_unknown(tmp_path):
    bare(
        tmp_path,
        ("historySessions", "S", entity("ADCHistorySession", startDate=Date(1e300), endDate=Date(0.0), deviceType="ipad")),
    )
    (session,) = database.read(tmp_path).sessions
    assert (session.start, session.end, session.device_type) == (None, EPOCH, "ipad")


def second_half(file, play):
    """What djay adds half a second after the play."""
    with edited(file) as connection:
        put(connection, "mediaItemTitleIDs", play.title_id, title_id(play))
        put(connection, "mediaItemAnalyzedData", play.title_id, entity("ADCMediaItemAnalyzedData", bpm=124, keySignatureIndex=1))


@pytest.fixture
def half_written(tmp_path):
    """A library whose newest play is of a track that djay has not described yet."""
    truth = djay.generate(tmp_path, **SIZE)
    session = truth.library.sessions[-1]
    start = session.plays[-1].started + timedelta(seconds=1)
    play = replace(session.plays[-1], play_id="NEW", title_id=ONE, started=start)
    with edited(tmp_path / "MediaLibrary.db") as connection:
        fields = entity(
            "ADCHistorySessionItem",
            uuid="NEW",
            sessionUUID=session.session_id,
            titleID=title_id(play),
            startTime=Date((start - EPOCH).total_seconds()),
            deckNumber=1,
        )
        put(connection, "historySessionItems", "NEW", fields)
    return tmp_path / "MediaLibrary.db", play


def test_a_library_that_is_just_written_to_is_read_once_more(half_written):
    # Given
    file, play = half_written
    waited = []

    def wait(seconds):
        waited.append(seconds)
        second_half(file, play)

    # When
    library = database.read(file, wait=wait)

    # I expect
    assert waited == [database.LATER]
    assert (library.tracks[ONE].bpm, library.tracks[ONE].key) == (124.0, "Am")


def test_what_never_comes_is_waited_for_once(half_written):
    file, _ = half_written
    waited = []
    library = database.read(file, wait=waited.append)
    assert waited == [database.LATER]
    assert ONE not in library.tracks
    assert library.sessions[-1].plays[-1].title_id == ONE


def test_an_old_library_is_not_waited_for(half_written):
    file, _ = half_written
    os.utime(file, (1, 1))
    waited = []
    database.read(file, wait=waited.append)
    assert waited == []

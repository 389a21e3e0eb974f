"""A set of which the end alone is known says so, until its start has become known."""

import json
from dataclasses import replace


def test_where_the_end_alone_is_known_the_page_says_so(identified):
    # Given
    held = identified.plays(1, 2, start=None)
    bare = tuple(
        type(play)(**{name: getattr(play, name) for name in ("play_id", "session_id", "title_id", "title")})
        for play in held.plays
    )
    identified.plays(1, 2, start=None, plays=bare)

    # When
    identified.sync("sessions")

    # I expect
    row = identified.set_page()
    assert row["Date"]["start"].startswith(held.end.strftime("%Y-%m-%dT%H:%M"))
    assert identified.body(row["id"])[0] == ("paragraph", "Only the end of this set is known: Date is its end.")


def test_the_note_goes_when_the_start_has_become_known(identified):
    # Given
    held = identified.plays(1, 2)
    bare = tuple(replace(play, started=None, deck=None) for play in held.plays)
    identified.plays(1, 2, start=None, plays=bare)
    identified.sync("sessions")
    row = identified.set_page()

    # When
    identified.plays(1, 2)
    done = identified.sync("sessions")

    # I expect
    assert done["updated"] == 1
    assert identified.set_page()["Date"]["start"].startswith(held.start.strftime("%Y-%m-%dT%H:%M"))
    texts = [text for _, text in identified.body(row["id"])]
    assert texts[0] == ""
    assert [play["deck"] for play in json.loads(texts[1])] == [1, 2]

    # When
    identified.fresh()
    identified.sync("sessions")

    # I expect
    assert identified.writes == []


def test_what_the_library_has_told_of_a_set_is_not_taken_back_by_the_old_csvs(identified):
    # Given
    held = identified.plays(1, 2)
    identified.sync("sessions")
    row = identified.set_page()

    # When the end alone is known
    bare = tuple(replace(play, started=None, deck=None) for play in held.plays)
    identified.plays(1, 2, start=None, plays=bare)
    identified.fresh()
    done = identified.sync("sessions")

    # I expect
    assert done["pages"]["sessions"]["unchanged"] == 1
    assert identified.writes == []
    assert identified.set_page() == row

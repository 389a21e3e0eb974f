"""`crateline djay sessions`: one page per set, made exactly once, linked to every track, and corrected in place."""

import pytest


def test_a_set_gets_a_page_with_its_figures_its_tracks_and_its_plays_in_one_request(identified):
    # Given
    held = identified.plays(1, 2, 3, 12)

    # When
    done = identified.sync("sessions")

    # I expect
    row = identified.set_page()
    expected = identified.library.tracks
    bpms = [expected[play.title_id].bpm for play in held.plays]
    assert row["Duration (min)"] == round(4 * 200 / 60, 1)
    assert row["BPM Range"] == f"{min(bpms):.0f}-{max(bpms):.0f}"
    assert row["Average BPM"] == pytest.approx(
        sum(
            bpm * min(400.0 if at < 2 else (4 - at) * 200.0, 240.0 + n)
            for at, (bpm, n) in enumerate(zip(bpms, (1, 2, 3, 12), strict=True))
        )
        / sum(min(400.0 if at < 2 else (4 - at) * 200.0, 240.0 + n) for at, n in enumerate((1, 2, 3, 12))),
        abs=0.06,
    )
    assert set(row["Keys Used"]) == {"Am", "C"}
    assert (row["Unique Artists"], row["Local Tracks"], row["Streaming Tracks"], row["Beatport"], row["SoundCloud"]) == (
        4,
        4,
        0,
        0,
        0,
    )
    assert (row["Device"], row["Event Type"], row["Tags"]) == ("MacBook Pro", "Practice", ["djay"])
    assert row["Item-Type"] == [identified.wiring.settings.dj_session_type_id]
    assert len(row["Tracks Played"]) == 3
    assert identified.requests("^POST /v1/pages$") == ["POST /v1/pages"]
    assert len(identified.writes) == 1
    assert (done["created"], done["failed"], done["linked"]) == (1, 0, 3)
    assert [(play["position"], play["title"], play["deck"]) for play in identified.written_plays()] == [
        (1, "Title 1", 1),
        (2, "Title 2", 2),
        (3, "Title 3", 1),
        (4, "Title 12", 2),
    ]


def test_a_second_run_writes_nothing_and_asks_next_to_nothing(identified):
    # Given
    for night in range(5):
        identified.plays(1, 2, night + 3, name=str(night))
    identified.sync("sessions")
    identified.fresh()

    # When
    done = identified.sync("sessions")

    # I expect
    assert identified.writes == []
    assert len(identified.requests()) == 1, "one look at what has changed in Notion"
    assert (done["created"], done["updated"], done["unchanged"]) == (0, 0, 5)


def test_only_what_is_new_or_has_changed_is_written(identified):
    # Given
    for night in range(5):
        identified.plays(1, 2, name=str(night))
    identified.sync("sessions")
    identified.fresh()

    # When
    identified.plays(3, 4, name="new")
    identified.plays(1, 2, 5, name="2")
    done = identified.sync("sessions")

    # I expect
    assert (done["created"], done["updated"], done["unchanged"]) == (1, 1, 4)
    assert len(identified.set_page("2")["Tracks Played"]) == 3
    assert len(identified.written_plays("2")) == 3
    assert len(identified.rows("calendar")) == 6


def test_many_sets_cost_little_more_than_a_request_each(identified):
    # Given
    for night in range(40):
        identified.plays(*(1 + (night + n) % 10 for n in range(3)), name=str(night))

    # When
    done = identified.sync("sessions")

    # I expect
    assert done["created"] == 40
    assert len(identified.requests()) <= 1.2 * 40


def test_a_corrected_tempo_and_a_track_that_is_found_later_update_the_page_in_place(identified):
    # Given
    identified.plays(1, 2, 12)
    identified.sync("sessions")
    page = identified.set_page()

    # When
    identified.page(12)
    identified.track(1, manual_bpm=140.0, bpm=119.0)
    identified.fresh()
    identified.sync()

    # I expect
    after = identified.set_page()
    assert after["id"] == page["id"]
    assert after["BPM Range"].endswith("-140")
    assert len(after["Tracks Played"]) == 3
    assert identified.requests("/blocks/") == [], "the plays are the same"


def test_before_the_ids_are_known_no_set_is_linked_and_it_says_so(booth, capsys):
    # Given
    booth.track(1)
    booth.page(1)
    booth.plays(1)

    # When
    done = booth.sync("sessions")

    # I expect
    assert "`crateline djay ids` has never run" in capsys.readouterr().err
    assert done["linked"] == 0
    assert booth.set_page()["Tracks Played"] == []


def test_properties_that_a_calendar_lacks_are_left_out(identified):
    # Given
    for name in ("Device", "Keys Used", "Average BPM", "Tracks Played"):
        identified.drop_property(name, "calendar")
    identified.plays(1, 2)

    # When
    done = identified.sync("sessions")

    # I expect
    assert (done["created"], done["failed"]) == (1, 0)
    assert identified.set_page()["BPM Range"]


def test_properties_that_are_added_later_are_filled_for_what_was_written_before(identified):
    # Given
    identified.drop_property("Duration (min)", "calendar")
    identified.drop_property("First Played (DJ)", "tracks")
    identified.forget_schemas()
    identified.plays(1, 2)
    identified.sync()

    # When
    identified.apply_schema()
    done = identified.sync()

    # I expect
    assert (done["pages"]["sessions"]["updated"], done["pages"]["tracks"]["updated"]) == (1, 2)
    assert identified.set_page()["Duration (min)"] > 0
    assert sum(row["First Played (DJ)"] is not None for row in identified.rows()) == 2

    # When
    identified.fresh()
    identified.sync()

    # I expect
    assert identified.writes == []

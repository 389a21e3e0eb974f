"""What a person has made of a set's page stays, and what was wrong is taken back."""


def test_what_a_person_has_made_of_a_set_stays(identified):
    # Given
    identified.plays(1, 2)
    identified.sync("sessions")
    page = identified.set_page()
    identified.person_edits(
        page["id"],
        Name="The wedding",
        Event_Type="Live Event",
        Device="Booth",
        Tags=["vinyl"],
        Tracks_Played=page["Tracks Played"][:1],
    )

    # When
    identified.plays(1, 2, 3, device="iPad Air")
    identified.sync("sessions")

    # I expect
    after = identified.set_page()
    assert (after["Name"], after["Event Type"], after["Device"], after["Tags"]) == (
        "The wedding",
        "Live Event",
        "Booth",
        ["vinyl"],
    )
    assert len(after["Tracks Played"]) == 2, "what was taken away stays away, and what is new is added"


def test_a_track_that_was_taken_for_another_is_taken_back(identified):
    # Given a set whose second track was matched with the wrong page
    identified.plays(1, 2)
    identified.sync("sessions")
    wrong = next(row for row in identified.rows() if row["Name"] == "Title 2")
    identified.person_edits(wrong["id"], djay_Pro_ID="", Name="Something Else", Artist="Another", Source_ID="x")
    right = identified.page(2)

    # When
    identified.sync("ids")
    identified.sync("sessions")

    # I expect
    assert right in identified.set_page()["Tracks Played"]
    assert wrong["id"] not in identified.set_page()["Tracks Played"]


def test_a_set_that_a_person_has_deleted_does_not_come_back(identified):
    # Given
    identified.plays(1, 2)
    identified.sync("sessions")
    identified.person_edits(identified.set_page()["id"], in_trash=True)

    # When
    identified.plays(1, 2, 3)
    done = identified.sync("sessions")
    identified.fresh()
    again = identified.sync("sessions")

    # I expect
    assert identified.rows("calendar") == []
    assert (done["refused"], done["failed"], again["unchanged"]) == (1, 0, 1)
    assert identified.writes == []

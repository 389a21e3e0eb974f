import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.domain import properties
from crateline.domain.properties import TRACK_PROPERTIES, TrackCard, digest, keep_hands_off

A, B, C = (f"{n}{n}{n}{n}{n}{n}{n}{n}-0000-4000-8000-000000000000" for n in "abc")
OURS, FILL, NEVER = "ours", "fill-if-empty", "never"


def text(value):
    return {"type": "rich_text", "rich_text": [{"type": "text", "text": {"content": value}}] if value else []}


def pages(*ids):
    return {"type": "relation", "relation": [{"id": one} for one in ids]}


@pytest.mark.parametrize(
    ("policy", "there", "wrote", "wanted", "outcome"),
    [
        # nothing there, nothing written
        (FILL, "", None, "x", "sent"),
        (OURS, "", None, "x", "sent"),
        (NEVER, "", None, "x", "never"),
        # a person was first
        (FILL, "theirs", None, "x", "filled"),
        (OURS, "theirs", None, "x", "sent"),
        (NEVER, "theirs", None, "x", "never"),
        # it says so already, whoever wrote it
        (FILL, "x", None, "x", "same"),
        (OURS, "x", None, "x", "same"),
        (FILL, "x", "x", "x", "same"),
        # what we wrote stands, and we know better now
        (FILL, "old", "old", "x", "sent"),
        (OURS, "old", "old", "x", "sent"),
        # a person has edited what we wrote
        (FILL, "theirs", "old", "x", "edited"),
        (OURS, "theirs", "old", "x", "sent"),
        # a person has emptied what we wrote: that is an edit, too
        (FILL, "", "old", "x", "edited"),
        # what we have said once is not said again, whatever became of it
        (FILL, "theirs", "x", "x", "same"),
        (OURS, "theirs", "x", "x", "same"),
        # a reason of old that no longer holds
        (OURS, "theirs", None, "", "sent"),
    ],
)
def test_a_property_is_written_only_where_nobody_minds(policy, there, wrote, wanted, outcome):
    # Given a page that says `there`, on which we wrote `wrote` last
    current = {"Reason": there}
    digests = {} if wrote is None else {"Reason": digest(wrote)}

    # When we want it to say `wanted`
    write = keep_hands_off({"Reason": text(wanted)}, current, digests, {"Reason": policy})

    # I expect it sent with its digest, or left with a reason
    if outcome == "sent":
        assert (write.properties, write.digests, write.left) == ({"Reason": text(wanted)}, {"Reason": digest(wanted)}, {})
    else:
        assert (write.properties, write.digests, write.left) == ({}, {}, {"Reason": outcome})


def test_a_new_page_gets_everything_but_what_is_never_written():
    desired = {"Name": text("x"), "Playlists": pages(A), "Reason": text(""), "Key": text("Am")}

    write = keep_hands_off(desired, None, {}, {"Key": NEVER})

    assert set(write.properties) == {"Name", "Playlists"}
    assert write.left == {"Reason": "same", "Key": "never"}


def test_what_a_page_made_by_us_got_is_not_sent_again():
    first = keep_hands_off({"Name": text("x"), "Status": text("Processing")}, None, {}, {})
    again = keep_hands_off({"Name": text("x"), "Status": text("Complete")}, None, first.digests, {})

    assert set(again.properties) == {"Status"}


def test_playlists_are_added_and_never_removed():
    # Given a track in two playlists
    current = {"Playlists": (A, B)}

    # When we want it in a third
    write = keep_hands_off({"Playlists": pages(C)}, current, {}, {})

    # I expect all three in the request, and our own wish as what we have said
    assert write.properties == {"Playlists": pages(A, B, C)}
    assert write.digests == {"Playlists": digest((C,))}


def test_values_that_have_been_through_json_are_the_same_values():
    current = json.loads(json.dumps({"Playlists": (A, B), "Played With": (A, B)}))

    write = keep_hands_off({"Playlists": pages(C), "Played With": pages(B, A)}, current, {}, {"Played With": OURS})

    assert write.properties == {"Playlists": pages(A, B, C)}
    assert write.left == {"Played With": "same"}


def test_playlists_that_are_there_already_are_not_sent():
    assert keep_hands_off({"Playlists": pages(B)}, {"Playlists": (A, B)}, {}, {}).left == {"Playlists": "same"}


def test_a_playlist_that_a_person_has_taken_off_is_not_put_back():
    write = keep_hands_off({"Playlists": pages(A)}, {"Playlists": ()}, {"Playlists": digest((A,))}, {})

    assert write.left == {"Playlists": "same"}


@pytest.mark.parametrize("current", [{"Playlists": (A,)}, {}])
def test_a_relation_that_is_not_known_whole_is_never_replaced(current):
    write = keep_hands_off({"Playlists": pages(B)}, current, {}, {}, cut={"Playlists"})

    assert (write.properties, write.cut) == ({}, ("Playlists",))


def test_a_relation_is_never_cut_at_a_hundred():
    there = tuple(f"{number:08x}-0000-4000-8000-000000000000" for number in range(100))

    assert keep_hands_off({"Playlists": pages(A)}, {"Playlists": there}, {}, {}).left == {"Playlists": "full"}


def test_a_list_of_our_own_making_is_replaced():
    write = keep_hands_off({"Played With": pages(B)}, {"Played With": (A,)}, {}, {"Played With": OURS})

    assert write.properties == {"Played With": pages(B)}


@given(st.text(max_size=5), st.none() | st.text(max_size=5), st.text(max_size=5), st.sampled_from([OURS, FILL, NEVER]))
def test_an_edit_by_hand_is_overwritten_only_where_the_property_is_ours(there, wrote, wanted, policy):
    digests = {} if wrote is None else {"BPM": digest(wrote)}
    write = keep_hands_off({"BPM": text(wanted)}, {"BPM": there}, digests, {"BPM": policy})

    edited = digest(there) != (digests.get("BPM") or "")
    assert not (write.properties and edited and policy != OURS)


def test_policies_go_by_real_names_and_the_users_setting():
    there = {name: {"type": kind, kind: {}} for name, kind in (("Tempo", "number"), ("Status", "status"), ("Name", "title"))}

    found = properties.policies(TRACK_PROPERTIES, there, {"BPM": "Tempo"}, {"BPM": NEVER, "tracks.Name": OURS})

    assert found == {"Tempo": NEVER, "Status": OURS, "Name": OURS}


def test_a_pages_life_from_processing_to_complete_with_a_person_in_between():
    # Given a page that the user has had for years, with a BPM of their own
    schema = {
        name: {"type": kind, kind: {}}
        for name, kind in (("Name", "title"), ("BPM", "number"), ("Key", "rich_text"), ("Status", "select"))
    }
    policies = properties.policies(TRACK_PROPERTIES, schema)
    current = {"Name": "Atmosphere", "BPM": 124.0, "Key": "", "Status": "Ready"}

    # When we take it up, a person writes a key, and we finalise
    first = keep_hands_off(properties.encode(TrackCard(title="Atmosphere", status="Processing"), schema), current, {}, policies)
    current |= properties.plain_values(first.properties) | {"Key": "Em"}
    card = TrackCard(title="Atmosphere", status="Complete", bpm=123.4, key="Am")
    last = keep_hands_off(properties.encode(card, schema), current, first.digests, policies)

    # I expect the status moved on, and the person's BPM and key untouched
    assert properties.plain_values(last.properties) == {"Status": "Complete"}
    assert last.left == {"Name": "same", "BPM": "filled", "Key": "filled"}


def test_what_a_person_took_out_of_a_relation_is_not_put_back():
    # Given a relation that held A and B by our doing, of which somebody has taken A
    more = {"linked": {"Playlists": (A, B)}}
    # I expect C alone to be added, and nothing to be done without it
    sent = keep_hands_off({"Playlists": pages(A, B, C)}, {"Playlists": (B,)}, {"Playlists": digest((A, B))}, {}, **more)
    assert sent.properties == {"Playlists": pages(B, C)}
    assert keep_hands_off({"Playlists": pages(A, B)}, {"Playlists": (B,)}, {"Playlists": "old"}, {}, **more).properties == {}


def test_a_long_relation_is_read_whole_before_something_is_taken_out_of_it():
    # Given a relation that shows its beginning, and a page to be taken out that may stand behind it
    more = {"linked": {"Playlists": (A, B)}, "without": {"Playlists": (B,)}, "cut": {"Playlists"}}
    # I expect
    assert keep_hands_off({"Playlists": pages(A)}, {"Playlists": (A,)}, {"Playlists": digest((A,))}, {}, **more).cut == (
        "Playlists",
    )


def test_a_relation_that_is_one_value_is_replaced_or_left_and_never_added_to():
    def sent(there, wrote, **more):
        current = {"Artist": there} if there is not None else {}
        wanted = {"Artist": pages(C)}
        return keep_hands_off(wanted, current, {} if wrote is None else {"Artist": digest(wrote)}, {}, whole={"Artist"}, **more)

    assert sent((), None).properties == {"Artist": pages(C)}
    assert sent((A,), (A,)).properties == {"Artist": pages(C)}
    assert sent((A,), None).left == {"Artist": "filled"}
    assert sent((B,), (A,)).left == {"Artist": "edited"}
    # And nothing is sent before it is known what stands there
    assert sent(None, (A,)).left == sent((A,), (A,), cut={"Artist"}).left == {"Artist": "cut"}

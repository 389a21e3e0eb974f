"""The rules behind the traps, one by one: whose version it is, slips of the pen, aliases, films, what stands around a title."""

import pytest

from crateline.domain import bylines, conflicts, matching, people, spelling, titles, versions
from crateline.domain.vocabulary import Kind
from givens.matches import DOUBT, OTHER, SAME, a_wish, an_offer, said, verdict


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        ("(Mood II Swing Dub)", "(Mood 2 Swing Dub)", SAME),
        ("(Mood II Swing Dub)", "(Full Intention Dub)", OTHER),
        ("(VIP)", "(Emperor VIP)", DOUBT),
        ("(Hooj Mix)", "(Hooj Mix) (Someone Remix)", OTHER),
        ("(Adana Twins Remix Two)", "(Adana Twins Remix 2)", SAME),
        ("(Adana Twins Remix One)", "(Adana Twins Remix Two)", OTHER),
        ("(Kink Remix)", "(KiNK & Neville Watson Remix)", DOUBT),
        ("(Live at Fabric)", "(Live at Fuse)", OTHER),
        ("(Live)", "(Live at Fuse)", SAME),
        ("(Live 2004)", "(Live 2007)", OTHER),
        ("(Sped Up)", "(Slowed)", OTHER),
        ("(2010 Mix)", "(2011 Mix)", OTHER),
        ("", "(2022 Mix)", DOUBT),
        ("", "(NEW 2023 VERSION)", DOUBT),
        ("", "(Sunship Edit)", DOUBT),
        ("", "(Sunship Remix)", OTHER),
        ("", "(Original '93)", SAME),
        ("", "[Jersey Club]", DOUBT),
        ("", "[Part 2]", DOUBT),
        ("", "(Ibiza 2004)", DOUBT),
        ("", "(Trax 1986)", SAME),
        ("", "(Glastonbury 2000)", OTHER),
        ("", "#slowed", OTHER),
        ("", "| Somebody cover", OTHER),
        ("Pt. 1", "(Part 1)", SAME),
    ],
)
def test_a_version_is_told_apart_by_whose_it_is(wanted, offered, expected):
    assert verdict(("Ada Kessler", f"Glow {wanted}".strip()), f"Ada Kessler - Glow {offered}") == expected


@pytest.mark.parametrize(
    "around",
    [
        "{} Official Video HD",
        "{} [Official Audio]",
        "{} 1080p",
        "{} Full Video Song",
        "{} (25th Anniversary)",
        "{} (Full Album Version)",
        "✨{} ✨ 1992 RAVE CLASSIC 🔥🔥",
        "🔥 {} 🔥",
        "【Deep House】{}",
        "[Techno] {}",
        "01 {}",
        "A1 {}",
        "{} [1986]",
        "{} | Trax Records",
        "{} - Trax Records",
        "PREMIERE: {} [TRX001]",
    ],
)
def test_what_uploads_write_around_a_title_is_no_part_of_it(around):
    assert verdict(("Ada Kessler", "Glow"), around.format("Ada Kessler - Glow")) == SAME


@pytest.mark.parametrize(
    "written",
    [
        'Ada Kessler "Glow" (Official Video)',
        "Ada Kessler 'Glow' MV",
        "Ada Kessler & Ben Roth Glow",
        "Glow by Ada Kessler & Ben Roth",
        "Ada Kessler -Glow",
        "Ada Kessler-Glow",
        "Ada Kessler a.k.a. Lumen - Glow",
        "Ben Roth, Ada Kessler: Glow",
    ],
)
def test_artist_and_title_are_found_however_they_are_joined(written):
    assert verdict(("Ada Kessler, Ben Roth", "Glow"), written) == SAME


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Masters At Work", "MAW", True),
        ("Pete Heller", "Pete Heller's Big Love", True),
        ("Juan Luis Guerra 4.40", "Juan Luis Guerra", True),
        ("Missy Elliott", 'Missy "Misdemeanor" Elliott', True),
        ("Chemical Brothers", "Chemical Bros.", True),
        ("Roy Davis Jr.", "Roy Davis Junior", True),
        ("Haddaway", "Hadaway", True),
        ("UK Apachi", "UK Apache", True),
        ("Todd Terje", "Todd Terry", False),
        ("Lenny Fontana", "Lenny Fontaine", False),
        ("Jamie Porteous", "Jamie Portis", False),
        ("Miguel", "Luis Miguel", False),
    ],
)
def test_an_alias_is_the_same_and_a_namesake_is_not(one, other, alike):
    assert (people.name_likeness(one, other) >= bylines.SURE) is alike
    assert people.name_likeness(one, other) == people.name_likeness(other, one)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Night Drive", "Night Driver", False),
        ("Your Mind", "Your Mine", False),
        ("Vessel", "Vessels", False),
        ("Bitter", "Better", False),
        ("Crimson Horizon", "Crimson Horizn", True),
        ("Crimson Horizon", "Crimson Horzion", True),
        ("Passin' Me By", "Passing Me By", True),
        ("I Luv U", "I Love You", True),
        ("Blue Monday '88", "Blue Monday 1988", True),
        ("The Colour Red", "The Color Red", True),
    ],
)
def test_a_slip_of_the_pen_is_forgiven_and_another_word_is_not(one, other, same):
    assert spelling.same_words(one, other) is same
    assert spelling.same_words(other, one) is same


@pytest.mark.parametrize(
    ("apart", "upload", "channel", "expected"),
    [
        (7, "Ada Kessler - Glow", "fan", SAME),
        (9, "Ada Kessler - Glow", "fan", DOUBT),
        (9, "Ada Kessler - Glow (Official Video)", "fan", SAME),
        (11, "Glow", "AdaKesslerVEVO", SAME),
        (15, "Glow (Official Video)", "AdaKesslerVEVO", DOUBT),
        (40, "Glow (Official Video)", "AdaKesslerVEVO", OTHER),
        (-9, "Glow (Official Video)", "AdaKesslerVEVO", DOUBT),
    ],
)
def test_a_film_may_be_a_little_longer_and_not_shorter(apart, upload, channel, expected):
    assert verdict(("Ada Kessler", "Glow"), upload, apart=apart, channel=channel) == expected


def test_what_an_uploader_calls_his_track_is_found_without_him():
    # Given a wish from a magazine's list
    song = ("Mixmag", "PREMIERE: Sally C - Downtown")
    # I expect the artist in the title to be believed, and no other
    assert verdict(song, "Sally C - Downtown (Original Mix)") == SAME
    assert verdict(song, "Macklemore - Downtown") == OTHER
    assert verdict(("Ada Kessler", "Glow - Ben Roth Dub"), "Ada Kessler - Glow") != SAME


def test_a_guest_in_common_is_not_enough():
    song = ("David Guetta", "Titanium (feat. Sia)")
    assert verdict(song, "David Guetta - Titanium ft. Sia") == SAME
    assert verdict(song, "Somebody Else - Titanium (feat. Sia)") == DOUBT


def test_of_two_uploads_the_one_without_a_stranger_is_taken():
    # Given
    offers = ("Adam Port, Stryv - Move ft. Camila Cabello", "Adam Port & Stryv - Move")
    offered = [an_offer(title, length=177) for title in offers]
    # When
    decision = matching.decide(matching.rank(a_wish("Adam Port, Stryv", "Move", length=177), offered))
    # I expect
    assert decision.kind is matching.Verdict.ACCEPT
    assert decision.best.candidate.id == "Adam Port & Stryv - Move"
    assert decision.ranked[1].penalties[0].name == "guest"


def test_a_remixer_vouches_only_where_somebody_credits_him_as_the_artist():
    song = ("Slushii", "Twinbow (Jauz Remix)")
    assert verdict(song, "Twinbow (Jauz Remix)", channel="Jauz") == SAME
    assert verdict(song, "Somebody Else - Twinbow (Jauz Remix)") != SAME


def test_the_same_name_and_length_by_another_artist_asks_whether_it_is_an_alias():
    assert verdict(("Derrick May", "Strings Of Life"), "Rhythim Is Rhythim - Strings Of Life") == DOUBT
    assert verdict(("Derrick May", "Strings"), "Rhythim Is Rhythim - Strings") == OTHER
    assert verdict(("Derrick May", "Strings Of Life"), "Rhythim Is Rhythim - Strings Of Life", apart=9) == OTHER


@pytest.mark.parametrize(
    ("text", "mild"),
    [
        ("Sunship Edit", True),
        ("Sunship Mix", True),
        ("Sunship Remix", False),
        ("Ada's Version", False),
        ("Official Video", False),
    ],
)
def test_a_mix_by_name_is_milder_than_a_remix(text, mild):
    assert versions.read(text).mild is mild


def test_two_mild_mixes_stay_mild_and_a_remix_beside_one_does_not():
    edit, remix = versions.read("Sunship Edit"), versions.read("Sunship Remix")
    assert (edit | versions.read("Live")).mild
    assert not (edit | remix).mild
    assert not versions.Versions().mild


def test_a_mild_mix_of_another_length_is_another_recording():
    edit, plain = versions.read("Sunship Edit"), versions.Versions()
    assert conflicts.between(edit, plain, 1.0).factor == conflicts.SOFT_FACTOR
    assert conflicts.between(plain, edit, 9.0).factor == conflicts.HARD_FACTOR
    assert conflicts.between(plain, edit, None).factor == conflicts.HARD_FACTOR


@pytest.mark.parametrize("title", ["1998", "I ♥ NY", "Rock 'n' Roll", "Radio/Video", "(G)I-DLE", "#1"])
def test_a_strange_name_is_still_a_name(title):
    assert titles.parse(title).segments
    assert verdict(("Ada Kessler", title), f"Ada Kessler - {title}", apart=0) == SAME


def test_hashtags_speak_only_of_what_they_name():
    assert versions.tagged("Glow #techno #rave #1") == frozenset()
    assert versions.tagged("Glow #nightcore #slowed") == {Kind.SPEED, Kind.SLOW}


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        ("Hysteria", "Hysteria (Remixes)", SAME),
        ("", "Live Through This", SAME),
        ("Hysteria", "Hysteria (Live in Paris)", OTHER),
        ("Hysteria", "HAARP Live", OTHER),
        ("Hysteria (Live in Paris)", "Live in Paris", SAME),
        ("MTV Unplugged", "Hysteria", OTHER),
        ("Hysteria", "Karaoke Hits, Vol. 7", OTHER),
        ("Hysteria", "Les Bains Douches 18 December 1979", OTHER),
        ("Hysteria", "Actual Life (April 14 - December 17 2020)", SAME),
        ("Hysteria", "Queen Rock Montreal", OTHER),
        ("Hysteria", "Live Magic", OTHER),
        ("Hysteria", "Live and Let Die", SAME),
        ("Hysteria", "A Tribute to Muse", OTHER),
        ("Hysteria", "Hysteria (Instrumentals)", OTHER),
    ],
)
def test_a_catalogue_says_in_the_albums_name_what_all_its_tracks_are(wanted, offered, expected):
    # Given a song and a catalogue's upload that say the same but for the albums they are on
    wish = a_wish("Muse", "Hysteria", length=227, album=wanted)
    upload = an_offer("Hysteria", length=227, topic="Muse", album=offered)
    # I expect that an album of concerts, covers or instrumentals holds nothing else
    assert said(matching.score(wish, upload).total) == expected

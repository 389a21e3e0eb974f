"""How one recording is written by a catalogue and by those who upload it: rule by rule, with what each must not forgive."""

import pytest

from crateline.domain import conflicts, folding, matching, people, sides, spelling, titles, versions
from crateline.domain.track import Platform
from crateline.domain.vocabulary import Kind
from givens.matches import DOUBT, OTHER, SAME, a_wish, an_offer, said, verdict


@pytest.mark.parametrize(
    "written",
    [
        "Ada Kessler - Glow.mp3",
        "Ada Kessler-Glow.wmv",
        "Ada Kessler - Glow STR1288",
        "Ada Kessler - Glow (5:01)",
        "Ada Kessler - Glow [vinyl] '95",
        "Ada Kessler ── Glow",
        "Ada Kessler - Glow 歌詞版",
        "Ada Kessler ~ Glow [vinyl] STR1288",
        "STR1288 | 02. Ada Kessler - Glow",
        "Ada Kessler - Glow (Original) - STR019",
        "Ada Kessler - Glow /Official Video 2002",
        "Ada Kessler - Glow original full track",
        "Ada Kessler - Glow (Prod. By Somebody)",
    ],
)
def test_files_lengths_and_catalogue_numbers_are_no_part_of_a_title(written):
    assert verdict(("Ada Kessler", "Glow"), written) == SAME


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        ("Glow - Acoustic; Live at MTV Unplugged, Windsor, 1/16/1992; 2013 Remaster", "Glow (Acoustic Live)", SAME),
        ("Glow - Live / 2011 Remaster", "Glow (Live)", SAME),
        ("Glow - Live / 2011 Remaster", "Glow", OTHER),
        ("Glow - Clean", "Glow (Clean)", SAME),
        ("Glow - Clean", "Glow [Explicit]", DOUBT),
        ("Glow - Interlude", "Glow (Interlude)", SAME),
        ('Glow - 12" Original', 'Glow (12" Version)', SAME),
        ("Glow - Kurayamino Variation", "Glow (Kurayamino Mix)", SAME),
        ("Glow - English Version", "Glow (English Version)", SAME),
        ("Glow - English Version", "Glow (Spanish Version)", OTHER),
        ("Glow - English Version", "Glow (Versión en Español)", OTHER),
        ("Glow", "Glow [no rap]", DOUBT),
        ("Glow - Original Romanian Version", "Glow", SAME),
        ("Glow - Original Romanian Version", "Glow (English Version)", DOUBT),
        ("Glow", 'Glow (7" Single Version)', SAME),
        ("Glow", "Glow (7 Inch)", SAME),
        ("Glow", "Glow (Abschiedskonzert Graz 2021)", OTHER),
        ("Glow - Caspa Remix", "Glow (Caspa Remix) [Ruckspin re-fix]", OTHER),
    ],
)
def test_what_a_catalogue_lists_after_the_dash_is_read_piece_by_piece(wanted, offered, expected):
    assert verdict(("Ada Kessler", wanted), f"Ada Kessler - {offered}") == expected


@pytest.mark.parametrize(
    ("wanted", "offered", "apart", "expected"),
    [
        ("Glow - Monster Mix", "Ada Kessler Glow Monster Mix full version", 1, SAME),
        ("Glow - Monster Mix", "Ada Kessler Glow Monster Mix", 90, OTHER),
        ("Glow - Monster Mix", "Ada Kessler Glow Monsters In The Mix", 1, OTHER),
        ("Glow", "Ada Kessler Glow Monster Mix", 1, OTHER),
        ("Glow - Club Mix", "Ada Kessler - Glow (Club Mix) 1992 Strictly Rhythm", 1, SAME),
        ("Glow - Extended", "Ada Kessler - Glow (Extended) 16 Inch Records", 1, SAME),
        ("Glow - Club Mix", "Ada Kessler - Glow (Club Mix) Somebody Remix", 1, OTHER),
        ("Glow - Club Mix", "Ada Kessler - Glow (Club Mix) & Shine", 1, OTHER),
        ("Glow - Basement Boy Club Mix", "Ada Kessler - Glow (Basement Boy Club Mix)", 1, SAME),
        ("Glow - Basement Boy Strip to the Bone Mix", "Ada Kessler - Glow (Strip to the Bone Mix)", 1, SAME),
        ("Glow - Patrick Cowley Mega Mix", "Ada Kessler - Glow (Patrick Cowley Megamix) 15:43", 1, SAME),
    ],
)
def test_a_version_is_found_without_brackets_and_with_a_label_behind_it(wanted, offered, apart, expected):
    assert verdict(("Ada Kessler", wanted), offered, apart=apart) == expected


def test_what_is_said_in_brackets_elsewhere_is_marked_once_and_nowhere_else():
    # Given a title without brackets, and one that says the same with them
    one, other = a_wish("Ada Kessler", "Glow Monster Mix"), an_offer("Glow (Monster Mix)", length=300, topic="Ada Kessler")
    # When both are taken for comparison, either way round
    (a, b), (c, d) = sides.pair(one, other), sides.pair(other, one)
    # I expect the same core and version, and that a title of one name alone stays one
    assert a.title == b.title == c.title == d.title
    alone = an_offer("Monster Mix", length=300, topic="Ada Kessler")
    assert sides.pair(alone, other)[0].title.core == "Monster Mix"


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        ("Glow (Grubb Mix)", "Ada Kessler - Glow (DJ Grubb)", SAME),
        ("Glow (Grubb Mix)", "Ada Kessler - Glow (Somebody)", DOUBT),
        ("Glow (Grubb Mashup)", "Ada Kessler - Glow (DJ Grubb Wedding Mashup)", SAME),
        ("Glow (Grubb Mashup)", "Ada Kessler - Glow (DJ Tano Mashup)", DOUBT),
        ("Glow (Grubb Afro House Remix)", "Ada Kessler - Glow (Afro House Remix)", DOUBT),
        ("Glow (Techno Remix)", "Ada Kessler - Glow (Afro House Remix)", OTHER),
        ("Glow (Afro House Remix)", "Ada Kessler - Glow (Afro House Remix)", SAME),
        ("Glow - Boy Strip To The Bone Mix", 'Ada Kessler - Glow (Boy "Strip To The Bone" Mix)', SAME),
        ("Glow - Ada Kessler Mix", "Ada Kessler - Glow", SAME),
        ("Glow - Ada Kessler vs. Ben Roth Mix", "Ada Kessler - Glow", DOUBT),
        ("Glow - Ada Kessler Remix", "Ada Kessler - Glow", DOUBT),
        ("Glow - Ben Roth Mix", "Ada Kessler - Glow", DOUBT),
    ],
)
def test_a_mix_by_the_artist_or_by_a_name_in_brackets_is_that_mix(wanted, offered, expected):
    assert verdict(("Ada Kessler", wanted), offered) == expected


def test_an_artists_own_remix_is_not_his_original():
    # Given a catalogue in which an artist has remixed himself, at the same length
    # I expect that nobody takes one for the other unasked
    assert verdict(("Overmono", "Gunk"), "Gunk (Overmono Remix)", apart=0, topic="Overmono") == DOUBT


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        ("Glow (She Shines)", "Ada Kessler - Glow", SAME),
        ("Glow (She Shines)", "Ada Kessler - Glow (Dusty Cabinets)", DOUBT),
        ("Glow (Jersey Club)", "Ada Kessler - Glow", DOUBT),
        ("Glow", "Ada Kessler - Glow (Ada Kessler by Ada Kessler)", DOUBT),
        ("Glow", "Ada Kessler - Glow (Ada Kessler vs. Some Channel)", SAME),
        ("Glow", "Ada Kessler - Glow (She Shines)", DOUBT),
        ("Glow", "Ada Kessler - Shine On Me (Glow)", DOUBT),
        ("Glow (Shine On Me)", "Ada Kessler - Shine On Me (Glow)", SAME),
        ("Glow (Shine On Me)", "Ada Kessler - Shine On Me", DOUBT),
        ("Glow (It's Time to Shine)", "Ada Kessler - Shine (Glow)", SAME),
        ("Slowed Down", "Ada Kessler - Glow (Slowed Down)", DOUBT),
    ],
)
def test_a_subtitle_that_fans_leave_out_is_told_from_a_version_that_they_add(wanted, offered, expected):
    assert verdict(("Ada Kessler", wanted), offered) == expected


def test_a_guest_whom_one_catalogue_does_not_name_ranks_behind_one_who_is_named():
    # Given a song with a guest, and two uploads of a catalogue that are as long
    wish = a_wish("Ada Kessler, Ben Roth", "Glow (feat. Ben Roth)")
    uploads = [an_offer(name, length=300, topic="Ada Kessler") for name in ("Glow", "Glow (feat. Ben Roth)")]
    # When they are ranked
    decision = matching.decide(matching.rank(wish, uploads))
    # I expect the one with the guest, and that the other would be taken if it were alone
    assert decision.best.candidate.id == "Glow (feat. Ben Roth)"
    assert [one.total >= matching.ACCEPT for one in decision.ranked] == [True, True]
    assert "Ben Roth is not among the artists" in decision.ranked[1].reasons


@pytest.mark.parametrize(
    ("wanted", "by", "offered", "expected"),
    [
        ("Ada Kessler - Glow (UKG Bootleg)", "Tenfold", "Ada Kessler - Glow (Tenfold UKG Bootleg)", SAME),
        ("Ada Kessler - Glow (UKG Bootleg)", "Tenfold", "Ada Kessler - Glow (UKG Remix)", DOUBT),
        ("Ada Kessler - Glow (UKG Bootleg)", "Tenfold", "Ada Kessler - Glow (Afro House Remix)", DOUBT),
        ("Ada Kessler - Glow (Lumen Bootleg)", "Tenfold", "Ada Kessler - Glow (Lumen Bootleg)", SAME),
        ("Ada Kessler - Glow (Lumen's Late Night Remix)", "Tenfold", "Ada Kessler - Glow (Lumen Remix)", SAME),
        ("Ada Kessler - Glow (Bootleg)", "Tenfold", "Ada Kessler - Glow", OTHER),
    ],
)
def test_a_bootleg_without_a_name_is_by_whom_it_was_uploaded(wanted, by, offered, expected):
    # Given a wish from somebody's SoundCloud, and an upload by somebody else
    wish = a_wish(by, wanted, length=240, platform=Platform.SOUNDCLOUD)
    # I expect that another person's bootleg of the same piece is not taken for it
    assert said(matching.score(wish, an_offer(offered, length=241)).total) == expected


@pytest.mark.parametrize(
    ("artists", "title", "upload", "expected"),
    [
        ("Queen, David Bowie", "Under Pressure", "Under Pressure - Queen + Adam Lambert", DOUBT),
        ("Queen, David Bowie", "Under Pressure", "Queen - Under Pressure", SAME),
        ("Queen, David Bowie", "Under Pressure", "Queen & David Bowie - Under Pressure", SAME),
        ("Anita Ward", "Ring My Bell", "Ring my Bell - Anita Ward tribute band 'The Wards'", OTHER),
        ("Kino", "Glow", "Kino (Viktor Tsoi) - Glow", SAME),
        ("Lil Nas X, Billy Ray Cyrus", "Old Town Road - Remix", "Lil Nas X - Old Town Road (Lyrics) ft. Billy Ray Cyrus", DOUBT),
        ("Lil Nas X, Billy Ray Cyrus", "Old Town Road - Remix", "Lil Nas X - Old Town Road (Lyrics)", OTHER),
        ("DJ Pied Piper, The Masters Of Ceremonies", "Glow", "DJ Pied Piper & MCs - Glow", SAME),
    ],
)
def test_whoever_joins_in_is_told_from_who_always_was_there(artists, title, upload, expected):
    assert verdict((artists, title), upload) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("P!nk", "Pink"), ("Кино", "группа Кино"), ("Dr. Dre", "Doctor Dre"), ("Виктор Цой", "Viktor Tsoi")],
)
def test_names_are_one_however_they_are_stylised(one, other):
    assert people.name_likeness(one, other) >= 0.9


def test_what_two_catalogues_write_differently_must_sound_the_same():
    # Given titles of which a catalogue spells one word otherwise
    # I expect a slip of the pen to be a fan's, and a transliteration to be anybody's
    assert spelling.same_words("Kalashnikov", "Kalasnjikov", exactly=True)
    assert not spelling.same_words("Crimson Horizon", "Crimson Horizn", exactly=True)
    assert not spelling.same_words("Vessel", "Vessels", exactly=True)


def test_a_guest_whom_only_one_of_two_catalogues_names_is_asked_about():
    # Given a song of Missy Elliott alone, and a catalogue's upload of it with Nelly Furtado
    # I expect a person to be asked; with a fan's upload the guest is let pass
    assert verdict(("Missy Elliott", "Get Ur Freak On"), "Get Ur Freak On (feat. Nelly Furtado)", topic="Missy Elliott") == DOUBT
    assert verdict(("Missy Elliott", "Get Ur Freak On"), "Missy Elliott ft. Nelly Furtado - Get Ur Freak On") == SAME


def test_a_russian_and_joins_two_artists():
    assert titles.names("Виктор Цой и группа Кино") == ("Виктор Цой", "группа Кино")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("F**kin' Perfect", "Fuckin' Perfect", True),
        ("F**kin' Perfect", "Farmin' Perfect", False),
        ("Elements, Pt. II", "Elements pt2", True),
        ("Elements, Pt. II", "Elements pt3", False),
        ("プラスティック・ラヴ", "Plastic Love", True),
        ("プラスティック・ラヴ", "Elastic Glove", False),
        ("תל אביב", "Tel Aviv", True),
        ("블랙핑크", "BLACKPINK", True),
        ("तुम ही हो मेरे", "Tum Hi Ho Mere", True),
        ("Đurđevdan", "Djurdjevdan", True),
        ("Kalashnikov", "Kalasnjikov", True),
        ("真夜中のドア〜Stay With Me", "Stay With Me (真夜中のドア)", True),
        ("真夜中のドア〜Stay With Me", "Mayonaka no Door / Stay With Me", True),
    ],
)
def test_titles_are_one_however_they_are_spelled(one, other, same):
    read = [titles.parse(text).core for text in (one, other)]
    assert (spelling.same_words(*read) and spelling.title_likeness(*read) >= 0.85) is same


def test_two_scripts_beside_each_other_must_both_agree():
    # Given titles in two scripts of which one differs
    # I expect that the likeness is that of the worse
    assert folding.likeness("夜 Night", "Night 夜") > 0.9
    assert folding.likeness("夜に駆ける Into the Night", "Out of Sight 夜に駆ける") < 0.85


@pytest.mark.parametrize("text", ["Clean", "Interlude", "Acapella", "Reprise"])
def test_one_word_after_a_dash_is_a_version_unless_it_is_the_name(text):
    assert versions.read(text, after_dash=True).kinds
    # Given a piece that is called so
    # I expect it to be found
    assert verdict(("Ada Kessler", text), f"Ada Kessler - {text}") == SAME


def test_only_two_languages_that_are_named_are_two_recordings():
    english = versions.Versions(kinds=frozenset({Kind.ALTERNATE}))
    texts = [("glow english version", "glow version en espanol"), ("glow english version", "glow new version")]
    found = [conflicts.between(english, english, 0.0, texts=pair).factor for pair in texts]
    assert found == [conflicts.HARD_FACTOR, 1.0]

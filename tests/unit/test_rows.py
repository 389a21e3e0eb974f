"""Rows whose link alone says which track they mean: the platform is asked, and the row's words stay for when it cannot say."""

from types import SimpleNamespace

import pytest

from crateline import errors
from crateline.domain.track import Availability, Platform, Playlist, Track
from producers import playlist
from producers.document import of_file
from producers.source import Source

ONE, TWO = "https://soundcloud.com/ada/one", "https://soundcloud.com/ada/two"


class Shelf:
    """A platform that knows some links, and remembers what it was asked."""

    def __init__(self, **known) -> None:
        self.known, self.asked = known, []

    def read(self, url):
        name = url.rpartition("/")[2].rpartition("=")[2]
        self.asked.append(name)
        found = self.known.get(name, errors.NotFound("soundcloud-api", "404"))
        if isinstance(found, Exception):
            raise found
        return Playlist(key="x", name="x", url=url, platform=Platform.SOUNDCLOUD, source_id="1", tracks=found)


def track(number):
    return Track(key=f"soundcloud:tracks:{number}", title=f"Title {number}", artist="Ada", url=ONE, platform=Platform.SOUNDCLOUD)


@pytest.fixture
def imported(tmp_path):
    """Read rows below the head `title,artist,url` in a world of these platforms."""

    def read(rows, limit=None, **platforms):
        path = tmp_path / "x.csv"
        path.write_text("\n".join(["title,artist,url", *rows]))
        said: list[str] = []
        world = SimpleNamespace(budgets={}, **platforms)
        (mix,) = playlist.read(world, Source(text="x", document=of_file(path)), limit=limit, say=said.append)
        return mix, said

    return read


def test_a_soundcloud_link_in_a_row_is_followed(imported):
    mix, said = imported([f"Night,Ada,{ONE}?utm_source=x", f",,{TWO}"], soundcloud=Shelf(one=(track(1),), two=(track(2),)))
    assert ([one.key for one in mix.tracks], said) == (["soundcloud:tracks:1", "soundcloud:tracks:2"], [])
    assert mix.platform is Platform.SOUNDCLOUD


def test_a_link_that_leads_nowhere_leaves_the_words(imported):
    # When
    mix, said = imported([f"Night,Ada,{ONE}", f",,{TWO}", "Day,Bo,"], soundcloud=Shelf())
    # I expect
    assert [(one.title, one.availability) for one in mix.tracks] == [
        ("Night", Availability.ELSEWHERE),
        ("Day", Availability.ELSEWHERE),
    ]
    assert [words.rpartition("; ")[2] for words in said] == ["taken by its title and artist", "left out"]
    assert [words.partition(": ")[0] for words in said] == ["x.csv, row 2", "x.csv, row 3"]


def test_a_video_without_words_is_asked_for_them_and_one_with_words_is_not(imported):
    # Given
    shelf = Shelf(aaaaaaaaaaa=(track(7),), bbbbbbbbbbb=errors.Gone("youtube:video:bbbbbbbbbbb", "deleted"))
    rows = [f"{words},https://youtu.be/{letter * 11}" for words, letter in ((",", "a"), (",", "b"), ("Night,Ada", "c"))]
    # When
    mix, said = imported(rows, youtube=shelf)
    # I expect
    assert [one.key for one in mix.tracks] == ["soundcloud:tracks:7", "youtube:video:bbbbbbbbbbb", "youtube:video:ccccccccccc"]
    assert [one.availability for one in mix.tracks][1] is Availability.GONE
    assert (shelf.asked, said) == (["aaaaaaaaaaa", "bbbbbbbbbbb"], [])


def test_no_more_links_are_followed_than_tracks_are_wanted(imported):
    shelf = Shelf(**{f"t{number}": (track(number),) for number in range(9)})
    mix, _ = imported([f"Night,Ada,https://soundcloud.com/ada/t{number // 2}" for number in range(18)], limit=3, soundcloud=shelf)
    assert len({one.key for one in mix.tracks}) == 3
    assert shelf.asked == ["t0", "t1", "t2"]


@pytest.mark.parametrize("link", ["https://soundcloud.com/ada/sets/x", "https://www.youtube.com/playlist?list=PL123"])
def test_a_link_to_many_tracks_is_no_row(imported, link):
    mix, said = imported([f",,{link}", f"Night,Ada,{link}"])
    assert [one.title for one in mix.tracks] == ["Night"]
    assert "leads to more than a track" in said[0]


def test_a_platform_that_cannot_be_asked_now_is_no_reason_to_take_another_track(tmp_path):
    # Given
    (tmp_path / "x.csv").write_text(f"title,artist,url\nNight,Ada,{ONE}\nDusk,Ada,{TWO}\nDay,Bo,\n")
    shelf = Shelf(one=errors.CredentialsRefused("soundcloud-api", "401"), two=(track(2),))
    said: list[str] = []
    source = Source(text="x", document=of_file(tmp_path / "x.csv"))
    reading = playlist.read(SimpleNamespace(budgets={}, soundcloud=shelf), source, say=said.append)
    # When
    mix = next(reading)
    # I expect the other rows, each row that waits named, the platform asked once, and the error in the end
    assert [one.title for one in mix.tracks] == ["Day"]
    assert [words.partition(": ")[0] for words in said] == ["x.csv, row 2", "x.csv, row 3"]
    assert shelf.asked == ["one"]
    with pytest.raises(errors.CredentialsRefused):
        next(reading)


def test_a_list_of_which_nothing_is_left_makes_no_playlist(imported):
    with pytest.raises(errors.ConfigurationError, match=r"x\.csv names no track"):
        imported([f",,{ONE}"], soundcloud=Shelf())

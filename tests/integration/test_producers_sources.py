"""From what a person writes to playlists: links, files of links, exported CSVs; and what is checked before."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline import errors
from crateline.clients.spotify import Listing
from crateline.domain.track import Availability, Platform, Playlist, Track
from crateline.settings import Settings
from producers import checks, document, listing, patience, playlist
from producers.source import Source, expand

SET = "https://soundcloud.com/lo/sets/all"
VIDEO = "https://www.youtube.com/watch?v=aaaaaaaaaaa"


def track(number: int, platform: Platform = Platform.SOUNDCLOUD) -> Track:
    prefix = {Platform.SOUNDCLOUD: "soundcloud:tracks:", Platform.YOUTUBE: "youtube:video:", Platform.SPOTIFY: "spotify:track:"}
    return Track(
        key=f"{prefix[platform]}{number}",
        title=f"Title {number}",
        artist="Ada",
        url=f"https://x.example/{number}",
        platform=platform,
    )


def found(*tracks: Track, key: str = "soundcloud:playlists:1", name: str = "Set") -> Playlist:
    return Playlist(key=key, name=name, url=SET, platform=Platform.SOUNDCLOUD, source_id="1", tracks=tracks)


class Reader:
    """A client that answers from a table and remembers what it was asked."""

    def __init__(self, **answers) -> None:
        self.answers = answers
        self.asked: list[tuple] = []

    def read(self, url: str) -> Playlist:
        self.asked.append(("read", url))
        answer = self.answers[url.rpartition("/")[2].rpartition("=")[2]]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def likes(self, url: str, limit: int | None) -> Playlist:
        self.asked.append(("likes", url, limit))
        return self.answers["likes"]

    def liked(self, limit: int | None) -> Playlist:
        self.asked.append(("liked", limit))
        return self.answers["liked"]


class Silence:
    """A budget that remembers for how long a service was silenced."""

    def __init__(self) -> None:
        self.blocked: list[float] = []

    def block(self, seconds: float) -> None:
        self.blocked.append(seconds)


def wiring(soundcloud=None, youtube=None, spotify=None):
    budgets = {name: Silence() for name in ("spotify", "soundcloud-api", "youtube")}
    return SimpleNamespace(soundcloud=soundcloud, youtube=youtube, spotify=spotify, budgets=budgets)


def classify(text: str) -> Source:
    (source,) = expand(text)
    return source


def read(world, text: str, limit: int | None = None) -> tuple[list[Playlist], list[str]]:
    said: list[str] = []
    return list(playlist.read(world, classify(text), limit=limit, say=said.append)), said


def test_a_path_that_exists_is_a_file_and_all_else_is_a_link(tmp_path, monkeypatch):
    # Given
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gig.txt").write_text("")

    # I expect
    assert classify("gig.txt").document.label == "gig.txt"
    assert classify(SET).link.url == SET
    assert classify("liked").link.platform is Platform.SPOTIFY


@pytest.mark.parametrize("text", ["nonsense", "", "missing.txt", "https://example.com/x", "\x00", "x" * 5000, "/dev/null/x.csv"])
def test_what_is_neither_is_said_in_a_sentence(text):
    with pytest.raises(errors.ConfigurationError) as refused:
        classify(text)
    assert len(str(refused.value)) < 400


def test_a_link_is_read_by_its_platform():
    # Given
    world = wiring(Reader(all=found(track(1))), Reader(aaaaaaaaaaa=found(track(2))))

    # I expect
    assert read(world, SET)[0][0].tracks[0].key == "soundcloud:tracks:1"
    assert read(world, VIDEO)[0][0].tracks[0].key == "soundcloud:tracks:2"


def test_likes_are_asked_for_no_more_than_are_wanted():
    # Given
    world = wiring(Reader(likes=found(track(1))), spotify=Reader(liked=found(track(1))))

    # When
    read(world, "https://soundcloud.com/lo/likes", 5)
    read(world, "liked", 7)

    # I expect
    assert world.soundcloud.asked == [("likes", "https://soundcloud.com/lo/likes", 5)]
    assert world.spotify.asked == [("liked", 7)]


@given(keys=st.lists(st.integers(0, 9), max_size=30), limit=st.integers(1, 12))
def test_a_limit_counts_distinct_tracks_and_keeps_order_and_repeats(keys, limit):
    # When
    cut = listing.first(found(*map(track, keys)), limit).tracks

    # I expect
    rows = found(*map(track, keys)).tracks
    assert cut == rows[: len(cut)]
    assert len({one.key for one in cut}) == min(limit, len(set(keys)))


def test_rows_that_are_no_tracks_are_said():
    # Given
    spotify = Listing(key="k", name="Mix", url="", platform=Platform.SPOTIFY, source_id="1", local=2, episodes=1)

    # When
    _, said = read(wiring(spotify=Reader(**{"37i9dQZF1DX4dyzvuaRJ0n": spotify})), "spotify:playlist:37i9dQZF1DX4dyzvuaRJ0n")

    # I expect
    assert said == ["Mix: 2 files on somebody's disk left out", "Mix: 1 podcast episodes left out"]


def test_a_platform_without_listings_says_what_to_do():
    with pytest.raises(errors.ConfigurationError, match="Beatport gives no listings"):
        read(wiring(), "https://www.beatport.com/track/x/8411962")


# Files of links


def test_a_file_of_links_is_one_playlist_named_after_it_and_its_playlists_stay_their_own(tmp_path):
    # Given
    path = tmp_path / "friday night.txt"
    path.write_text(
        f"# for friday\n{SET}\nhttps://soundcloud.com/ada/night\n{VIDEO} # closing\nnonsense\n{VIDEO}\n", encoding="utf-8-sig"
    )
    world = wiring(
        Reader(all=found(track(7)), night=found(track(1))), Reader(aaaaaaaaaaa=found(track(2, Platform.YOUTUBE), key="single:x"))
    )

    # When
    playlists, said = read(world, str(path))

    # I expect
    gathered, own = playlists
    assert gathered.name == "friday night"
    assert gathered.key.startswith("links:")
    assert [one.key for one in gathered.tracks] == ["soundcloud:tracks:1", "youtube:video:2"]
    assert [one.platform for one in gathered.tracks] == [Platform.SOUNDCLOUD, Platform.YOUTUBE]
    assert own.key == "soundcloud:playlists:1"
    assert len(said) == 1
    assert "line 5" in said[0]


def test_a_file_to_which_lines_are_added_stays_the_same_playlist_and_another_file_is_another(tmp_path):
    # Given
    world = wiring(youtube=Reader(aaaaaaaaaaa=found(track(1)), bbbbbbbbbbb=found(track(2))))
    one, two = tmp_path / "Friday.txt", tmp_path / "Saturday.txt"
    one.write_text(f"{VIDEO}\n")
    two.write_text(f"{VIDEO}\n")
    first, other = read(world, str(one))[0][0], read(world, str(two))[0][0]

    # When
    one.write_text(f"{VIDEO}\nhttps://youtu.be/bbbbbbbbbbb\n")
    longer = read(world, str(one))[0][0]

    # I expect
    assert first.key == longer.key != other.key


def test_a_track_that_is_gone_keeps_its_row_where_its_key_is_known(tmp_path):
    # Given
    path = tmp_path / "x.txt"
    path.write_text(f"{VIDEO}\nhttps://soundcloud.com/ada/night\nhttps://youtu.be/bbbbbbbbbbb\n")
    world = wiring(
        Reader(night=errors.NotFound("soundcloud-api", "404")),
        Reader(aaaaaaaaaaa=errors.Gone("youtube:video:aaaaaaaaaaa", "deleted"), bbbbbbbbbbb=found(track(2))),
    )

    # When
    (gathered,), said = read(world, str(path))

    # I expect
    assert [one.key for one in gathered.tracks] == ["youtube:video:aaaaaaaaaaa", "soundcloud:tracks:2"]
    assert gathered.tracks[0].availability is Availability.GONE
    assert said == ["x.txt, line 2: https://soundcloud.com/ada/night: soundcloud-api: 404; left out"]


def test_a_short_link_to_a_playlist_gives_a_playlist(tmp_path):
    # Given
    path = tmp_path / "x.txt"
    path.write_text("https://on.soundcloud.com/set\nhttps://on.soundcloud.com/one\n")
    one = found(track(9), key="single:soundcloud:tracks:9")
    # When
    (gathered, own), said = read(wiring(Reader(set=found(track(1), track(2)), one=one)), str(path))
    # I expect
    assert [one.key for one in gathered.tracks] == ["soundcloud:tracks:9"]
    assert (own.key, len(own.tracks), said) == ("soundcloud:playlists:1", 2, [])


def test_one_playlist_of_a_file_that_cannot_be_read_costs_no_other(tmp_path):
    # Given
    path = tmp_path / "x.txt"
    path.write_text(f"https://soundcloud.com/ada/sets/gone\n{SET}\n")
    world = wiring(Reader(gone=errors.NotFound("soundcloud-api", "404"), all=found(track(1))))
    # When
    said: list[str] = []
    reading = playlist.read(world, classify(str(path)), say=said.append)
    # I expect
    assert next(reading).key == "soundcloud:playlists:1"
    with pytest.raises(errors.NotFound):
        next(reading)
    assert said == ["x.txt, line 1: https://soundcloud.com/ada/sets/gone: soundcloud-api: 404; left out"]


def test_a_service_that_is_away_is_asked_once_and_the_links_of_others_are_taken(tmp_path):
    # Given
    path = tmp_path / "x.txt"
    path.write_text("https://youtu.be/aaaaaaaaaaa\nhttps://youtu.be/bbbbbbbbbbb\nhttps://soundcloud.com/ada/night\n")
    away = Reader(aaaaaaaaaaa=errors.CredentialsRefused("youtube", "401"))
    said: list[str] = []
    reading = playlist.read(wiring(Reader(night=found(track(1))), away), classify(str(path)), say=said.append)
    # I expect
    assert [one.key for one in next(reading).tracks] == ["soundcloud:tracks:1"]
    with pytest.raises(errors.CredentialsRefused):
        next(reading)
    assert [words.partition(": ")[0] for words in said] == ["x.txt, line 1", "x.txt, line 2"]
    assert len(away.asked) == 1


def test_a_file_of_which_nothing_is_left_makes_no_playlist(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("https://soundcloud.com/ada/night\nhttps://www.beatport.com/track/x/8411962\n")
    with pytest.raises(errors.ConfigurationError, match=r"x\.txt names no track"):
        read(wiring(Reader(night=errors.NotFound("soundcloud-api", "404"))), str(path))


@pytest.mark.parametrize("content", ["# nothing\n", "one\ntwo\n"])
def test_a_file_without_a_usable_link_is_refused(tmp_path, content):
    path = tmp_path / "x.txt"
    path.write_text(content)
    with pytest.raises(errors.ConfigurationError, match="no link that can be used"):
        read(wiring(), str(path))


@pytest.mark.parametrize(
    ("size", "sentence"), [(0, "is empty"), (5000, "is no text"), (document.LARGEST_BYTES + 1, "is no playlist")]
)
def test_what_is_no_text_is_not_read_as_one(tmp_path, size, sentence):
    path = tmp_path / "x.txt"
    with path.open("wb") as file:
        file.truncate(size)
    with pytest.raises(errors.ConfigurationError, match=rf"x\.txt.*{sentence}"):
        read(wiring(), str(path))


# Exported CSVs

EXPORTIFY = (
    '"Track URI","Track Name","Artist URI(s)","Artist Name(s)","Album Name","Track Duration (ms)","ISRC","Album Image URL"\n'
    '"spotify:track:4uLU6hMCjMI75M1A2tKUQC","Night, ""Again""","a;b","Ada;Bo","First","213573","GB-ARL-93-00135","https://i.example/1"\n'
    '"spotify:local:::x:1","On my disk","","","","1","",""\n'
)
TUNEMYMUSIC = (
    "Track name;Artist name;Album;Playlist name;Type;ISRC;Spotify - id\n"
    "Night;Ada;First;Mix;Playlist;GBARL9300135;4uLU6hMCjMI75M1A2tKUQC\n"
)


@pytest.mark.parametrize(
    "text", [EXPORTIFY, TUNEMYMUSIC, "\ufeff" + EXPORTIFY.replace("\n", "\r\n"), EXPORTIFY.replace('","', '"\t"')]
)
def test_exports_of_several_makers_are_read(tmp_path, text):
    # Given
    path = tmp_path / "their mix.csv"
    path.write_bytes(text.encode())

    # When
    (mix,), said = read(wiring(), str(path))

    # I expect
    assert mix.name == ("Mix" if "Playlist name" in text else "their mix")
    assert mix.platform is Platform.SPOTIFY
    (one,) = mix.tracks
    assert one.key == "spotify:track:4uLU6hMCjMI75M1A2tKUQC"
    assert one.title.startswith("Night")
    assert one.artist in {"Ada", "Ada, Bo"}
    assert one.isrc == "GBARL9300135"
    assert one.availability is Availability.ELSEWHERE
    assert one.duration in {None, 213.573}
    assert len(said) == (1 if "local" in text else 0)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Track URI,Track Name\n", "Track URI,Track Name\nx,y\n"])
def test_a_csv_of_something_else_is_refused(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(errors.ConfigurationError):
        read(wiring(), str(path))


# Patience


def test_what_passes_is_waited_out():
    # Given
    faults = iter(
        [
            errors.BudgetSpent("spotify", 3),
            errors.Throttled("spotify", "429", 7),
            errors.Unavailable("spotify", "502"),
            errors.Unavailable("spotify", "502"),
        ]
    )
    rests: list[float] = []
    world = wiring()

    def ask() -> str:
        for fault in faults:
            raise fault
        return "read"

    # When
    answer = patience.patiently(world, ask, lambda _: None, sleep=rests.append)

    # I expect
    assert answer == "read"
    assert rests == [3, 7, 1, 2]
    assert world.budgets["spotify"].blocked == [7]


@pytest.mark.parametrize(
    ("error", "rests"),
    [
        (errors.Unavailable("spotify", "502"), [1, 2, 4]),
        (errors.Throttled("spotify", "429", 86400), []),
        (errors.CredentialsRefused("spotify", "401"), []),
        (errors.NotFound("spotify", "404"), []),
    ],
)
def test_what_does_not_pass_is_an_answer(error, rests):
    # Given
    rested: list[float] = []

    def ask() -> None:
        raise error

    # I expect
    with pytest.raises(type(error)):
        patience.patiently(wiring(), ask, lambda _: None, sleep=rested.append)
    assert rested == rests


def test_a_long_silence_holds_for_everybody():
    # Given
    world = wiring()

    def ask() -> None:
        raise errors.Throttled("spotify", "429", 86400)

    # When
    with pytest.raises(errors.Throttled):
        patience.patiently(world, ask, lambda _: None)

    # I expect
    assert world.budgets["spotify"].blocked == [86400]


# Checks


@pytest.fixture
def settings(clean_environment, tmp_path) -> Settings:
    return Settings(notion_token="t", tracks_db_id="d", media_root=tmp_path / "not" / "there")


@pytest.mark.parametrize(("missing", "named"), [({"notion_token": ""}, "NOTION_TOKEN"), ({"tracks_db_id": ""}, "TRACKS_DB_ID")])
def test_a_missing_setting_is_named_with_what_to_do(clean_environment, missing, named):
    known = Settings(**{"notion_token": "t", "tracks_db_id": "d", **missing})
    with pytest.raises(errors.ConfigurationError, match=named):
        checks.settings_complete(known)


def test_spotify_needs_its_application_and_nothing_else_does(settings):
    with pytest.raises(errors.ConfigurationError, match="SPOTIPY_CLIENT_ID"):
        checks.credentials(settings, classify("liked"))
    checks.credentials(settings, classify(SET))
    checks.credentials(settings.model_copy(update={"spotipy_client_id": "x"}), classify("liked"))


def test_a_full_disk_is_seen_before_anything_is_enqueued(settings):
    with pytest.raises(errors.ServiceStopped) as stopped:
        checks.disk_space(settings.model_copy(update={"minimum_free_gib": 1e9}))
    assert stopped.value.service == "disk"
    assert "MINIMUM_FREE_GIB" in stopped.value.remedy
    checks.disk_space(settings.model_copy(update={"minimum_free_gib": 0}))
    assert not settings.media_root.exists()


def test_a_playlist_of_one_platform_keeps_it(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text(VIDEO)
    (only,), _ = read(wiring(youtube=Reader(aaaaaaaaaaa=replace(found(track(1, Platform.YOUTUBE))))), str(path))
    assert only.platform is Platform.YOUTUBE

"""Worlds as other people have them: their settings, their databases, their names for things."""

from dataclasses import dataclass, replace

import mutagen
import pytest

from crateline.sandbox import outside
from crateline.sandbox.catalogue import End, Fate, SoundCloudTrack, World
from crateline.sandbox.notion import tables

pytestmark = [
    pytest.mark.real("redis"),
    pytest.mark.real("ffmpeg"),
    pytest.mark.real("essentia"),
    pytest.mark.timeout(600),
    pytest.mark.thorough,
]


def test_a_notion_without_proxy_ids_without_dashes_and_the_users_redis(enter, external_redis, tmp_path_factory):
    # Given a machine on which nothing is as in the other tests
    home, temporary = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("temporary")
    own = {"REDIS_URL": external_redis.url, "NO_PROXY": None, "HOME": str(home), "TMPDIR": str(temporary)}
    tester = enter(environment=own)
    tester.environment["NOTION_BASE_URL"] = tester.world.addresses["notion"]
    for name in ("TRACKS_DB_ID", "PLAYLISTS_DB_ID"):
        tester.environment[name] = tester.environment[name].replace("-", "")
    # When
    tester.up()
    key = tester.enqueue()["key"]
    tester.until_finished(key)
    # I expect the same end, no Redis of our own, and nothing left anywhere else
    tester.expect_the_end_state(key)
    tester.expect_none_failed(key)
    assert not (tester.folder / "state" / "redis").exists()
    tester.stop()
    assert not [path for folder in (home, temporary) for path in folder.rglob("*") if path.is_file()]


def test_no_database_of_playlists(enter):
    # Given
    tester = enter(environment={"PLAYLISTS_DB_ID": ""})
    # When
    tester.up()
    key = tester.enqueue()["key"]
    tester.until_finished(key)
    # I expect each playable track to be complete, with the playlist's name in words
    tester.expect_none_failed(key)
    done = [row for row in tester.tracks(key).values() if row["state"] == "done" and row["files"]]
    pages = {page["properties"]["Source ID"]: page["properties"] for page in tester.pages()}
    assert done
    for row in done:
        assert pages[row["key"]]["Status"] == "Complete"
        assert pages[row["key"]]["Playlist"] == "Warehouse Selection"


OTHER_TYPES = {
    "Key": {"select": {"options": [{"name": "Am", "color": "red"}]}},
    "Status": {"select": {"options": []}},
    "BPM": {"rich_text": {}},
    "Duration": {"rich_text": {}},
    "Downloaded": {"select": {"options": []}},
    "Processed": {"rich_text": {}},
    "SoundCloud URL": {"rich_text": {}},
    "Source Platform": {"multi_select": {"options": []}},
    "Source ID": {"url": {}},
    "Eagle ID": {"select": {"options": []}},
}


def retype(tester, columns):
    state = tester.world.notion
    with state.lock:
        database = state.databases[tester.environment["TRACKS_DB_ID"]]
        tables.update_columns(state, state.data_sources[database.data_sources[0]], columns)


def test_a_tracks_database_whose_properties_have_other_types(enter):
    # Given
    tester = enter(apply=False)
    retype(tester, OTHER_TYPES)
    tester.crateline("schema", "apply", "--json")
    # When
    tester.up()
    key = tester.enqueue()["key"]
    tester.until_finished(key)
    # I expect
    tester.expect_the_end_state(key)
    tester.expect_none_failed(key)


def test_a_tracks_database_whose_artist_is_a_relation(enter):
    # Given artists as pages of their own, one of them there already, and a track page from before crateline
    tester = enter(apply=False)
    artists = tester.environment["ARTISTS_DB_ID"]
    state = tester.world.notion
    target = state.databases[artists].data_sources[0]
    both_ways = {"data_source_id": target, "type": "dual_property", "dual_property": {}}
    retype(tester, {"Artist": {"relation": both_ways}})
    known = next(t for t in tester.world.world.soundcloud if t.id in tester.world.world.main.track_ids and t.artist)
    tester.notion("rows", database=artists, rows=[{"Name": known.artist}])
    made = tester.notion(
        "rows",
        database=tester.environment["TRACKS_DB_ID"],
        rows=[{"Name": known.title, "SoundCloud URL": f"{known.url}?utm_source=mobi"}],
    )
    tester.crateline("schema", "apply", "--json")
    # When
    tester.up()
    key = tester.enqueue()["key"]
    tester.until_finished(key)
    # I expect one page per artist, each track related to its own, and the old page adopted
    tester.expect_the_end_state(key)
    tester.expect_none_failed(key)
    rows = {page["properties"]["Source ID"]: page for page in tester.pages()}
    assert rows[known.key]["id"] == made["ids"][0]
    names = [row["properties"]["Name"] for row in tester.rows("Artists")]
    assert len(names) == len({name.casefold() for name in names}), names
    complete = [page["properties"] for page in tester.pages() if page["properties"]["Status"] == "Complete"]
    assert all(says["Artist"] for says in complete)


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt(SoundCloudTrack):
    """A track of 200 seconds whose media end after a few, though all that is said of it sounds like the whole."""

    @property
    def full_duration(self):
        return 200.0

    @property
    def duration(self):
        return 200.0


def test_a_silent_preview_is_never_taken_for_the_track(enter, monkeypatch):
    # Given media that end early without a word
    def with_excerpts(**options):
        world = World.build(**options)
        silent = [t for t in world.soundcloud if t.id in world.main.track_ids and t.fate is Fate.PLAYABLE][:2]
        changed = [
            Excerpt(**{name: getattr(t, name) for name in SoundCloudTrack.__slots__}) if t in silent else t
            for t in world.soundcloud
        ]
        monkeypatch.setattr(outside, "silent", {t.key for t in silent}, raising=False)
        return replace(world, soundcloud=tuple(changed))

    monkeypatch.setattr(outside, "World", type("Changed", (), {"build": staticmethod(with_excerpts)}))
    tester = enter(tracks=6)
    # When
    tester.up()
    key = tester.enqueue()["key"]
    tester.until_finished(key)
    # I expect them to be refused, saying why, without a file
    rows = tester.tracks(key)
    for track in outside.silent:
        assert rows[track]["state"] in ("refused", "review"), rows[track]
        assert "seconds were offered" in rows[track]["reason"]
        assert not rows[track]["files"]
    tester.expect_none_failed(key)


NAMES = (
    ("\0Null\0", "A\0rtist"),
    ("x" * 5000, "y" * 3000),
    ("\u202eevil\u202c שלום العربية", "\u202eabc"),
    ("🔥🔥🔥", "👩\u200d👩\u200d👧"),
    ("..", "."),
    ("CON", ""),
    ("Same Name", "Somebody"),
    ("SAME NAME", "SOMEBODY"),
    ("Twin", "Equal"),
    ("Twin", "Equal"),
    ("", ""),
    ("../../../../tmp/escape", "/etc"),
    ("a\nb\tc\r\nd", "e\x1b[31mf"),
    ("trailing dot.", "trailing space "),
    ("=cmd|' /C calc'!A0", "<script>alert(1)</script>"),
    ("-rf *", "$(reboot)"),
    ("comma, comma", "a, b, c"),
    ("%2e%2e%2f", "\\\\server\\share"),
)


@pytest.mark.parametrize("playlist", ["../../x", "", "CON"])
def test_hostile_names_stay_names(enter, monkeypatch, playlist):
    # Given a set in which everything has a hostile name
    def hostile(**options):
        world = World.build(**options)
        tracks = [t for t in world.soundcloud if t.id in world.main.track_ids and t.fate is Fate.PLAYABLE]
        ends = {e.key: e.end for e in world.expected()}
        unique = list({t.recording.id: t for t in tracks if ends[t.key] is End.DONE}.values())[: len(NAMES)]
        assert len(unique) == len(NAMES)
        named = {
            t.id: replace(t, title=title, artist=artist, permalink=f"number-{t.id}")
            for t, (title, artist) in zip(unique, NAMES, strict=True)
        }
        bad = replace(world.main, title=playlist, track_ids=tuple(named))
        return replace(
            world,
            soundcloud=tuple(named.get(t.id, t) for t in world.soundcloud),
            soundcloud_sets=(bad, *world.soundcloud_sets[1:]),
            ends=dict(enumerate(e for e in world.expected() if e.key in {t.key for t in named.values()})),
        )

    monkeypatch.setattr(outside, "World", type("Changed", (), {"build": staticmethod(hostile)}))
    tester = enter(tracks=44, eagle_v2=False)
    # When
    tester.up()
    key = tester.enqueue()["key"]
    tester.until_finished(key)
    # I expect every track to be done, with one page, one item and one file of its own inside OUT_DIR
    rows = tester.tracks(key)
    assert {row["state"] for row in rows.values()} == {"done"}, [row for row in rows.values() if row["state"] != "done"]
    assert len(tester.pages()) == len(NAMES)
    assert len(tester.items()) == len(NAMES)
    files = [row["files"][0] for row in rows.values()]
    assert len({name.casefold() for name in files}) == len(NAMES)
    music = tester.folder / "music"
    assert sorted(files) == sorted(str(path) for path in music.rglob("*") if path.is_file())
    assert len({path.parent for path in music.rglob("*.m4a")}) == 1
    for name in files:
        tags = mutagen.File(name)
        assert tags["\xa9nam"][0].strip()
        assert tags["tmpo"][0] > 0
    tester._expect_no_stray_files()

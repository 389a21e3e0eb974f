"""A doubtful match beside the track's own excerpt: what sounds like it is taken, what does not is asked about."""

import json
from dataclasses import dataclass, field

import httpx
import numpy as np
import pytest

from crateline.domain.track import Availability, Candidate, Platform
from crateline.durable.ledger import as_fields
from crateline.durable.store import digest_of
from crateline.errors import Gone
from crateline.messages import Hint, Station
from crateline.sandbox import outside as outside_world
from crateline.sandbox.catalogue import Fate
from givens.heard import ANALYSIS
from tasks import excerpt, hearing, outcomes, station
from tasks.elsewhere import find_elsewhere

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg")]

KEY = "soundcloud:tracks:1"
WISH = {"title": "Amber Avenue", "artist": "Marlo Arendt", "duration": 240.0, "availability": Availability.PREVIEW}


def sound(differing: float = 0.0, items: int = 900) -> bytes:
    """A print; from the plain one a share of the bits differs."""
    numbers = np.random.default_rng(1).integers(0, 1 << 32, items, dtype=np.uint64).astype("<u4")
    flips = np.packbits(np.random.default_rng(99).random((items, 32)) < differing, axis=1).view("<u4").ravel()
    return (numbers ^ flips).tobytes()


def video(name: str, **fields) -> Candidate:
    plain = {
        "title": "Marlo Arendt - Amber Avenues",
        "artist": "",
        "channel": "Warehouse Tapes",
        "url": f"https://www.youtube.com/watch?v={name}",
        "platform": Platform.YOUTUBE,
        "duration": 240.0,
    }
    return Candidate(**{"id": name, **plain, **fields})


SURE = {"title": "Marlo Arendt - Amber Avenue", "duration": 246.0}
"""Words that are accepted, of an upload that is a little longer: only just."""


@dataclass
class Searcher:
    found: tuple[Candidate, ...] = ()

    def search(self, query: str, limit: int = 5) -> tuple[Candidate, ...]:
        return self.found[:limit]


@dataclass
class Match:
    """A track of which its source gives an excerpt, and what is found of it elsewhere, with the sound of each."""

    line: object
    youtube: Searcher = field(default_factory=Searcher)
    sounds: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def offers(self, *found: Candidate, **sounds: bytes) -> None:
        self.youtube.found, self.sounds = found, sounds

    def run(self) -> str:
        def look(job: station.Job) -> outcomes.Outcome:
            return find_elsewhere(job, job.item.track, "only a preview is offered", self.fetch)

        return station.run(Hint(station=Station.DOWNLOAD, key=KEY), look, services=())

    def fetch(self, _job, url, _seconds, facts, *, promised, check=None) -> outcomes.Outcome:
        assert promised
        name = url.rpartition("=")[2]
        self.fetched.append(name)
        if name in self.gone:
            raise Gone(KEY, "it is private")
        path = self.line.wiring.store.folder("originals", KEY) / name
        path.write_bytes(name.encode())
        heard = {**ANALYSIS.to_json(), "fingerprint": self.sounds.get(name, b"").hex()}
        self.line.wiring.store.keep_memo("analyses", f"{digest_of(path)}-{hearing.RECIPE}-{hearing.ESSENTIA}", heard)
        if check is not None:
            check(path)
        return outcomes.Sealed(fields=as_fields(Station.DOWNLOAD, facts))

    @property
    def result(self) -> dict:
        return self.line.item(KEY).result(Station.DOWNLOAD)

    def shown(self) -> dict[str, dict]:
        return {one["id"]: one["features"] for one in json.loads(self.line.item(KEY).fields["candidates"])}


@pytest.fixture
def match(line, make_track):
    line.enqueue(make_track(1, **WISH), page=False)
    line.wiring.store.keep_memo(excerpt.KIND, KEY, {"raw": sound()[: 4 * 242].hex()})
    made = Match(line)
    line.wiring._local.youtube, line.wiring._local.soundcloud = made.youtube, Searcher()
    return made


def test_a_doubtful_match_that_holds_the_excerpt_is_taken(match):
    # Given words that nobody can be sure of
    match.offers(video("one"), one=sound(0.03))
    # When
    assert match.run() == "sealed"
    # I expect what proves it to be remembered
    assert (match.result["match"], match.result["proof"]) == ("one", "the track's own excerpt")
    assert 0.65 <= match.result["score"] < 0.85


@pytest.mark.parametrize(
    ("differing", "likeness", "said"),
    [
        (0.15, "akin", "it may hold the track's own excerpt"),
        (0.45, "different", "the track's own excerpt sounds different"),
    ],
)
def test_one_that_does_not_is_asked_about_with_what_was_heard(match, differing, likeness, said):
    # Given
    match.offers(video("one"), one=sound(differing))
    # When
    assert match.run() == "ended"
    # I expect
    features = match.shown()["one"]
    assert match.line.item(KEY).verdict == "review"
    assert features["excerpt"]["likeness"] == likeness
    assert features["excerpt"]["distance"] == pytest.approx(differing, abs=0.03)
    assert said in features["reasons"]
    # And nothing to be fetched for it again
    match.line.wiring.rework.reopen(match.line.item(KEY))
    assert match.run() == "ended"
    assert match.fetched == ["one"]


def test_of_two_that_are_in_doubt_the_one_that_holds_it_is_taken(match):
    match.offers(video("one"), video("two"), video("three"), one=sound(0.45), two=sound(0.02))
    assert match.run() == "sealed"
    assert match.fetched == ["one", "two"]
    assert match.result["match"] == "two"


def test_no_more_than_two_are_fetched_to_be_compared(match):
    match.offers(*map(video, ("one", "two", "three")), one=sound(0.45), two=sound(0.45), three=sound())
    assert match.run() == "ended"
    assert match.fetched == ["one", "two"]
    assert ["excerpt" in features for features in match.shown().values()] == [True, True, False]


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Marlo Arendt - Amber Avenue (Extended Mix)", "duration": 246.0},
        {"title": "Marlo Arendt - Amber Avenue (Chorale)"},
        {"title": "Marlo Arendt - Amber Avenue Part 2"},
        {"title": "Marlo Arendt - Amber Avenues", "duration": 247.0},
        {"title": "Marlo Arendt - Amber Avenues", "duration": None},
        {"title": "Marlo Arendt - Amber Avenue (Live)"},
    ],
    ids=["another mix", "a word that may be a version", "a number", "another length", "no length", "a concert"],
)
def test_doubts_about_the_version_or_the_length_are_not_ended_by_a_sound(match, other):
    # Given what opens like the recording, as its other versions do
    match.offers(video("one", **other), one=sound())
    # When
    assert match.run() == "ended"
    # I expect it not even to be fetched
    assert match.fetched == []


def test_a_match_that_is_only_just_sure_is_asked_about_if_it_sounds_different(match):
    # Given
    match.offers(video("one", **SURE), one=sound(0.45))
    # When
    assert match.run() == "ended"
    # I expect
    assert (match.line.item(KEY).verdict, match.fetched) == ("review", ["one"])
    assert "the track's own excerpt sounds different" in match.shown()["one"]["reasons"]


@pytest.mark.parametrize("differing", [0.02, 0.15])
def test_a_match_that_is_only_just_sure_is_taken_unless_it_sounds_different(match, differing):
    match.offers(video("one", **SURE), one=sound(differing))
    assert match.run() == "sealed"
    assert "proof" not in match.result


def test_a_sure_match_is_not_compared(match):
    # Given a catalogue's upload
    match.offers(video("one", title="Amber Avenue", artist="Marlo Arendt", channel="Marlo Arendt - Topic", topic=True))
    # I expect
    assert match.run() == "sealed"
    assert match.line.item(KEY).fields.get(excerpt.HEARD) is None


def test_a_doubtful_match_that_is_gone_makes_room_for_the_next(match):
    # Given
    match.offers(video("one"), video("two"), two=sound(0.02))
    match.gone = {"one"}
    # When
    assert match.run() == "sealed"
    # I expect
    assert match.fetched == ["one", "two"]
    assert json.loads(match.line.item(KEY).fields["rejected"]) == ["one"]


def test_what_was_heard_before_a_kill_is_not_fetched_for_it_again(match):
    # Given a worker that died after it had compared the first
    match.offers(video("one"), video("two"), one=sound(0.45), two=sound(0.02))
    match.line.set(KEY, **{excerpt.HEARD: json.dumps({"one": {"likeness": "different", "distance": 0.45}})})
    # When
    assert match.run() == "sealed"
    # I expect
    assert match.fetched == ["two"]


@pytest.mark.parametrize("raw", [b"", b"\0" * 4 * 242], ids=["none to be had", "a held tone"])
def test_an_excerpt_that_says_nothing_changes_nothing(match, raw):
    match.line.wiring.store.keep_memo(excerpt.KIND, KEY, {"raw": raw.hex()})
    match.offers(video("one"), one=sound())
    assert match.run() == "ended"
    assert (match.line.item(KEY).verdict, match.fetched) == ("review", [])


# With SoundCloud, YouTube and ears


@pytest.fixture
def abroad(tmp_path, clean_environment):
    """A world of recordings that are long enough to have an excerpt worth hearing. Ask for it before the line."""
    with outside_world.run(folder=tmp_path / "outside", tracks=12, seconds=(24, 24.5)) as world:
        for name in ("HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
            clean_environment.setenv(name, world.environment[name])
        yield world


@pytest.mark.real("essentia")
def test_a_real_excerpt_tells_the_recording_from_another_of_its_length(abroad, line):
    # Given a preview, a video of its recording and one of another, and words that could be either's
    world = abroad.world
    videos = {one.recording.id: one for one in world.youtube if not one.gone}
    own = next(t for t in world.soundcloud if t.fate is Fate.PREVIEW and t.recording.id in videos)
    twin = videos.pop(own.recording.id)
    stranger = next(one for one in videos.values() if abs(one.duration - own.full_duration) < 2)
    row = next(t for t in line.wiring.soundcloud.read(world.main.url).tracks if t.key == own.key)
    line.enqueue(row, page=False)
    found = [
        video(one.id, title=f"{row.artist} - {row.title}s", duration=one.duration, channel="Warehouse Tapes")
        for one in (stranger, twin)
    ]
    line.wiring._local.youtube, line.wiring._local.soundcloud = Searcher(tuple(found)), Searcher()
    # When
    assert line.run(Station.DOWNLOAD, own.key) == "sealed"
    # I expect
    result, heard = line.item(own.key).result(Station.DOWNLOAD), json.loads(line.item(own.key).fields[excerpt.HEARD])
    assert (result["match"], result["proof"]) == (twin.id, "the track's own excerpt")
    assert (heard[stranger.id]["likeness"], heard[twin.id]["likeness"]) == ("different", "same")
    # And the excerpt to be fetched once, and nothing of it to be kept but what it sounds like
    assert not list(line.wiring.store.folder("originals", own.key).glob("excerpt*"))
    stats = httpx.get(f"{abroad.addresses['soundcloud']}/_sandbox/stats", trust_env=False).json()
    assert stats["downloads"] == {str(own.id): 1}


@pytest.mark.parametrize("fate", [Fate.DRM, Fate.PLAYABLE])
def test_an_excerpt_that_is_not_offered_any_more_leaves_the_question(abroad, line, make_track, fate):
    # Given a track that was listed as a preview, and is something else by now
    other = next(t for t in abroad.world.soundcloud if t.fate is fate)
    line.enqueue(make_track(1, **WISH, url=other.url), page=False)
    line.wiring._local.youtube, line.wiring._local.soundcloud = Searcher((video("one"),)), Searcher()
    # When
    assert line.run(Station.DOWNLOAD, KEY) == "ended"
    # I expect
    assert line.item(KEY).verdict == "review"
    assert line.wiring.store.memo(excerpt.KIND, KEY) == {"raw": ""}

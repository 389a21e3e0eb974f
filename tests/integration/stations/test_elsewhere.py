"""Looking for a recording elsewhere: the best match, a question, or a refusal that says why."""

import json
from dataclasses import dataclass, field

import pytest

from crateline.domain.track import Availability, Candidate, Platform
from crateline.durable.answers import Answers
from crateline.durable.ledger import as_fields
from crateline.errors import Preview, ServiceStopped, Unavailable
from crateline.messages import Hint, Station
from tasks import outcomes, review, station
from tasks.elsewhere import find_elsewhere

pytestmark = pytest.mark.real("redis")

KEY = "soundcloud:tracks:1"
GIVEN = {"title": "Amber Avenue", "artist": "Marlo Arendt", "duration": 240.0}


def video(number: int, **fields) -> Candidate:
    plain = {
        "id": f"video{number}",
        "title": "Marlo Arendt - Amber Avenue",
        "artist": "",
        "channel": "Marlo Arendt",
        "url": f"https://www.youtube.com/watch?v=video{number}",
        "platform": Platform.YOUTUBE,
        "duration": 240.0,
    }
    return Candidate(**(plain | fields))


@dataclass
class Searcher:
    """A platform that finds the same for every question."""

    found: tuple[Candidate, ...] = ()
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    def search(self, query: str, limit: int = 5) -> tuple[Candidate, ...]:
        self.asked.append(query)
        if self.error:
            raise self.error
        return self.found[:limit]


@dataclass
class Search:
    """A track whose own source does not give it, and what the two platforms find."""

    line: object
    youtube: Searcher = field(default_factory=Searcher)
    soundcloud: Searcher = field(default_factory=Searcher)
    broken: set[str] = field(default_factory=set)
    fetched: list[tuple[str, float | None, dict]] = field(default_factory=list)
    promised: list[float | None] = field(default_factory=list)

    def run(self) -> str:
        def look(job: station.Job) -> outcomes.Outcome:
            return find_elsewhere(job, job.item.track, "offered under DRM only", self.fetch)

        return station.run(Hint(station=Station.DOWNLOAD, key=KEY), look, services=())

    def fetch(self, _job, url, seconds, facts, *, promised, check=None) -> outcomes.Outcome:
        assert check is None
        self.fetched.append((url, seconds, facts))
        self.promised.append(promised)
        if url in self.broken:
            raise Preview(KEY, "only 30 of 240 seconds were offered")
        return outcomes.Sealed(fields=as_fields(Station.DOWNLOAD, facts))


@pytest.fixture
def search(line, make_track):
    line.enqueue(make_track(1, **GIVEN), page=False)
    made = Search(line)
    line.wiring._local.youtube, line.wiring._local.soundcloud = made.youtube, made.soundcloud
    return made


def test_the_best_match_is_fetched_and_remembered_for_what_it_is(search, line):
    # Given
    search.youtube.found = (video(1, title="Marlo Arendt - Amber Avenue (Live)"), video(2))
    # When
    assert search.run() == "sealed"
    # I expect the track's own length to be asked for
    result = line.item(KEY).result(Station.DOWNLOAD)
    assert (result["provider"], result["matched"], result["match"]) == ("YouTube", True, "video2")
    assert 0.85 <= result["score"] <= 1
    assert search.fetched == [("https://www.youtube.com/watch?v=video2", 240.0, result)]


def test_a_sure_match_ends_the_search(search):
    # Given
    search.youtube.found = (video(1, artist="Marlo Arendt", title="Amber Avenue", channel="Marlo Arendt - Topic", topic=True),)
    # When
    assert search.run() == "sealed"
    # I expect one question
    assert (len(search.youtube.asked), search.soundcloud.asked) == (1, [])


def test_every_question_is_asked_before_a_track_is_refused(search, line):
    # When nothing is found
    assert search.run() == "ended"
    # I expect
    assert len(search.youtube.asked) > 1
    assert search.soundcloud.asked == search.youtube.asked
    item = line.item(KEY)
    assert (item.verdict, item.reason) == ("refused", "offered under DRM only; no match was found elsewhere")
    assert line.sent(Station.FINALISE) == [KEY]


def test_a_match_that_does_not_give_the_whole_recording_makes_room_for_the_next(search, line):
    # Given two uploads of the recording, the first of them cut
    search.youtube.found = (video(1), video(2, title="Marlo Arendt - Amber Avenue [HQ]"))
    search.broken = {video(1).url}
    # When
    assert search.run() == "sealed"
    # I expect
    assert [url for url, _, _ in search.fetched] == [video(1).url, video(2).url]
    assert line.item(KEY).result(Station.DOWNLOAD)["match"] == "video2"


def test_what_was_fetched_in_vain_is_not_fetched_again(search, line):
    # Given a match that was cut, and a service that stops before the next one is fetched
    search.youtube.found = (video(1),)
    search.broken = {video(1).url}
    assert search.run() == "ended"
    assert json.loads(line.item(KEY).fields["rejected"]) == ["video1"]
    # When the track is looked for again
    line.forget(KEY, "verdict", "reason", "at")
    assert search.run() == "ended"
    # I expect
    assert len(search.fetched) == 1


@pytest.mark.parametrize(("listed", "promised"), [(243.0, 243.0), (None, 240.0)])
def test_a_match_must_be_as_long_as_its_search_said_or_as_the_track(search, listed, promised):
    search.youtube.found = (video(1, duration=listed, artist="Marlo Arendt", title="Amber Avenue", topic=True),)
    assert search.run() == "sealed"
    assert search.promised == [promised]


def test_when_no_match_gives_the_whole_recording_the_track_is_refused(search, line):
    search.youtube.found = (video(1), video(2))
    search.broken = {video(1).url, video(2).url}
    assert search.run() == "ended"
    assert line.item(KEY).verdict == "refused"
    assert len(search.fetched) == 2


def test_a_doubtful_match_is_a_question_with_what_speaks_for_it(search, line):
    # Given an upload that is eleven seconds longer
    search.youtube.found = (video(1, duration=251.0, channel="Warehouse Tapes"),)
    # When
    assert search.run() == "ended"
    # I expect
    item = line.item(KEY)
    assert (item.verdict, item.fields["kind"]) == ("review", "source")
    assert item.reason == "offered under DRM only; a doubtful match waits for you"
    shown = json.loads(item.fields["candidates"])
    assert [one["id"] for one in shown] == ["video1"]
    assert shown[0]["url"] == video(1).url
    assert 0.65 <= shown[0]["score"] < 0.92
    assert (shown[0]["channel"], shown[0]["platform"], shown[0]["duration"]) == ("Warehouse Tapes", "YouTube", 251)
    assert shown[0]["features"]["gap"] == 11
    assert {"title", "artist", "duration", "version", "penalties", "reasons"} <= set(shown[0]["features"])
    assert search.fetched == []


def test_what_a_person_has_rejected_is_not_asked_again(search, line):
    # Given
    search.youtube.found = (video(1, duration=251.0, channel="Warehouse Tapes"),)
    assert search.run() == "ended"
    line.wiring.rework.reopen(line.item(KEY))
    line.set(KEY, rejected=json.dumps(["video1"]))
    # When
    assert search.run() == "ended"
    # I expect
    assert line.item(KEY).verdict == "refused"


def test_what_a_person_has_accepted_is_fetched_without_a_search(search, line):
    # Given a doubtful match, and a person who says that it is the track
    search.youtube.found = (video(1, duration=251.0, channel="Warehouse Tapes"),)
    assert search.run() == "ended"
    asked = len(search.youtube.asked)
    review.accept(line.wiring, KEY, "video1")
    # When
    assert search.run() == "sealed"
    # I expect its own length to be asked for
    assert search.fetched == [(video(1).url, 251.0, line.item(KEY).result(Station.DOWNLOAD))]
    assert search.promised == [251.0]
    assert len(search.youtube.asked) == asked


def test_when_what_a_person_has_accepted_is_gone_the_search_goes_on(search, line):
    # Given
    search.youtube.found = (video(1, duration=255.0), video(2, duration=255.0))
    assert search.run() == "ended"
    review.accept(line.wiring, KEY, "video1")
    search.broken = {video(1).url}
    # When
    assert search.run() == "ended"
    # I expect the other to be asked about, and the first no more
    assert [one["id"] for one in json.loads(line.item(KEY).fields["candidates"])] == ["video2"]


def test_of_several_sources_that_a_person_has_accepted_the_last_one_that_is_there_is_taken(search, line):
    # Given three sources, and after them an answer about a page; the newest source is gone
    answers = Answers(line.wiring.store)
    for number in (1, 2, 3):
        details = {"url": video(number).url, "platform": "YouTube", "duration": 240.0 + number}
        answers.accept(KEY, f"video{number}", details)
    answers.accept(KEY, "0" * 32)
    search.broken = {video(3).url}
    # When
    assert search.run() == "sealed"
    # I expect them to be tried in the order of the answers, and nothing to be searched
    assert [(url, seconds) for url, seconds, _ in search.fetched] == [(video(3).url, 243.0), (video(2).url, 242.0)]
    assert search.youtube.asked == []
    assert line.item(KEY).result(Station.DOWNLOAD)["match"] == "video2"


def test_an_answer_about_a_page_is_none_about_a_source(search, line):
    # Given
    Answers(line.wiring.store).accept(KEY, "0" * 32, {"id": "0" * 32, "title": "Amber Avenue", "features": {}})
    search.youtube.found = (video(2),)
    # I expect
    assert search.run() == "sealed"
    assert line.item(KEY).result(Station.DOWNLOAD)["match"] == "video2"


def test_what_a_person_has_rejected_stays_rejected_when_everything_else_is_forgotten(search, line):
    # Given
    search.youtube.found = (video(1, duration=251.0, channel="Warehouse Tapes"),)
    assert search.run() == "ended"
    review.reject(line.wiring, KEY)
    # When
    assert search.run() == "ended"
    # I expect
    assert line.item(KEY).verdict == "refused"


@pytest.mark.parametrize(
    "other",
    [
        video(1, title="Somebody Else - Other Song", channel="Somebody Else"),
        video(1, title="Marlo Arendt - Amber Avenue (Soren Vale Remix)"),
        video(1, availability=Availability.PREVIEW),
        video(1, duration=30.0),
    ],
    ids=["another song", "a remix", "a preview", "an excerpt"],
)
def test_what_is_not_the_recording_is_not_fetched(search, line, other):
    search.youtube.found = (other,)
    assert search.run() == "ended"
    assert search.fetched == []
    assert line.item(KEY).verdict in ("refused", "review")


def test_the_track_itself_is_no_match_for_itself(search, line):
    # Given a search that finds the protected upload again
    own = video(1, id="1", platform=Platform.SOUNDCLOUD, url="https://soundcloud.com/artist/1")
    search.soundcloud.found = (own,)
    # When
    assert search.run() == "ended"
    # I expect
    assert (search.fetched, line.item(KEY).verdict) == ([], "refused")


def test_a_row_of_which_nothing_is_known_is_not_looked_for(search, line, make_track):
    # Given
    line.set(KEY, card=json.dumps({"key": KEY, "platform": "SoundCloud", "availability": "gone"}))
    # When
    assert search.run() == "ended"
    # I expect
    assert search.youtube.asked == []
    assert line.item(KEY).reason == "offered under DRM only"


def test_a_search_that_fails_is_no_refusal(search, line):
    # Given
    search.youtube.error = Unavailable("youtube", "503")
    # When
    assert search.run() == "later"
    # I expect
    assert (line.item(KEY).verdict, line.item(KEY).attempts(Station.DOWNLOAD)) == ("", 0)


def test_a_source_that_suspects_a_robot_pauses(search, line):
    # Given
    search.youtube.error = ServiceStopped("youtube", "it asks for a proof of being human", "wait, or sign in")
    # When
    assert search.run() == "paused"
    # I expect
    assert [pause.service for pause in line.wiring.pauses.all()] == ["youtube"]
    assert line.item(KEY).verdict == ""

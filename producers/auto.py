"""What to do next when nobody says what: the track that plays, the newest like, the newest row that waits."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from crateline.domain.row import Row
from crateline.domain.track import Availability, Playlist, Track
from crateline.durable.item import Item
from crateline.errors import CratelineError
from crateline.wiring import Wiring
from producers import again, enrolment, inbox, intake, patience

PLAYING, SOUNDCLOUD, LIKED, TRACKS = "spotify-playing", "soundcloud-likes", "spotify-liked", "music-tracks"
NAMES = {
    PLAYING: "what Spotify plays",
    SOUNDCLOUD: "your SoundCloud likes",
    LIKED: "your liked songs on Spotify",
    TRACKS: "Music Tracks",
}
"""The links of the chain, in their order."""

NEWEST = 5
"""So many likes are looked at, and so many rows are tried."""
NO_CONSENT = "not set up: `crateline login spotify`"
NO_PROFILE = "not set up: SOUNDCLOUD_PROFILE names your profile"

Rows = Callable[[], Iterable[Row]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """A link of the chain that did not apply, and why."""

    link: str
    reason: str


@dataclass(kw_only=True, slots=True)
class Done:
    """What was taken, if anything. `link` is where it came from; `playlist` is the key under which it can be waited for."""

    link: str = ""
    key: str = ""
    playlist: str = ""
    title: str = ""
    passed: list[Passed] = field(default_factory=list)

    def public(self, *, dry_run: bool) -> dict[str, Any]:
        """The answer of `auto --json`."""
        return {**asdict(self), "link": self.link or None, "dry_run": dry_run}


@dataclass(frozen=True, kw_only=True, slots=True)
class Auto:
    """The chain. `rows` gives the rows of Music Tracks without a file, the newest first; `explain` and `again` as the inbox."""

    wiring: Wiring
    rows: Rows
    explain: inbox.Explain
    again: inbox.Again
    say: patience.Say

    def run(self, *, dry_run: bool = False) -> Done:
        """Take the first thing that there is to do. A link that is not set up, or that fails, is passed over."""
        done = Done()
        chain = {PLAYING: self._playing, SOUNDCLOUD: self._likes, LIKED: self._liked, TRACKS: self._tracks}
        for link, look in chain.items():
            try:
                found = look(dry_run)
            except CratelineError as error:
                found = str(error)
            if isinstance(found, str):
                done.passed.append(Passed(link=link, reason=found))
                continue
            done.link, done.key, done.title = link, found.key, found.name
            done.playlist = f"{enrolment.SINGLE}{found.key}"
            return done
        return done

    def _playing(self, dry_run: bool) -> "_Found | str":  # noqa: FBT001  # the four links have one shape
        if not self.wiring.spotify.consented():
            return NO_CONSENT
        track = patience.patiently(self.wiring, self.wiring.spotify.playing, self.say)
        if track is None:
            return "nothing plays"
        item = self._item(track)
        if item is not None and self._state(item) in ("done", "review"):
            said = "done" if self._state(item) == "done" else "waiting for you: `crateline review`"
            return f"«{_name(track)}» is {said}"
        return self._take(track, item, dry_run=dry_run)

    def _likes(self, dry_run: bool) -> "_Found | str":  # noqa: FBT001  # as above
        profile = self.wiring.settings.soundcloud_profile
        if not profile:
            return NO_PROFILE
        likes = patience.patiently(self.wiring, lambda: self.wiring.soundcloud.likes(profile, NEWEST), self.say)
        return self._newest(likes, dry_run=dry_run)

    def _liked(self, dry_run: bool) -> "_Found | str":  # noqa: FBT001  # as above
        if not self.wiring.spotify.consented():
            return NO_CONSENT
        return self._newest(patience.patiently(self.wiring, lambda: self.wiring.spotify.liked(NEWEST), self.say), dry_run=dry_run)

    def _newest(self, likes: Playlist, *, dry_run: bool) -> "_Found | str":
        """The newest like that nobody has put on the line. What has ended there, well or not, is not begun again."""
        usable = [track for track in likes.tracks if track.title and track.availability is not Availability.GONE]
        for track in usable:
            if self._item(track) is None:
                return self._take(track, None, dry_run=dry_run)
        return f"the newest {len(usable)} are all on the line or done" if usable else "there are none"

    def _tracks(self, dry_run: bool) -> "_Found | str":  # noqa: FBT001  # as above
        wanted = inbox.wanted(self.wiring, self.rows(), ("", self.wiring.settings.inbox_status))
        box = inbox.Inbox(wiring=self.wiring, explain=self.explain, again=self.again, say=self.say)
        tried = list(_until_taken(box, wanted[:NEWEST], dry_run=dry_run))
        if tried and tried[-1].state == "taken":
            return _Found(key=tried[-1].key, name=tried[-1].name)
        problems = "; ".join(f"«{one.name}»: {one.reason or one.state}" for one in tried)
        return problems or "no row with a link waits"

    def _take(self, track: Track, item: Item | None, *, dry_run: bool) -> "_Found":
        if not dry_run:
            if item is not None and item.verdict in again.GIVEN_UP:
                again.retry_track(self.wiring, item.key)
            intake.take(self.wiring, _single(track), say=self.say)
        return _Found(key=track.key, name=_name(track))

    def _item(self, track: Track) -> Item | None:
        return self.wiring.ledger.stands_for(track.key)

    def _state(self, item: Item) -> str:
        return item.state(self.wiring.ledger.now_ms())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    key: str
    name: str


def _until_taken(box: inbox.Inbox, rows: Iterable[Row], *, dry_run: bool) -> Iterator[inbox.Taken]:
    for row in rows:
        done = box.take(row, dry_run=dry_run)
        if done is not None:
            yield done
        if done is not None and done.state == "taken":
            return


def _single(track: Track) -> Playlist:
    """One track as it is enqueued by its link."""
    return Playlist(
        key=f"{enrolment.SINGLE}{track.key}",
        name=inbox.UNASSIGNED,
        url=track.url,
        platform=track.platform,
        source_id=track.key.rpartition(":")[2],
        tracks=(track,),
    )


def _name(track: Track) -> str:
    return " - ".join(filter(None, (track.artist, track.title))) or track.key

"""How an imaginary djay library comes to be. The same arguments make the same library."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import quote

from crateline.domain import keys
from crateline.domain.library import HotCue, Library, LibraryPlaylist, LibraryTrack, Loop
from crateline.sandbox import words
from crateline.sandbox.djay import nights
from crateline.sandbox.djay.truth import BEATPORT, LOCAL, SOUNDCLOUD, SPOTIFY, UNKNOWN, Listed, Truth

TRACKS, SESSIONS, PLAYS, PLAYLISTS = 15_540, 114, 2_027, 37
SHARES = {BEATPORT: 1_026, SOUNDCLOUD: 913, SPOTIFY: 2, UNKNOWN: 234}
"""Of the tracks, by where they come from; the rest are local files."""
DISTINCT, AT_HOME = 673, 561
"""Of the plays: how many titles they have, and how many of those are in the library."""

COLORS = ("red", "orange", "blue", "amber", "green", "magenta", "teal", "purple")
GENRES = ("House", "Techno", "Drum & Bass", "Disco", "Breaks", "Trance", "Downtempo", "")
PLAYLIST_NAMES = ("Warm-up", "Peak Time", "Closing", "Sunday", "Tools", "Acapellas", "New", "Classics", "Garage", "B2B")
FIRST_DAY = datetime(2021, 3, 6, 21, tzinfo=UTC)


def imagine(
    *,
    tracks: int = TRACKS,
    sessions: int = SESSIONS,
    plays: int = PLAYS,
    playlists: int = PLAYLISTS,
    seed: int = 11,
    listed: Sequence[Listed] = (),
    windows: bool = False,
) -> Truth:
    """Make a library up. Tracks of `listed` stand in it first for their service, and are played by preference.

    Shares of services, of titles in sets and of what is manual, cued or looped are those of a real library of the
    default size, whatever `tracks` and `plays` are.
    """
    made = _Shelves(random.Random(seed), windows=windows)
    for origin, count in _counts(tracks).items():
        own = [one for one in listed if one.service == origin]
        for number in range(count):
            made.add(origin, own[number] if number < len(own) else None)
    at_home = made.played(round(plays * AT_HOME / PLAYS), [one.uri for one in listed])
    strangers = [made.track(LOCAL, None) for _ in range(round(plays * (DISTINCT - AT_HOME) / PLAYS))]
    night = nights.Nights(made.random, windows=windows)
    held = night.held([*at_home, *strangers], made.origins, sessions=sessions, plays=plays)
    made.count_plays([play.title_id for session in held for play in session.plays])
    return Truth(
        library=Library(source="", tracks=made.tracks, sessions=held, playlists=made.playlists(playlists)),
        origins=made.origins,
        strangers=tuple(track.title_id for track in strangers),
        bookmarked=frozenset(made.bookmarked),
        windows=windows,
    )


def _counts(tracks: int) -> dict[str, int]:
    shares = {origin: max(1, round(tracks * share / TRACKS)) for origin, share in SHARES.items()} if tracks > len(SHARES) else {}
    return {LOCAL: tracks - sum(shares.values()), **shares}


class _Shelves:
    """The tracks, as they are put on the shelf one by one."""

    def __init__(self, chance: random.Random, *, windows: bool) -> None:
        self.random = chance
        self.windows = windows
        self.tracks: dict[str, LibraryTrack] = {}
        self.origins: dict[str, str] = {}
        self.bookmarked: set[str] = set()

    def add(self, origin: str, listed: Listed | None) -> None:
        """Put one track on the shelf."""
        track = self.track(origin, listed)
        self.tracks[track.title_id] = track
        self.origins[track.title_id] = origin

    def track(self, origin: str, listed: Listed | None) -> LibraryTrack:
        """Make one track up: its names, its length, where it is, and what djay and the DJ have noted about it."""
        chance = self.random
        track = LibraryTrack(
            title_id=f"{chance.getrandbits(128):032x}",
            title=listed.title if listed else self._title(),
            artist=listed.artist if listed else f"{chance.choice(words.FIRST)} {chance.choice(words.LAST)}",
            album=chance.choice((*words.NOUNS, "", "")),
            genre=chance.choice(GENRES),
            duration=_exact(listed.duration if listed else chance.uniform(150, 560)),
            isrc=listed.isrc if listed else self._isrc(origin),
            added=FIRST_DAY - timedelta(minutes=chance.randrange(2_000_000)),
        )
        placed = replace(track, uris=(listed.uri, *self._elsewhere(origin))) if listed else self._placed(track, origin)
        return self._noted(placed, listed)

    def played(self, count: int, first: list[str]) -> list[LibraryTrack]:
        """Choose what is played of the shelf: what stands in `first`, then a mix with more streams than the shelf has."""
        listed = set(first)
        chosen = [track for track in self.tracks.values() if listed.intersection(track.uris)]
        self.random.shuffle(chosen)
        taken = {track.title_id for track in chosen}
        rest = [track for track in self.tracks.values() if track.title_id not in taken]
        streams = [track for track in rest if self.origins[track.title_id] not in {LOCAL, UNKNOWN}]
        files = [track for track in rest if self.origins[track.title_id] in {LOCAL, UNKNOWN}]
        few = min(len(streams), max(0, count - len(chosen)) // 3)
        chosen += self.random.sample(streams, few)
        return (chosen + self.random.sample(files, min(len(files), max(0, count - len(chosen)))))[:count]

    def count_plays(self, title_ids: list[str]) -> None:
        """Note how often each track was played, as djay does."""
        for title_id in title_ids:
            if title_id in self.tracks:
                track = self.tracks[title_id]
                self.tracks[title_id] = replace(track, play_count=(track.play_count or 0) + 1)

    def playlists(self, count: int) -> tuple[LibraryPlaylist, ...]:
        """Make playlists up: a folder, some of them inside it, one empty, one very long."""
        chance, ids = self.random, list(self.tracks)
        made: list[LibraryPlaylist] = []
        for number in range(count):
            size = 0 if number in {0, 2} else min(len(ids), 400 if number == 1 else chance.randrange(5, 90))
            name = "Gigs" if number == 0 else f"{PLAYLIST_NAMES[number % len(PLAYLIST_NAMES)]} {number}"
            parent = made[0].playlist_id if made and number % 7 == 3 else ""
            tracks = tuple(chance.sample(ids, size))
            made.append(LibraryPlaylist(playlist_id=nights.identifier(chance), name=name, parent_id=parent, tracks=tracks))
        return tuple(made)

    def _title(self) -> str:
        chance = self.random
        title = f"{chance.choice(words.ADJECTIVES)} {chance.choice(words.NOUNS)}"
        return title + chance.choice(
            ("", "", " (Extended Mix)", " (Original Mix)", f" ({chance.choice(words.LAST)} Remix)", " - Überlänge ∞")
        )

    def _isrc(self, origin: str) -> str:
        return "" if origin in {LOCAL, UNKNOWN} else f"DEZZ2{self.random.randrange(10**7):07d}"

    def _elsewhere(self, origin: str) -> tuple[str, ...]:
        """Some of what SoundCloud has, Beatport has too."""
        both = origin == SOUNDCLOUD and self.random.random() < 0.07
        return (f"beatport:track:{self.random.randrange(10**6, 3 * 10**7)}",) if both else ()

    def _placed(self, track: LibraryTrack, origin: str) -> LibraryTrack:
        """Give a track the place that its origin has."""
        number = self.random.randrange(10**6, 3 * 10**7)
        uris = {
            BEATPORT: (f"beatport:track:{number}",),
            SOUNDCLOUD: (f"soundcloud:tracks:{number}", *self._elsewhere(origin)),
            SPOTIFY: ("spotify:track:" + "".join(self.random.choices("0123456789ABCDEFGHabcdefgh", k=22)),),
            UNKNOWN: (),
        }
        return replace(track, uris=uris[origin]) if origin in uris else self._filed(track)

    def _filed(self, track: LibraryTrack) -> LibraryTrack:
        """Put a track into a file: seen by djay itself, or through the Music app, which gives a number and a bookmark."""
        name = f"{track.artist} - {track.title}.{self.random.choice(('mp3', 'm4a', 'aiff', 'wav'))}"
        if self.windows:
            path = str(PureWindowsPath("D:/Music") / track.artist / name)
            return replace(track, path=path, uris=(f"file:///{quote(path, safe=':()')}",))
        path = str(PurePosixPath("/Users/dj/Music") / track.artist / name)
        if self.random.random() < 0.3:
            self.bookmarked.add(track.title_id)
            return replace(track, path=path, uris=(f"com.apple.iTunes:{self.random.getrandbits(64)}",))
        bought = self.random.random() < 0.02  # after it was streamed
        streamed = (f"soundcloud:tracks:{self.random.randrange(10**8, 10**9)}",) if bought else ()
        return replace(track, path=path, uris=(f"file://{quote(path)}", *streamed))

    def _noted(self, track: LibraryTrack, listed: Listed | None) -> LibraryTrack:
        """Add what djay has heard and the DJ has set; eight in a hundred were never analysed."""
        chance = self.random
        heard = chance.random() < 0.92
        bpm = listed.bpm if listed and listed.bpm else chance.randrange(85 * 2, 178 * 2) / 2
        key = listed.key if listed and listed.key else keys.at(chance.randrange(24)).value
        return replace(
            track,
            bpm=bpm if heard else None,
            key=key if heard else "",
            manual_bpm=bpm / 2 if chance.random() < 0.03 else None,
            rating=chance.randrange(1, 6) if chance.random() < 0.05 else None,
            hot_cues=self._cues() if chance.random() < 0.15 else (),
            loops=self._loops() if chance.random() < 0.04 else (),
        )

    def _cues(self) -> tuple[HotCue, ...]:
        pads = sorted(self.random.sample(range(1, 9), self.random.randrange(1, 9)))
        return tuple(HotCue(position=pad, time=pad * 16 + 0.25, color=COLORS[pad - 1]) for pad in pads)

    def _loops(self) -> tuple[Loop, ...]:
        numbers = sorted(self.random.sample(range(1, 9), self.random.randrange(1, 4)))
        return tuple(Loop(number=number, start=number * 20.5, end=number * 20.5 + 8) for number in numbers)


def _exact(seconds: float) -> float:
    """A length that a 32-bit float holds without loss, as the Mac's djay writes it."""
    return round(seconds * 64) / 64

"""How the imaginary world comes to be: which rows a set has, and where else their recordings stand."""

import random
import string
from collections.abc import Callable
from dataclasses import replace

from crateline.sandbox import troubles, words
from crateline.sandbox.catalogue import (
    MAIN_SET,
    End,
    Expected,
    Fate,
    Recording,
    SoundCloudSet,
    SoundCloudTrack,
    SpotifyPlaylist,
    SpotifyTrack,
    User,
    Video,
    VideoList,
    World,
)
from crateline.sandbox.studio import Studio

MODERN, LEGACY, OPUS = ("hls-aac", "hls-mp3", "mp3"), ("hls-mp3", "mp3"), ("opus",)


class Creation:
    """One act of creation: the same seed and calls give the same world."""

    def __init__(self, *, seed: int, seconds: tuple[float, float]) -> None:
        self.random = random.Random(seed)
        self.studio = Studio(self.random, seconds=seconds)
        self.users = [User(id=self._id(8), permalink="crate-digger", username="Crate Digger")]
        self.tracks: list[SoundCloudTrack] = []
        self.videos: list[Video] = []
        self.rows: list[tuple[SoundCloudTrack, End, str]] = []

    def world(self, rows: int) -> World:
        """The whole world around a main set of `rows` rows."""
        self._main_rows(rows)
        sets = [self._set(MAIN_SET, "Warehouse Selection", [track for track, _, _ in self.rows])]
        ends = self._ends()
        singles = [self._upload(self.studio.record()) for _ in range(2)]
        playable = [track for track, end, _ in self.rows if end is End.DONE and track.fate is Fate.PLAYABLE]
        shared = playable[: max(1, len(playable) // 4)]
        sets.append(self._set("after-hours", "After Hours", [*shared[::-1], self._upload(self.studio.record())]))
        likes = [*singles, *reversed(playable[len(playable) // 3 :]), *(self._upload(self.studio.record()) for _ in range(2))]
        self.users[0] = replace(self.users[0], likes=tuple(track.id for track in likes))
        spotify, playlists, liked = self._spotify(rows, playable)
        return World(
            recordings=tuple(self.studio.recordings),
            users=tuple(self.users),
            soundcloud=tuple(self.tracks),
            soundcloud_sets=tuple(sets),
            singles=tuple(singles),
            youtube_lists=(self._video_list(rows),),
            youtube=tuple(self.videos),
            spotify=tuple(spotify),
            spotify_playlists=tuple(playlists),
            spotify_liked=liked,
            ends=ends,
        )

    # SoundCloud

    def _main_rows(self, rows: int) -> None:
        wrong = troubles.among(rows)
        plain = rows - len(wrong)
        hostile = min(len(words.HOSTILE), plain // 3 + 1)
        for number in range(plain):
            title = words.HOSTILE[number] if number < hostile else ""
            self.rows.append((self._upload(self.studio.record(version=self._version()), title=title), End.DONE, ""))
        self.random.shuffle(self.rows)
        for kind, elsewhere in wrong:
            first = self.random.randrange(len(self.rows)) if self.rows else 0
            self.rows.insert(self.random.randint(first + 1, len(self.rows)), self._trouble(kind, elsewhere, first))

    def _trouble(self, kind: str, elsewhere: str, first: int) -> tuple[SoundCloudTrack, End, str]:
        if kind == "repeat":
            return self.rows[first]
        if kind == "second":
            return self._second_upload()
        recording = self.studio.record(newcomer=True)
        track = self._upload(recording, fate=Fate(kind), published=True)
        if kind == "deleted":
            return track, End.REFUSED, "deleted"
        if elsewhere:
            self._on_youtube(recording, elsewhere)
        return track, troubles.UNPLAYABLE_END[elsewhere], f"{kind}, on YouTube: {elsewhere or 'nothing'}"

    def _second_upload(self) -> tuple[SoundCloudTrack, End, str]:
        taken = {track.recording.id for track, end, _ in self.rows if end is End.ALIAS}
        plain = [t for t, end, _ in self.rows if end is End.DONE and t.fate is Fate.PLAYABLE and t.recording.id not in taken]
        first = self.random.choice(plain)
        recording = first.recording
        forms = LEGACY if first.transcodings == MODERN else MODERN
        title = f"{recording.artist.upper()} \u2013 {recording.full_title} [FREE DL]"
        track = self._upload(recording, title=title, user=self._user(words.CHANNELS[0]), transcodings=forms)
        return track, End.ALIAS, first.key

    def _upload(
        self,
        recording: Recording,
        *,
        title: str = "",
        fate: Fate = Fate.PLAYABLE,
        user: User | None = None,
        transcodings: tuple[str, ...] = (),
        published: bool = False,
    ) -> SoundCloudTrack:
        """Put a recording on SoundCloud: by its artist, by a channel ("Artist - Title"), or by a label with metadata."""
        way = "label" if published or title else self.random.choice(("artist", "channel", "label"))
        uploader = user or self._user(self.random.choice(words.CHANNELS) if way == "channel" else recording.artist)
        number = self._id(10)
        track = SoundCloudTrack(
            id=number,
            permalink=f"{_slug(recording.full_title)}-{number % 1000:03d}",
            user=uploader,
            title=title or (f"{recording.artist} - {recording.full_title}" if way == "channel" else recording.full_title),
            recording=recording,
            fate=fate,
            transcodings=transcodings or self.random.choice((MODERN, MODERN, MODERN, LEGACY, OPUS)),
            artist=recording.artist if way == "label" and user is None else "",
            isrc=recording.isrc if published else "",
        )
        self.tracks.append(track)
        return track

    def _user(self, name: str) -> User:
        for user in self.users:
            if user.username == name:
                return user
        self.users.append(User(id=self._id(8), permalink=_slug(name), username=name))
        return self.users[-1]

    def _set(self, permalink: str, title: str, tracks: list[SoundCloudTrack]) -> SoundCloudSet:
        ids = tuple(track.id for track in tracks)
        return SoundCloudSet(id=self._id(9), permalink=permalink, title=title, user=self.users[0], track_ids=ids)

    def _ends(self) -> dict[int, Expected]:
        ends = {}
        for position, (track, end, why) in enumerate(self.rows):
            of = why if end is End.ALIAS else ""
            ends[position] = Expected(position=position, key=track.key, recording=track.recording.id, end=end, of=of, why=why)
        return ends

    # YouTube

    def _on_youtube(self, recording: Recording, kind: str) -> Video:
        versions: dict[str, Callable[[], Recording]] = {
            "live": lambda: self.studio.other_version(recording, "Live at Zeltlager", 3.0),
            "remix": lambda: self.studio.other_version(recording, "Soren Vale Remix", 2.5),
            "extended": lambda: self.studio.other_version(recording, "Extended Mix", 5.0),
        }
        played = versions[kind]() if kind in versions else recording
        topic = kind in {"twin", "topic"} and self.random.random() < 0.5
        channel = f"{played.artist} - Topic" if topic else self.random.choice((played.artist, *words.CHANNELS[:2]))
        channel = played.artist if kind == "extended" else channel  # on a promoter's channel it would be no match at all
        title = played.full_title if topic else f"{played.artist} - {played.full_title}"
        video = Video(id=self._letters(11, "-_"), title=title, channel=channel, recording=played, topic=topic)
        self.videos.append(video)
        return video

    def _video_list(self, rows: int) -> VideoList:
        own = [self._on_youtube(self.studio.record(), "twin") for _ in range(max(2, rows // 10))]
        gone = replace(self._on_youtube(self.studio.record(), "twin"), gone=True)
        self.videos[-1] = gone
        ids = tuple(video.id for video in (*self.videos[:2], *own, gone))
        return VideoList(id="PL" + self._letters(32, "-_"), title="Late Tapes", channel="Crate Digger", video_ids=ids)

    # Spotify

    def _spotify(
        self, rows: int, playable: list[SoundCloudTrack]
    ) -> tuple[list[SpotifyTrack], list[SpotifyPlaylist], tuple[str, ...]]:
        """An owned playlist (own recordings, two shared with the main set, one nowhere else), a foreign one, liked songs."""
        fresh = [self.studio.record(newcomer=True) for _ in range(max(4, rows // 6))]
        for recording in fresh[:-1]:
            self._on_youtube(recording, "twin")
        plain = [track.recording for track in playable if track.title not in words.HOSTILE]
        tracks = [self._on_spotify(recording) for recording in (*fresh, *plain[:2])]
        ids = [track.id for track in tracks]
        mixed = [*ids, "null", "local", "episode", ids[0]]
        self.random.shuffle(mixed)
        owner = self.users[0].permalink
        owned = SpotifyPlaylist(id=self._letters(22), name="Peak Time", owner=owner, owned=True, rows=tuple(mixed))
        foreign = SpotifyPlaylist(id=self._letters(22), name="Techno Bunker", owner="spotify", owned=False, rows=tuple(ids[:3]))
        return tracks, [owned, foreign], tuple(ids[::-2])

    def _on_spotify(self, recording: Recording) -> SpotifyTrack:
        version = f" - {recording.version}" if recording.version else ""
        return SpotifyTrack(
            id=self._letters(22),
            title=recording.title + version,
            artists=(recording.artist,),
            album=recording.title,
            album_id=self._letters(22),
            recording=recording,
        )

    # Chance

    def _version(self) -> str:
        return self.random.choice(("", "", "", "Original Mix", "Extended Mix", f"{self.random.choice(words.LAST)} Remix"))

    def _id(self, digits: int) -> int:
        return self.random.randrange(10 ** (digits - 1), 2 * 10 ** (digits - 1))

    def _letters(self, count: int, extra: str = "") -> str:
        return "".join(self.random.choices(string.ascii_letters + string.digits + extra, k=count))


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split())

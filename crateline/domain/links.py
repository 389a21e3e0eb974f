"""What a pasted link means: the platform, the kind of thing and its id, read from the text alone.

Nothing is asked of the network. A SoundCloud link carries names, not numbers, so its `id` is the path; a short link
(`on.soundcloud.com/…`) says nothing before it is followed, and is marked as `Kind.SHORT`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, urlsplit

from crateline.domain.track import Platform


class Kind(StrEnum):
    """What stands behind a link."""

    TRACK = "track"
    PLAYLIST = "playlist"
    ALBUM = "album"
    USER = "user"  # everything a person has uploaded
    LIKES = "likes"  # a person's likes; on Spotify always one's own, with an empty id
    SHORT = "short"  # to be followed before it can be told


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One link. `url` is its canonical form: https, one host per platform, no tracking; `classify(url)` gives it again."""

    platform: Platform
    kind: Kind
    id: str
    url: str

    @property
    def key(self) -> str:
        """The track's key, or "" where the link does not tell it (SoundCloud's names, and all that is no track)."""
        if self.kind is not Kind.TRACK or "/" in self.id:
            return ""
        return TRACK_KEYS[self.platform] + self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class BadLine:
    """A line of a links file that cannot be used. `number` counts from 1."""

    number: int
    text: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkList:
    """A links file: what could be read, in its order, and what could not."""

    links: tuple[Link, ...]
    bad: tuple[BadLine, ...]


TRACK_KEYS = {
    Platform.SOUNDCLOUD: "soundcloud:tracks:",
    Platform.SPOTIFY: "spotify:track:",
    Platform.YOUTUBE: "youtube:video:",
    Platform.BEATPORT: "beatport:track:",
}

_WANTED = "Paste a link of a SoundCloud set, track or profile, a Spotify playlist, album or track, a YouTube list or video"
_NAME = re.compile(r"[\w-]+")
_BASE62 = re.compile(r"[0-9A-Za-z]+")
_NUMBER = re.compile(r"[0-9]+")
_VIDEO = re.compile(r"[\w-]{11}", re.ASCII)
_LIST = re.compile(r"[\w-]{2,}", re.ASCII)
_URI = re.compile(r"(soundcloud|spotify|youtube|beatport):[^/\s]+")
_COMMENT = re.compile(r"(^|\s)#.*")

_SOUNDCLOUD_PAGES = {"discover", "stream", "search", "you", "charts", "upload", "pages", "signin", "settings", "library", "feed"}
_SOUNDCLOUD_SHELVES = {"albums", "sets", "reposts", "followers", "following", "comments", "spotlight"}


def classify(text: str) -> Link:
    """Read a pasted link, a URI (`spotify:track:…`) or the word `liked`.

    Raises ValueError with a sentence that says what to paste instead.
    """
    pasted = text.strip().strip("<>\"'").strip()
    if pasted.lower() == "liked":
        return _liked()
    if _URI.fullmatch(pasted):
        return _uri(pasted)
    parts = _split(pasted)
    host = _host(parts)
    if parts.scheme not in {"http", "https"} or host not in _READERS:
        raise ValueError(f"{_shown(pasted)} is not a link crateline knows. {_WANTED}.")
    path = tuple(step for step in parts.path.split("/") if step)
    return _READERS[host](path, parts)


def read_lines(text: str) -> LinkList:
    """Read a links file: one link a line; blank lines and what follows `#` (at the start or after a space) are skipped."""
    links: list[Link] = []
    bad: list[BadLine] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        wanted = _COMMENT.sub("", line).strip()
        if not wanted:
            continue
        try:
            links.append(classify(wanted))
        except ValueError as error:
            bad.append(BadLine(number=number, text=wanted, reason=str(error)))
    return LinkList(links=tuple(links), bad=tuple(bad))


def _split(pasted: str) -> SplitResult:
    try:
        return urlsplit(pasted if "://" in pasted else f"https://{pasted}")
    except ValueError as error:
        raise ValueError(f"{_shown(pasted)} is not a whole link ({error}). {_WANTED}.") from None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    for prefix in ("www.", "m."):
        host = host.removeprefix(prefix)
    return host


def _shown(text: str) -> str:
    limit = 60
    return repr(text if len(text) <= limit else text[:limit] + "…")


def _link(platform: Platform, kind: Kind, identity: str, url: str) -> Link:
    return Link(platform=platform, kind=kind, id=identity, url=url)


def _checked(value: str, pattern: re.Pattern[str], what: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(f"{_shown(value)} is not the id of a {what}. Copy the whole link once more.")
    return value


# SoundCloud


def _soundcloud(path: tuple[str, ...], parts: SplitResult) -> Link:
    if not path or path[0] in _SOUNDCLOUD_PAGES or not all(_NAME.fullmatch(step) for step in path):
        raise ValueError("This SoundCloud page is not a set, a track or a profile. Open the one you mean and copy its link.")
    secret = parse_qs(parts.query).get("secret_token", [""])[0]
    if _NAME.fullmatch(secret) and secret not in path:
        path = (*path, secret)
    match path:
        case [user] | [user, "tracks" | "popular-tracks"]:
            return _named(Kind.USER, user)
        case [user, "likes"]:
            return _named(Kind.LIKES, user, "likes")
        case [_, shelf] if shelf in _SOUNDCLOUD_SHELVES:
            raise ValueError(f"{'/'.join(path)} is a shelf of many things. Open one set, or the profile, and copy its link.")
        case [user, "sets", name]:
            return _named(Kind.PLAYLIST, user, "sets", name)
        case [user, "sets", name, token] if token.startswith("s-"):
            return _named(Kind.PLAYLIST, user, "sets", name, token)
        case [user, name]:
            return _named(Kind.TRACK, user, name)
        case [user, name, token] if token.startswith("s-"):
            return _named(Kind.TRACK, user, name, token)
    raise ValueError(f"{_shown('/'.join(path))} is no SoundCloud set, track or profile. Copy the link from the share menu.")


def _named(kind: Kind, *steps: str) -> Link:
    path = "/".join(steps)
    identity = steps[0] if kind in {Kind.USER, Kind.LIKES} else path
    return _link(Platform.SOUNDCLOUD, kind, identity, f"https://soundcloud.com/{path}")


def _soundcloud_numbered(path: tuple[str, ...], parts: SplitResult) -> Link:
    del parts
    match path:
        case ["tracks", number]:
            kind = Kind.TRACK
        case ["playlists", number]:
            kind = Kind.PLAYLIST
        case ["users", number]:
            kind = Kind.USER
        case _:
            raise ValueError("This SoundCloud API link is not one of a track, a playlist or a user.")
    _checked(number, _NUMBER, f"SoundCloud {kind}")
    return _link(Platform.SOUNDCLOUD, kind, number, f"https://api.soundcloud.com/{path[0]}/{number}")


def _short(platform: Platform) -> Callable[[tuple[str, ...], SplitResult], Link]:
    def read(path: tuple[str, ...], parts: SplitResult) -> Link:
        if not path:
            raise ValueError("This short link is not whole. Copy it once more.")
        code = _checked("/".join(path), re.compile(r"[\w/-]+"), "short link")
        return _link(platform, Kind.SHORT, code, f"https://{parts.hostname}/{code}")

    return read


# Spotify


def _spotify(path: tuple[str, ...], parts: SplitResult) -> Link:
    del parts
    steps = path[1:] if path and (path[0].startswith("intl-") or path[0] == "embed") else path
    match steps:
        case ["collection", "tracks"] | ["collection"]:
            return _liked()
        case ["user", _, "playlist", identity] | ["playlist", identity]:
            return _spotify_link(Kind.PLAYLIST, identity)
        case ["album", identity]:
            return _spotify_link(Kind.ALBUM, identity)
        case ["track", identity]:
            return _spotify_link(Kind.TRACK, identity)
    raise ValueError("This Spotify link is not a playlist, an album or a track. Use Share → Copy link on the one you mean.")


def _spotify_link(kind: Kind, identity: str) -> Link:
    _checked(identity, _BASE62, f"Spotify {kind}")
    return _link(Platform.SPOTIFY, kind, identity, f"https://open.spotify.com/{kind}/{identity}")


def _liked() -> Link:
    return _link(Platform.SPOTIFY, Kind.LIKES, "", "https://open.spotify.com/collection/tracks")


# YouTube


def _youtube(path: tuple[str, ...], parts: SplitResult) -> Link:
    """A link to a video inside a playlist means the video: one track too few is mended sooner than 500 too many."""
    query = parse_qs(parts.query)
    video, wanted = query.get("v", [""])[0], query.get("list", [""])[0]
    match path:
        case ["watch"] if video:
            return _video(video)
        case ["shorts" | "live" | "embed" | "v", identity]:
            return _video(identity)
        case ["watch" | "playlist"] if wanted:
            return _youtube_list(wanted)
    raise ValueError("This YouTube link is neither a video nor a playlist. Open the one you mean and copy its link.")


def _youtu_be(path: tuple[str, ...], parts: SplitResult) -> Link:
    del parts
    return _video(path[0] if path else "")


def _video(identity: str) -> Link:
    _checked(identity, _VIDEO, "YouTube video")
    return _link(Platform.YOUTUBE, Kind.TRACK, identity, f"https://www.youtube.com/watch?v={identity}")


def _youtube_list(identity: str) -> Link:
    if identity.startswith("RD") or identity in {"WL", "LL"}:
        raise ValueError("YouTube makes this list for one person alone. Save its videos to a playlist and paste that.")
    _checked(identity, _LIST, "YouTube playlist")
    return _link(Platform.YOUTUBE, Kind.PLAYLIST, identity, f"https://www.youtube.com/playlist?list={identity}")


# Beatport


def _beatport(path: tuple[str, ...], parts: SplitResult) -> Link:
    del parts
    match path:
        case ["track", name, number] | [_, "track", name, number]:
            _checked(number, _NUMBER, "Beatport track")
            return _beatport_link(number, _checked(name, re.compile(r"[^\s?#]+"), "Beatport track"))
    raise ValueError("This Beatport link is not a track. Open the track and copy its link.")


def _beatport_link(number: str, name: str = "-") -> Link:
    return _link(Platform.BEATPORT, Kind.TRACK, number, f"https://www.beatport.com/track/{name}/{number}")


def _uri(text: str) -> Link:
    match tuple(text.split(":")):
        case ["soundcloud", "tracks" | "playlists" | "users" as kind, number]:
            return _soundcloud_numbered((kind, number), urlsplit(""))
        case ["spotify", "collection"] | ["spotify", "collection", "tracks"]:
            return _liked()
        case ["spotify", "playlist" | "album" | "track" as kind, identity]:
            return _spotify_link(Kind(kind), identity)
        case ["spotify", "user", _, "playlist", identity]:
            return _spotify_link(Kind.PLAYLIST, identity)
        case ["youtube", "video", identity]:
            return _video(identity)
        case ["youtube", "playlist", identity]:
            return _youtube_list(identity)
        case ["beatport", "track", number]:
            return _beatport_link(_checked(number, _NUMBER, "Beatport track"))
    raise ValueError(f"{_shown(text)} is not a URI crateline knows. {_WANTED}.")


_READERS: dict[str, Callable[[tuple[str, ...], SplitResult], Link]] = {
    "soundcloud.com": _soundcloud,
    "api.soundcloud.com": _soundcloud_numbered,
    "api-v2.soundcloud.com": _soundcloud_numbered,
    "on.soundcloud.com": _short(Platform.SOUNDCLOUD),
    "open.spotify.com": _spotify,
    "play.spotify.com": _spotify,
    "spotify.link": _short(Platform.SPOTIFY),
    "spotify.app.link": _short(Platform.SPOTIFY),
    "youtube.com": _youtube,
    "music.youtube.com": _youtube,
    "youtube-nocookie.com": _youtube,
    "youtu.be": _youtu_be,
    "beatport.com": _beatport,
}

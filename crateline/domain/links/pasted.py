"""What a single pasted link means. Nothing is asked of the network."""

import re
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from crateline.domain.links import beatport, soundcloud, spotify, strangers, youtube
from crateline.domain.links.link import Kind, Link, shown

WANTED = "Paste a link of a SoundCloud set, track or profile, a Spotify playlist, album or track, a YouTube list or video"
PORTS = {None, 80, 443}

_URI = re.compile(r"(soundcloud|spotify|youtube|beatport):[^/\s]+")
_APP = re.compile(r"(spotify):/+")
"""The form in which the desktop app is called: `spotify://track/…`."""

READERS: dict[str, Callable[[tuple[str, ...], SplitResult], Link]] = {
    "soundcloud.com": soundcloud.page,
    "api.soundcloud.com": soundcloud.api,
    "api-v2.soundcloud.com": soundcloud.api,
    "w.soundcloud.com": soundcloud.player,
    "on.soundcloud.com": soundcloud.shortened,
    "open.spotify.com": spotify.page,
    "play.spotify.com": spotify.page,
    "spotify.link": spotify.shortened,
    "spotify.app.link": spotify.shortened,
    "youtube.com": youtube.page,
    "music.youtube.com": youtube.page,
    "youtube-nocookie.com": youtube.page,
    "youtu.be": youtube.shortened,
    "beatport.com": beatport.page,
}


def classify(text: str) -> Link:
    """Read a pasted link, a URI (`spotify:track:…`) or the word `liked`.

    Raises ValueError with a sentence that says what to paste instead.
    """
    pasted = text.strip().strip("<>\"'").strip()
    if pasted.lower() == "liked":
        return spotify.liked()
    named = _APP.sub("https://open.spotify.com/", pasted)
    if _URI.fullmatch(named):
        return _uri(named.partition("?")[0])
    parts = _split(named)
    host = _host(parts)
    if parts.scheme not in {"http", "https"} or host not in READERS:
        what = strangers.hint(host, parts) or f"is not a link crateline knows. {WANTED}."
        raise ValueError(f"{shown(pasted)} {what}")
    if "@" in parts.netloc or _port(parts) not in PORTS:
        raise ValueError(f"{shown(host)} was pasted with a password or a port. Copy the link from the platform itself.")
    return READERS[host](tuple(step for step in parts.path.split("/") if step), parts)


def _split(pasted: str) -> SplitResult:
    try:
        return urlsplit(pasted if "://" in pasted else f"https://{pasted}")
    except ValueError as error:
        raise ValueError(f"{shown(pasted)} is not a whole link ({error}). {WANTED}.") from None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    for prefix in ("www.", "m."):
        host = host.removeprefix(prefix)
    return host


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return 0


def _uri(text: str) -> Link:
    match tuple(text.split(":")):
        case ["soundcloud", "tracks" | "playlists" | "users" as kind, number]:
            return soundcloud.numbered((kind, number))
        case ["spotify", "collection"] | ["spotify", "collection", "tracks"]:
            return spotify.liked()
        case ["spotify", "playlist" | "album" | "track" as kind, identity]:
            return spotify.numbered(Kind(kind), identity)
        case ["spotify", "user", _, "playlist", identity]:
            return spotify.numbered(Kind.PLAYLIST, identity)
        case ["youtube", "video", identity]:
            return youtube.video(identity)
        case ["youtube", "playlist", identity]:
            return youtube.playlist(identity)
        case ["beatport", "track", number]:
            return beatport.numbered(number)
    raise ValueError(f"{shown(text)} is not a URI crateline knows. {WANTED}.")

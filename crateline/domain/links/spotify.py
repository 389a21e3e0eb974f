"""Spotify's links."""

import re
from urllib.parse import SplitResult

from crateline.domain.links.link import Kind, Link, checked, short
from crateline.domain.track import Platform

_BASE62 = re.compile(r"[0-9A-Za-z]{22}")


def page(path: tuple[str, ...], parts: SplitResult) -> Link:
    """Read a page of the web player, in whatever language, or of an embedded player."""
    del parts
    steps = path
    while steps and (steps[0].startswith(("intl-", "embed"))):
        steps = steps[1:]
    match steps:
        case ["collection", "tracks"] | ["collection"]:
            return liked()
        case ["user", _, "playlist", identity] | ["playlist", identity]:
            return numbered(Kind.PLAYLIST, identity)
        case ["album", identity]:
            return numbered(Kind.ALBUM, identity)
        case ["track", identity]:
            return numbered(Kind.TRACK, identity)
        case ["episode" | "show", *_]:
            raise ValueError(
                "This Spotify link is a podcast's, and podcasts are left out. Paste a playlist, an album or a track."
            )
        case ["artist", *_]:
            raise ValueError("This Spotify link is an artist's page. Open an album or a playlist of theirs and copy its link.")
    raise ValueError("This Spotify link is not a playlist, an album or a track. Use Share → Copy link on the one you mean.")


def numbered(kind: Kind, identity: str) -> Link:
    """The link of a playlist, an album or a track by its id."""
    checked(identity, _BASE62, f"Spotify {kind}")
    return Link(platform=Platform.SPOTIFY, kind=kind, id=identity, url=f"https://open.spotify.com/{kind}/{identity}")


def liked() -> Link:
    """The link of one's own liked songs."""
    return Link(platform=Platform.SPOTIFY, kind=Kind.LIKES, id="", url="https://open.spotify.com/collection/tracks")


def shortened(path: tuple[str, ...], parts: SplitResult) -> Link:
    """Read a short link of the app's share menu."""
    return short(Platform.SPOTIFY, parts.hostname or "", path)

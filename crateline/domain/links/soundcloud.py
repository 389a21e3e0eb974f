"""SoundCloud's links. They carry names, not numbers, so that a link's id is its path."""

import re
from urllib.parse import SplitResult, parse_qs

from crateline.domain.links.link import NUMBER, Kind, Link, checked, short, shown
from crateline.domain.track import Platform

PAGES = {"discover", "stream", "search", "you", "charts", "upload", "pages", "signin", "settings", "library", "feed"}
SHELVES = {"albums", "sets", "reposts", "followers", "following", "comments", "spotlight"}
_NAME = re.compile(r"[\w-]+")


def page(path: tuple[str, ...], parts: SplitResult) -> Link:
    """Read a page of the site; the token of a secret link stays with it, wherever it stands."""
    if not path or path[0] in PAGES or not all(_NAME.fullmatch(step) for step in path):
        raise ValueError("This SoundCloud page is not a set, a track or a profile. Open the one you mean and copy its link.")
    secret = parse_qs(parts.query).get("secret_token", [""])[0]
    if _NAME.fullmatch(secret) and secret not in path:
        path = (*path, secret)
    match path:
        case [user] | [user, "tracks" | "popular-tracks"]:
            return _named(Kind.USER, user)
        case [user, "likes"]:
            return _named(Kind.LIKES, user, "likes")
        case [_, shelf] if shelf in SHELVES:
            raise ValueError(f"{'/'.join(path)} is a shelf of many things. Open one set, or the profile, and copy its link.")
        case [user, "sets", name]:
            return _named(Kind.PLAYLIST, user, "sets", name)
        case [user, "sets", name, token] if token.startswith("s-"):
            return _named(Kind.PLAYLIST, user, "sets", name, token)
        case [user, name]:
            return _named(Kind.TRACK, user, name)
        case [user, name, token] if token.startswith("s-"):
            return _named(Kind.TRACK, user, name, token)
    raise ValueError(f"{shown('/'.join(path))} is no SoundCloud set, track or profile. Copy the link from the share menu.")


def _named(kind: Kind, *steps: str) -> Link:
    path = "/".join(steps)
    identity = steps[0] if kind in {Kind.USER, Kind.LIKES} else path
    return Link(platform=Platform.SOUNDCLOUD, kind=kind, id=identity, url=f"https://soundcloud.com/{path}")


def numbered(path: tuple[str, ...]) -> Link:
    """Read what the API calls a track, a playlist or a user: `("tracks", "1150488265")`."""
    kinds = {"tracks": Kind.TRACK, "playlists": Kind.PLAYLIST, "users": Kind.USER}
    if len(path) != 2 or path[0] not in kinds:  # noqa: PLR2004  # a kind and a number
        raise ValueError("This SoundCloud API link is not one of a track, a playlist or a user.")
    what, number = path
    checked(number, NUMBER, f"SoundCloud {kinds[what]}")
    url = f"https://api.soundcloud.com/{what}/{number}"
    return Link(platform=Platform.SOUNDCLOUD, kind=kinds[what], id=number, url=url)


def api(path: tuple[str, ...], parts: SplitResult) -> Link:
    """Read an address of the API."""
    del parts
    return numbered(path)


def shortened(path: tuple[str, ...], parts: SplitResult) -> Link:
    """Read a short link of the app's share menu."""
    return short(Platform.SOUNDCLOUD, parts.hostname or "", path)


def player(path: tuple[str, ...], parts: SplitResult) -> Link:
    """Read the address of an embedded player, which names in its `url` what it plays."""
    del path
    wanted = parse_qs(parts.query).get("url", [""])[0]
    inner = re.fullmatch(r"https?://api(?:-v2)?\.soundcloud\.com/(\w+)/(?:soundcloud(?::|%3A)\w+(?::|%3A))?(\d+)\b.*", wanted)
    if inner is None:
        raise ValueError("This SoundCloud player does not say what it plays. Open the track or set itself and copy its link.")
    return numbered((inner[1], inner[2]))

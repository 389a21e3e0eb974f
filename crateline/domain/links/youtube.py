"""YouTube's links, YouTube Music's among them."""

import re
from urllib.parse import SplitResult, parse_qs

from crateline.domain.links.link import Kind, Link, checked
from crateline.domain.track import Platform

VIDEO = re.compile(r"[\w-]{11}", re.ASCII)
_LIST = re.compile(r"[\w-]{2,}", re.ASCII)


def page(path: tuple[str, ...], parts: SplitResult) -> Link:
    """A link to a video inside a playlist means the video: one track too few is mended sooner than 500 too many."""
    query = parse_qs(parts.query)
    seen, wanted = query.get("v", [""])[0], query.get("list", [""])[0]
    match path:
        case ["watch"] if seen:
            return video(seen)
        case ["embed", "videoseries"] if wanted:
            return playlist(wanted)
        case ["shorts" | "live" | "embed" | "v", identity]:
            return video(identity)
        case ["watch" | "playlist"] if wanted:
            return playlist(wanted)
    raise ValueError("This YouTube link is neither a video nor a playlist. Open the one you mean and copy its link.")


def shortened(path: tuple[str, ...], parts: SplitResult) -> Link:
    """Read a short link, which has the video's id in its path."""
    del parts
    return video(path[0] if path else "")


def video(identity: str) -> Link:
    """The link of a video by its id."""
    checked(identity, VIDEO, "YouTube video")
    url = f"https://www.youtube.com/watch?v={identity}"
    return Link(platform=Platform.YOUTUBE, kind=Kind.TRACK, id=identity, url=url)


def playlist(identity: str) -> Link:
    """The link of a playlist by its id. Raises ValueError for the lists that YouTube makes for one person alone."""
    if identity.startswith("RD") or identity in {"WL", "LL", "LM"}:
        raise ValueError("YouTube makes this list for one person alone. Save its videos to a playlist and paste that.")
    checked(identity, _LIST, "YouTube playlist")
    url = f"https://www.youtube.com/playlist?list={identity}"
    return Link(platform=Platform.YOUTUBE, kind=Kind.PLAYLIST, id=identity, url=url)

"""Beatport's links: of tracks alone."""

import re
from urllib.parse import SplitResult

from crateline.domain.links.link import NUMBER, Kind, Link, checked
from crateline.domain.track import Platform

_NAME = re.compile(r"[^\s?#]+")


def page(path: tuple[str, ...], parts: SplitResult) -> Link:
    """Read a track's page, in whatever language."""
    del parts
    match path:
        case ["track", name, number] | [_, "track", name, number]:
            return numbered(checked(number, NUMBER, "Beatport track"), checked(name, _NAME, "Beatport track"))
    raise ValueError("This Beatport link is not a track. Open the track and copy its link.")


def numbered(number: str, name: str = "-") -> Link:
    """The link of a track by its number."""
    checked(number, NUMBER, "Beatport track")
    return Link(platform=Platform.BEATPORT, kind=Kind.TRACK, id=number, url=f"https://www.beatport.com/track/{name}/{number}")

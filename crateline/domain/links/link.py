"""A link as a value: the platform, what stands behind it, its id; and what a piece of one has to look like."""

import re
from dataclasses import dataclass
from enum import StrEnum

from crateline.domain.track import Platform

TRACK_KEYS = {
    Platform.SOUNDCLOUD: "soundcloud:tracks:",
    Platform.SPOTIFY: "spotify:track:",
    Platform.YOUTUBE: "youtube:video:",
    Platform.BEATPORT: "beatport:track:",
}

NUMBER = re.compile(r"[0-9]+")
_SHOWN = 60


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


def shown(text: str) -> str:
    """What was pasted, quoted and cut short, for a sentence."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def checked(value: str, pattern: re.Pattern[str], what: str) -> str:
    """The id, if it looks like one. Raises ValueError with a sentence if it does not."""
    if not pattern.fullmatch(value):
        raise ValueError(f"{shown(value)} is not the id of a {what}. Copy the whole link once more.")
    return value


def short(platform: Platform, host: str, path: tuple[str, ...]) -> Link:
    """A short link, which says nothing before it is followed."""
    if not path:
        raise ValueError("This short link is not whole. Copy it once more.")
    code = checked("/".join(path), re.compile(r"[\w/-]+"), "short link")
    return Link(platform=platform, kind=Kind.SHORT, id=code, url=f"https://{host}/{code}")

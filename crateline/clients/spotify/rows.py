"""From Spotify's JSON to tracks. Titles stay as Spotify writes them ("Name - Extended Mix"); matching reads them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crateline.domain.track import Availability, Platform, Playlist, Track

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing(Playlist):
    """A playlist and the rows that are no tracks: files on somebody's disk, episodes, and rows without content."""

    local: int = 0
    episodes: int = 0
    missing: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """A playlist of the user's without its contents; `readable`: they own it or work on it, so its contents are shown."""

    id: str
    name: str
    snapshot: str
    readable: bool

    @property
    def key(self) -> str:
        """The playlist's key."""
        return f"spotify:playlist:{self.id}"

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://open.spotify.com/playlist/{self.id}"


def head(row: Json, user_id: str) -> Head:
    """Read a playlist object without items."""
    mine = (row.get("owner") or {}).get("id") == user_id or bool(row.get("collaborative"))
    return Head(id=str(row["id"]), name=str(row.get("name") or ""), snapshot=str(row.get("snapshot_id") or ""), readable=mine)


def track(item: Json, album: Json | None = None) -> Track:
    """Read a track object; `album` for an album's own rows, which do not repeat it."""
    record = item.get("album") or album or {}
    images = record.get("images") or [{}]
    milliseconds = item.get("duration_ms")
    return Track(
        key=f"spotify:track:{item['id']}",
        title=str(item.get("name") or ""),
        artist=", ".join(str(artist.get("name") or "") for artist in item.get("artists") or ()),
        url=f"https://open.spotify.com/track/{item['id']}",
        platform=Platform.SPOTIFY,
        duration=milliseconds / 1000 if isinstance(milliseconds, int | float) else None,
        availability=Availability.ELSEWHERE,
        isrc=str((item.get("external_ids") or {}).get("isrc") or "").upper(),
        album=str(record.get("name") or ""),
        artwork_url=str(images[0].get("url") or ""),
    )


def kind(item: Json | None) -> str:
    """What a row is: "track", or the reason it is none: "local", "episodes", "missing"."""
    if not item:
        return "missing"
    if item.get("is_local"):
        return "local"
    if item.get("type", "track") != "track":
        return "episodes"
    return "track" if item.get("id") else "missing"


def listing(items: Iterable[Json | None], album: Json | None = None, **playlist: Any) -> Listing:
    """Build a playlist from its rows' items in their order; `playlist` are Playlist's other fields."""
    rows = list(items)
    counts = Counter(kind(item) for item in rows)
    tracks = tuple(track(item, album) for item in rows if item and kind(item) == "track")
    return Listing(
        platform=Platform.SPOTIFY,
        tracks=tracks,
        local=counts["local"],
        episodes=counts["episodes"],
        missing=counts["missing"],
        **playlist,
    )

"""The exact identities by which a track's page is known: its key, its links, its ids at other platforms."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from crateline.domain import titles
from crateline.domain.folding import fold
from crateline.domain.track import Platform, Track


def soundcloud_url(url: str) -> str:
    """A SoundCloud link without what does not tell tracks apart: scheme, `m.`/`www.`, query, case, last slash."""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
    except ValueError:  # what a person typed into a link property need not be a link
        return ""
    host = parts.netloc.lower().removeprefix("www.").removeprefix("m.")
    return f"{host}{parts.path.rstrip('/').lower()}" if host == "soundcloud.com" else ""


def _spotify_id(key: str) -> str:
    return key.removeprefix("spotify:track:") if key.startswith("spotify:track:") else ""


def _named(pairs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{kind}:{value}" for kind, value in pairs.items() if value))


def of_track(track: Track) -> tuple[str, ...]:
    """A track's anchors, the surest first."""
    return _named(
        {
            "source": track.key,
            "soundcloud": soundcloud_url(track.url) if track.platform is Platform.SOUNDCLOUD else "",
            "spotify": _spotify_id(track.key),
            "url": track.url,
            "isrc": track.isrc.upper(),
        }
    )


def of_page(words: Mapping[str, Any]) -> tuple[str, ...]:
    """A page's anchors, from what it says by our words (`properties.decode`)."""
    said = {name: value for name, value in words.items() if isinstance(value, str)}
    pairs = [
        ("source", said.get("source_id", "")),
        ("soundcloud", soundcloud_url(said.get("soundcloud_url", ""))),
        ("soundcloud", soundcloud_url(said.get("url", "")) or soundcloud_url(said.get("source_url", ""))),
        ("spotify", said.get("spotify_id", "").removeprefix("spotify:track:")),
        ("url", said.get("url", "")),
        ("url", said.get("source_url", "")),
        ("isrc", said.get("isrc", "").upper()),
    ]
    return tuple(dict.fromkeys(f"{kind}:{value}" for kind, value in pairs if value))


def name_of(title: str) -> str:
    """The folded core title: under one name stand all versions of a title, to be told apart by matching."""
    parts = titles.parse(title).segments  # "Artist - Title" and "Title" are one name
    return (fold(parts[-1]) if parts else "") or fold(title)

"""Which of a SoundCloud track's streams is worth asking for, told from the listing alone.

yt-dlp resolves every stream of a track before it chooses one: three to five of the 600 media requests that SoundCloud
allows in ten minutes. `SoundcloudIE` here asks for the best one first and for another only if that is missing.
"""

from collections.abc import Mapping
from typing import Any

from yt_dlp.extractor import soundcloud

from crateline import errors
from crateline.domain.track import Availability

# Best first: AAC in HLS is what SoundCloud makes today; MP3 and Opus are left from earlier. (preset begins, protocol)
PREFERENCE = (
    ("aac_256k", "hls"),
    ("aac_160k", "progressive"),
    ("aac_160k", "hls"),
    ("mp3", "progressive"),
    ("mp3", "hls"),
    ("opus", "progressive"),
    ("opus", "hls"),
    ("aac", "progressive"),
    ("aac", "hls"),
)
ENCRYPTED = ("ctr-", "cbc-", "encrypted-")
EXCERPT_TOLERANCE_MS = 1000
EXCERPT = "excerpt"
"""The extractor's argument with which a track that is offered as an excerpt gives that, instead of being refused."""


def availability(info: Mapping[str, Any]) -> Availability:
    """What can be had of a track, from its JSON as api-v2 lists it."""
    if info.get("policy") == "BLOCK":
        return Availability.BLOCKED
    streams = _transcodings(info)
    if info.get("policy") == "SNIP" or (streams and all(stream.get("snipped") for stream in streams)) or _cut(info):
        return Availability.PREVIEW
    if streams and all(_encrypted(stream) for stream in streams):
        return Availability.PROTECTED
    return Availability.PLAYABLE


def ranked(info: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A track's usable whole streams, best first."""
    usable = [stream for stream in _transcodings(info) if not _encrypted(stream) and not stream.get("snipped")]
    return sorted((stream for stream in usable if _rank(stream) is not None), key=lambda stream: _rank(stream) or 0)


def excerpts(info: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The streams of a track's excerpt, best first; none if the whole is offered."""
    usable = [stream for stream in _transcodings(info) if not _encrypted(stream) and _rank(stream) is not None]
    offered = usable if availability(info) is Availability.PREVIEW else []
    return sorted(offered, key=lambda stream: _rank(stream) or 0)


class SoundcloudIE(soundcloud.SoundcloudIE):  # type: ignore[misc] # yt-dlp is untyped
    """yt-dlp's extractor, frugal: one media request for most tracks and none for those that cannot be had."""

    def _extract_info_dict(self, info: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("extract_flat"):
            return super()._extract_info_dict(info, *args, **kwargs)
        if not (streams := excerpts(info) if self._configuration_arg(EXCERPT) else []):
            _refuse(info)
            streams = ranked(info)
        found = None
        for stream in streams:
            found = super()._extract_info_dict({**info, "media": {"transcodings": [stream]}}, *args, **kwargs)
            if found["formats"]:
                return found
            info = {**info, "downloadable": False}  # the original file was asked for the first time
        if found is None:
            raise errors.SourceError(_key(info), "SoundCloud offers no stream of it")
        return found

    def _extract_thumbnails(self, info: Any) -> Any:
        """No pictures: yt-dlp would spend a request on looking at one; the listing has their address."""
        del info


def _refuse(info: Mapping[str, Any]) -> None:
    found = availability(info)
    if found is Availability.PREVIEW:
        raise errors.Preview(_key(info), "SoundCloud offers an excerpt only")
    if found is Availability.PROTECTED:
        raise errors.Protected(_key(info), "SoundCloud offers it under DRM only")
    if found is Availability.BLOCKED:
        raise errors.RegionBlocked(_key(info), "SoundCloud does not offer it in this country")


def _key(info: Mapping[str, Any]) -> str:
    return f"soundcloud:tracks:{info.get('id')}"


def _transcodings(info: Mapping[str, Any]) -> list[dict[str, Any]]:
    media = info.get("media")
    streams = media.get("transcodings") if isinstance(media, Mapping) else None
    return [stream for stream in streams or [] if isinstance(stream, dict)]


def _protocol(stream: Mapping[str, Any]) -> str:
    form = stream.get("format")
    return str(form.get("protocol") or "") if isinstance(form, Mapping) else ""


def _encrypted(stream: Mapping[str, Any]) -> bool:
    return _protocol(stream).startswith(ENCRYPTED)


def _cut(info: Mapping[str, Any]) -> bool:
    part, whole = info.get("duration") or 0, info.get("full_duration") or 0
    return bool(part) and whole - part > EXCERPT_TOLERANCE_MS


def _rank(stream: Mapping[str, Any]) -> int | None:
    preset, protocol = str(stream.get("preset") or ""), _protocol(stream)
    ranks = (place for place, (begins, wanted) in enumerate(PREFERENCE) if preset.startswith(begins) and protocol == wanted)
    return next(ranks, None)

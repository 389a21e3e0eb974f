"""Fetch a track's audio as it lies at its source: no conversion, no post-processing, resumable after a kill.

What a source says of a track (its title, its uploader) goes into the answer and nowhere else: the file's name is the
caller's `stem`, a digest of the format and an extension from a fixed list.
"""

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crateline import errors
from crateline.audio import segments
from crateline.clients import soundcloud_streams, ytdlp

FORMAT = "bestaudio[format_id!*=preview]"
EXCERPT_FORMAT = "bestaudio[format_id*=preview]"
EXTENSIONS = frozenset({"aac", "aif", "aiff", "flac", "m4a", "mp3", "mp4", "ogg", "opus", "wav", "webm"})
AUDIO_SERVICES = {"soundcloud-api": "soundcloud-media", "youtube": "youtube"}  # whose fault it is when the bytes do not come

Ask = Callable[[], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """A file that has arrived whole. `bitrate` in kbit/s and `listed_duration` in seconds are the source's word, or None."""

    path: Path
    extension: str
    bitrate: float | None
    codec: str
    listed_duration: float | None
    url: str
    title: str
    uploader: str


def fetch(
    track_url: str,
    *,
    key: str,
    folder: Path,
    stem: str,
    ask_api: Ask,
    ask_media: Ask,
    cache_dir: Path,
    player_clients: tuple[str, ...] = (),
    cancelled: Callable[[], bool],
    progress: Callable[[float], None] | None = None,
    excerpt: bool = False,
) -> Fetched:
    """Fetch the best whole audio of a SoundCloud track or a YouTube video into `folder`.

    A second call with the same `folder` and `stem` goes on where a killed one stopped, and gives a file that has
    already arrived without fetching it again.

    Args:
        track_url: the page.
        key: the track's key, carried by the errors.
        folder: where the file is put; made if absent.
        stem: the file's name without its ending; one path component of our own making, never a title.
        ask_api: the budget for the source's API (for a video: YouTube's).
        ask_media: the budget for resolving SoundCloud's streams.
        cache_dir: yt-dlp's cache, shared by all workers.
        player_clients: YouTube's player clients; empty for yt-dlp's own choice.
        cancelled: asked before each request and for each block of data.
        progress: told the share that has arrived, from 0 to 1.
        excerpt: fetch the thirty seconds that SoundCloud offers of a track which it does not give whole.

    Raises:
        Preview, Protected, RegionBlocked, Gone, SourceError: it cannot be had there.
        Throttled, Unavailable, ServiceStopped, CredentialsRefused: not now.
        Interrupted: `cancelled()` became true; what has arrived stays for the next call.
        ValueError: `stem` is not a plain file name.
    """
    if Path(stem).name != stem or stem in {"", ".."} or "\0" in stem:
        raise ValueError(f"not a plain file name: {stem!r}")
    watch = _Watch(cancelled, progress)
    watch.check()
    service = ytdlp.service_of(track_url)
    asks = {"soundcloud-api": ask_api, "soundcloud-media": ask_media, "youtube": ask_api}
    arguments = {"youtube": {"player_client": list(player_clients)}} if player_clients else {}
    if excerpt:
        arguments["soundcloud"] = {soundcloud_streams.EXCERPT: ["yes"]}
    wanted = EXCERPT_FORMAT if excerpt else FORMAT
    with (
        ytdlp.open_downloader(
            asks=asks, cache_dir=cache_dir, check=watch.check, progress=watch.moved, format=wanted, extractor_args=arguments
        ) as ydl,
    ):
        with ytdlp.translated(service, key=key):
            info = ydl.extract_info(track_url, download=False)
        with ytdlp.translated(AUDIO_SERVICES[service], key=key):
            path = _download(ydl, info, folder / _name(stem, info), watch)
    _tidy(folder, stem, path)
    return _told(info, path)


def _download(ydl: ytdlp.Downloader, info: dict[str, Any], path: Path, watch: "_Watch") -> Path:
    if not info.get("url"):
        raise errors.Rejected("source", "the link leads to no single recording")
    path.parent.mkdir(parents=True, exist_ok=True)
    if str(info.get("protocol")).startswith("m3u8"):
        if not path.exists():
            segments.download(ydl, info, path, moved=watch.arrived)
        return path
    arrived, _ = ydl.dl(str(path), info)
    if not arrived or not path.is_file():
        raise errors.MediaError("the download ended without a file", str(path))
    return path


def _told(info: dict[str, Any], path: Path) -> Fetched:
    return Fetched(
        path=path,
        extension=path.suffix.removeprefix("."),
        bitrate=info.get("abr") or info.get("tbr"),
        codec=_codec(info),
        listed_duration=info.get("duration"),
        url=str(info.get("webpage_url") or info.get("original_url") or ""),
        title=str(info.get("title") or ""),
        uploader=str(info.get("uploader") or info.get("channel") or ""),
    )


def _name(stem: str, info: dict[str, Any]) -> str:
    """A name that is the same for the same stream, so that a part is never continued with another stream's bytes."""
    extension = str(info.get("ext") or "")
    if extension not in EXTENSIONS:
        raise errors.MediaError(f"an unknown kind of file is offered: {extension!r}")
    stream = hashlib.sha256(str(info.get("format_id")).encode()).hexdigest()[:8]
    return f"{stem}.{stream}.{extension}"


def _tidy(folder: Path, stem: str, kept: Path) -> None:
    """Remove the parts that earlier attempts with other streams have left."""
    ours = re.compile(re.escape(stem) + r"\.[0-9a-f]{8}\.\w+(?:\.part.*|\.ytdl)?")
    for path in folder.iterdir():
        if path == kept or not ours.fullmatch(path.name):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _codec(info: dict[str, Any]) -> str:
    named = str(info.get("acodec") or "none")
    return named if named != "none" else str(info["ext"])


class _Watch:
    """Looks whether to stop, and tells how far we are."""

    def __init__(self, cancelled: Callable[[], bool], progress: Callable[[float], None] | None) -> None:
        self.cancelled = cancelled
        self.progress = progress

    def check(self) -> None:
        """Raise Interrupted when we are to stop."""
        if self.cancelled():
            raise errors.Interrupted("the download was interrupted")

    def moved(self, state: dict[str, Any]) -> None:
        """Take yt-dlp's word on a running download."""
        share = _share(state)
        self.check()
        if share is not None:
            self.arrived(share)

    def arrived(self, share: float) -> None:
        """Tell the share that has arrived."""
        self.check()
        if self.progress is not None:
            self.progress(share)


def _share(state: dict[str, Any]) -> float | None:
    if state.get("status") == "finished":
        return 1.0
    for done, whole in (("fragment_index", "fragment_count"), ("downloaded_bytes", "total_bytes")):
        if state.get(whole):
            return float(min(1.0, (state.get(done) or 0) / state[whole]))
    return None

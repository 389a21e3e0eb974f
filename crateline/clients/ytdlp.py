"""The one place that builds a `yt_dlp.YoutubeDL`: quiet, asking budgets, staying on known hosts, never retrying a service.

    with ytdlp.open_downloader(asks={"soundcloud-api": ask}, cache_dir=folder) as ydl, ytdlp.translated("soundcloud-api"):
        ...

Only the extractors of SoundCloud and YouTube are loaded: nothing else can be asked, and a downloader costs 0.3 ms.
"""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yt_dlp
from yt_dlp.extractor import soundcloud, youtube
from yt_dlp.networking import exceptions as networking

from crateline import errors
from crateline.clients import ytdlp_failures
from crateline.clients.soundcloud_streams import SoundcloudIE

Ask = Callable[[], None]

SOCKET_TIMEOUT_S = 20.0
RETRIES = 3  # of data on the hosts without a budget; whatever costs a request of a budget is retried by the line, not here

# Suffix of a host -> the service whose budget a request to it spends, or None where the audio itself lies and all is free.
TOLLS: Mapping[str, str | None] = {
    "soundcloud.com": "soundcloud-api",
    "sndcdn.com": None,
    "soundcloud.cloud": None,
    "youtube.com": "youtube",
    "youtu.be": "youtube",
    "youtube-nocookie.com": "youtube",
    "youtubei.googleapis.com": "youtube",
    "googlevideo.com": None,
    "ytimg.com": None,
    "ggpht.com": None,
}
SERVICES = {  # whose fault it is when such a host fails, though it costs nothing
    "sndcdn.com": "soundcloud-media",
    "soundcloud.cloud": "soundcloud-media",
    "googlevideo.com": "youtube",
    "ytimg.com": "youtube",
    "ggpht.com": "youtube",
}
MEDIA_HOST, MEDIA_PATH = "api-v2.soundcloud.com", "/media/"  # counted apart: 600 in ten minutes

EXTRACTORS = (
    SoundcloudIE,
    soundcloud.SoundcloudSetIE,
    soundcloud.SoundcloudUserIE,
    soundcloud.SoundcloudSearchIE,
    youtube.YoutubeIE,
    youtube.YoutubeTabIE,
    youtube.YoutubePlaylistIE,
    youtube.YoutubeYtBeIE,
    youtube.YoutubeSearchIE,
)

_log = logging.getLogger(__name__)


def suffix_of(url: str) -> str:
    """The allowed suffix that a URL's host belongs to. Raises Rejected for any other host or scheme."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    for suffix in TOLLS:
        if parts.scheme in {"https", "http"} and (host == suffix or host.endswith(f".{suffix}")):
            return suffix
    raise errors.Rejected("source", f"{parts.scheme}://{host} is not a host that crateline talks to")


def toll(url: str) -> str | None:
    """The budget that a request to `url` spends, or None if it is free. Raises Rejected for a foreign host."""
    service = TOLLS[suffix_of(url)]
    parts = urlsplit(url)
    return "soundcloud-media" if parts.hostname == MEDIA_HOST and parts.path.startswith(MEDIA_PATH) else service


def service_of(url: str) -> str:
    """The service to name when a request to `url` fails. Raises Rejected for a foreign host."""
    return toll(url) or SERVICES[suffix_of(url)]


class Downloader(yt_dlp.YoutubeDL):  # type: ignore[misc] # yt-dlp is untyped
    """A YoutubeDL whose every request pays its toll first.

    `asks` holds the budgets by service: an absent one is a request that must not happen (Rejected). `check` is called
    before each request and may raise, e.g. Interrupted.
    """

    def __init__(self, params: dict[str, Any], *, asks: Mapping[str, Ask], check: Ask) -> None:
        self.asks = asks
        self.check = check
        self.responses: list[Any] = []
        super().__init__(params, auto_init=False)
        for extractor in EXTRACTORS:
            self.add_info_extractor(extractor())  # an instance: a class would be looked up again by name in yt-dlp

    def urlopen(self, req: Any) -> Any:
        """Send a request within its budget; a redirect to a foreign host is refused as well."""
        url = req if isinstance(req, str) else req.url
        service = toll(url)
        self.check()
        if service is not None:
            self._ask(service)
        try:
            response = super().urlopen(req)
        except networking.HTTPError as error:
            self._remember(error.response)
            raise
        self._remember(response)
        suffix_of(response.url)
        return response

    def dl(self, *args: Any, **kwargs: Any) -> Any:
        """Download; when that fails, close what it was writing, so that no late flush meets the next attempt."""
        try:
            return super().dl(*args, **kwargs)
        except BaseException as error:
            _close_files(error)
            raise

    def close(self) -> None:
        """End every connection, also of answers that nobody has read to their end."""
        for response in self.responses:
            response.close()
        super().close()

    def _remember(self, response: Any) -> None:
        self.responses = [one for one in self.responses if not one.closed] + [response]

    def _ask(self, service: str) -> None:
        ask = self.asks.get(service)
        if ask is None:
            raise errors.Rejected(service, "this work was given no budget for it")
        ask()


def _close_files(error: BaseException) -> None:
    """Close the files of a download that was left by an exception: yt-dlp keeps them in its frames' contexts."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        context = frame.f_locals.get("ctx")
        kept = context.get("dest_stream") if isinstance(context, dict) else None
        for stream in (getattr(context, "stream", None), kept):
            if stream is not None:
                stream.close()


class _Log:
    """yt-dlp's messages in our log. Errors are raised as well, so none is louder than debug."""

    def debug(self, message: str) -> None:
        _log.debug("%s", message)

    info = warning = error = debug


def open_downloader(
    *,
    asks: Mapping[str, Ask],
    cache_dir: Path,
    check: Ask = lambda: None,
    progress: Callable[[dict[str, Any]], None] | None = None,
    **params: Any,
) -> Downloader:
    """Build a downloader; use it in a `with`.

    Args:
        asks: budgets by service name.
        cache_dir: where yt-dlp keeps SoundCloud's client_id and YouTube's player data; share it between workers.
        check: called before each request.
        progress: called with yt-dlp's progress dictionary.
        params: more of yt-dlp's parameters (`format`, `extractor_args`).
    """
    fixed: dict[str, Any] = {
        "quiet": True,
        "noprogress": True,
        "logger": _Log(),
        "color": "never",
        "compat_opts": {"no-certifi"},  # else SSL_CERT_FILE does not hold
        "cachedir": str(cache_dir),
        "extractor_retries": 0,
        "retries": RETRIES,
        "fragment_retries": RETRIES,
        "skip_unavailable_fragments": False,  # the default leaves a hole in the music and says nothing
        "socket_timeout": SOCKET_TIMEOUT_S,
        "geo_bypass": False,
        "noplaylist": True,
        "fixup": "never",
        "updatetime": False,
        "js_runtimes": {"deno": {}, "node": {}},
        "progress_hooks": [progress] if progress else [],
    }
    return Downloader({**fixed, **params}, asks=asks, check=check)


@contextmanager
def translated(service: str, *, key: str = "") -> Iterator[None]:
    """Turn what yt-dlp raises inside the block into our errors.

    Args:
        service: whom to name when the failure itself does not say which host it came from.
        key: the track that the block is about; empty for a listing. With it a 404 means that the track is gone.
    """
    try:
        yield
    except errors.SourceError as error:
        if key in {"", error.key}:
            raise
        raise type(error)(key, error.detail) from error  # found under its source's key, asked for under another
    except (yt_dlp.utils.YoutubeDLError, OSError) as error:
        raise ytdlp_failures.translate(error, service=service, key=key, service_of=service_of) from error

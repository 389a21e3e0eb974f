"""Fetch an HLS stream segment by segment, each an own file until all are there.

yt-dlp's own HLS downloader appends to one file and notes its place in another: killed between the two it repeats a
segment, and continued after an initialisation segment it writes that a second time into the middle. Here a segment
either has arrived or has not, and the joined file is the same bytes however often the work was interrupted.
"""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin

from yt_dlp.networking import Request
from yt_dlp.networking import exceptions as networking

from crateline import errors

BLOCK = 65536
ATTEMPTS = 3  # the hosts of segments have no budget; a passing fault of one need not cost the whole track an attempt
NOT_READ = ("#EXT-X-BYTERANGE", "#EXT-X-STREAM-INF", "#EXT-X-DISCONTINUITY")

Open = Callable[[str], Any]


class Opener(Protocol):
    """What sends requests: a YoutubeDL."""

    def urlopen(self, req: Any) -> Any:
        """Send a request and give yt-dlp's response."""


def download(ydl: Opener, info: dict[str, Any], path: Path, *, moved: Callable[[float], None]) -> None:
    """Fetch the stream that `info` (yt-dlp's, of one format) describes into `path`.

    `moved` is told the share that has arrived and may raise; what has arrived stays beside `path` for the next call.
    Raises MediaError for a playlist of a kind that is not read, and what yt-dlp raises for a failed request.
    """
    headers = info.get("http_headers") or {}

    def opened(url: str) -> Any:
        return ydl.urlopen(Request(url, headers=headers))

    links = addresses(_text(opened, info["url"]), info["url"])
    folder = path.with_name(f"{path.name}.parts{len(links)}")
    folder.mkdir(exist_ok=True)
    for number, link in enumerate(links):
        piece = folder / f"{number:05d}"
        if not piece.exists():
            _replace(piece, _fetched(opened, link, lambda: moved(number / len(links))))  # noqa: B023 - used at once
        moved((number + 1) / len(links))
    _join(folder, path)


def addresses(playlist: str, base: str) -> list[str]:
    """The absolute URLs of a media playlist's segments, the initialisation segment first.

    Raises Protected for encrypted segments and MediaError for what SoundCloud and YouTube do not send of audio.
    """
    found: list[str] = []
    for line in (line.strip() for line in playlist.splitlines()):
        if line.startswith(NOT_READ) or (line.startswith("#EXT-X-MAP:") and "BYTERANGE=" in line):
            raise errors.MediaError(f"the stream's playlist has {line.split(':')[0]} in a form that is not read")
        if line.startswith("#EXT-X-KEY:") and "METHOD=NONE" not in line:
            raise errors.Protected("", "its segments are encrypted")
        if line.startswith("#EXT-X-MAP:") and (match := re.search(r'URI="([^"]+)"', line)):
            found.append(urljoin(base, match[1]))
        elif line and not line.startswith("#"):
            found.append(urljoin(base, line))
    if not playlist.lstrip("\ufeff").startswith("#EXTM3U") or "#EXT-X-ENDLIST" not in playlist or not found:
        raise errors.MediaError("the stream's playlist is not whole")
    return found


def _text(opened: Open, url: str) -> str:
    return _fetched(opened, url, lambda: None).decode("utf-8", "replace")


def _fetched(opened: Open, url: str, check: Callable[[], None]) -> bytes:
    """Read one address whole; a passing fault is tried again at once."""
    for attempt in range(ATTEMPTS):
        try:
            return _read(opened, url, check)
        except networking.RequestError as error:
            if attempt == ATTEMPTS - 1 or not _passing(error):
                raise
    raise AssertionError("the loop returns or raises")


def _read(opened: Open, url: str, check: Callable[[], None]) -> bytes:
    with opened(url) as response:
        length, data = int(response.headers.get("Content-Length") or 0), bytearray()
        while block := response.read(BLOCK):
            data += block
            if len(data) != length:  # what has arrived whole is kept before anybody looks whether to stop
                check()
    if not data:
        raise networking.IncompleteRead(0)
    return bytes(data)


def _passing(error: networking.RequestError) -> bool:
    return not isinstance(error, networking.HTTPError) or error.status >= 500  # noqa: PLR2004 - HTTP's own boundary


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)  # noqa: PTH105 - the atomic step, named as such


def _join(folder: Path, path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as whole:
        for piece in sorted(folder.iterdir()):
            if piece.suffix != ".part":
                whole.write(piece.read_bytes())
    os.replace(part, path)  # noqa: PTH105 - the atomic step, named as such
    shutil.rmtree(folder)

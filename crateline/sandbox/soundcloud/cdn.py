"""The hosts that carry audio: whole files with Range, and HLS playlists whose segments are parts of one file."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from crateline.sandbox import music
from crateline.sandbox.catalogue import SoundCloudTrack
from crateline.sandbox.soundcloud.state import State

NAME = re.compile(r"(?P<id>\d+)-(?P<form>[a-z0-9-]+)\.(?P<rate>\d+)\.(?P<extension>\w+)")
RANGE = re.compile(r"bytes=(\d+)-(\d*)")
TYPES = {"mp3": "audio/mpeg", "opus": "audio/ogg", "m4s": "audio/mp4"}
CHUNK = 65536
PACED_CHUNK = 4096
SEGMENT_S = 10.0


class Cdn:
    """Answers signed links; an unsigned or expired one is 403."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def playlist(self, request: Request) -> Response:
        """An HLS media playlist. Its segments are signed one by one, as the real one's are."""
        if not self._admitted(request):
            return _refused()
        name = request.path_params["name"]
        track, path = await self._file(name)
        ranges = music.segments(path, track.duration, target=SEGMENT_S)
        host = request.headers["host"].split(":")[0]
        links = [self.state.sign(host, f"/media/{start}/{end}/{name}") for start, end in ranges]
        return PlainTextResponse(_m3u8(links, track.duration, mapped=path.suffix == ".mp4"), media_type="audio/mpegurl")

    async def segment(self, request: Request) -> Response:
        """One part of a stream."""
        if not self._admitted(request):
            return _refused()
        track, path = await self._file(request.path_params["name"])
        return self._send(request, track, path, request.path_params["start"], request.path_params["end"])

    async def whole(self, request: Request) -> Response:
        """A whole file, or the rest of it from a Range."""
        if not self._admitted(request):
            return _refused()
        track, path = await self._file(request.path_params["name"])
        return self._send(request, track, path, 0, path.stat().st_size)

    def _admitted(self, request: Request) -> bool:
        return (
            self.state.admits(request.url.path, request.query_params) and NAME.fullmatch(request.path_params["name"]) is not None
        )

    async def _file(self, name: str) -> tuple[SoundCloudTrack, Path]:
        match = NAME.fullmatch(name)
        if match is None:
            raise ValueError(f"not a file of the sandbox: {name!r}")
        track = self.state.tracks[int(match["id"])]
        return track, await self.state.music.ready(track.recording, match["form"])

    def _send(self, request: Request, track: SoundCloudTrack, path: Path, start: int, end: int) -> Response:
        headers = {"Accept-Ranges": "bytes", "Content-Type": TYPES[request.path_params["name"].rpartition(".")[2]]}
        first, last = _asked(request.headers.get("range", ""), end - start)
        if first >= end - start:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{end - start}"})
        status = 200
        if (first, last) != (0, end - start) or "range" in request.headers:
            status = 206
            headers["Content-Range"] = f"bytes {first}-{last - 1}/{end - start}"
        headers["Content-Length"] = str(last - first)
        body = self._body(request, track, path, (start + first, start + last))
        return StreamingResponse(body, status, headers)

    async def _body(self, request: Request, track: SoundCloudTrack, path: Path, span: tuple[int, int]) -> AsyncIterator[bytes]:
        data = await asyncio.to_thread(path.read_bytes)
        size = PACED_CHUNK if self.state.pace else CHUNK
        for place in range(*span, size):
            piece = data[place : min(place + size, span[1])]
            yield piece
            if self.state.pace:
                await asyncio.sleep(len(piece) / self.state.pace)
        if not await request.is_disconnected():
            self.state.stats.sent(track.id, span[1] - span[0], last=span[1] == len(data))


def _asked(header: str, size: int) -> tuple[int, int]:
    match = RANGE.fullmatch(header)
    if match is None:
        return 0, size
    return int(match[1]), min(size, int(match[2]) + 1) if match[2] else size


def _refused() -> Response:
    return PlainTextResponse("Forbidden", 403)


def _m3u8(links: list[str], seconds: float, *, mapped: bool) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-PLAYLIST-TYPE:VOD", f"#EXT-X-TARGETDURATION:{int(SEGMENT_S) + 1}"]
    if mapped:
        first, *links = links
        lines.append(f'#EXT-X-MAP:URI="{first}"')
    for link in links:
        lines += [f"#EXTINF:{seconds / len(links):.6f},", link]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])

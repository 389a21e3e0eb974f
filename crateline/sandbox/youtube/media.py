"""*.googlevideo.com: audio by Range, behind links that expire, and how much of it has left."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from crateline.sandbox.catalogue import Video
from crateline.sandbox.music import Music
from crateline.sandbox.youtube import player

RANGE = re.compile(r"bytes=(\d+)-")


class Media:
    """The files behind the links. `expired_before`: links that end before this time (seconds since the epoch) are dead."""

    def __init__(self, videos: Mapping[str, Video], music: Music, pace: float | None) -> None:
        self.videos = videos
        self.music = music
        self.pace = pace
        self.expired_before = 0.0
        self.downloads: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()

    def figures(self) -> dict[str, Any]:
        """How often the end of each video's audio has left, and how many bytes."""
        return {"downloads": {key: count for key, count in self.downloads.items() if count}, "bytes": dict(self.bytes)}

    async def play(self, request: Request) -> Response:
        """Give audio, whole or by Range; 403 for a link that has expired, as the real one does."""
        asked = request.query_params
        video, itag = self.videos.get(asked.get("id", "")), asked.get("itag", "")
        until = float(asked.get("expire", 0))
        known = itag.isdigit() and int(itag) in player.FORMATS
        if video is None or not known or until < max(time.time(), self.expired_before):
            return Response(status_code=403)
        form, kind, _ = player.FORMATS[int(itag)]
        path = await self.music.ready(video.recording, form)
        return Sent(self, video.id, path, kind.partition(";")[0])


class Sent(FileResponse):
    """A file whose bytes are counted on their way, and paced."""

    def __init__(self, media: Media, identity: str, path: Path, kind: str) -> None:
        super().__init__(path, media_type=kind, stat_result=path.stat())
        self.media = media
        self.identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send; the download counts once the file's last byte has gone."""
        asked = RANGE.match(Request(scope).headers.get("range", ""))
        place = int(asked[1]) if asked else 0

        async def counted(message: Message) -> None:
            nonlocal place
            await send(message)
            size = len(message.get("body", b""))
            place += size
            self.media.bytes[self.identity] += size
            if self.media.pace:
                await asyncio.sleep(size / self.media.pace)

        await super().__call__(scope, receive, counted)
        if self.stat_result is not None and place == self.stat_result.st_size:
            self.media.downloads[self.identity] += 1

"""api-v2.soundcloud.com: who asks without today's client_id is answered with 401."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from crateline.sandbox.catalogue import Fate, SoundCloudSet, SoundCloudTrack
from crateline.sandbox.soundcloud import answers
from crateline.sandbox.soundcloud.state import State

MOST_IDS = 50
MOST_PER_PAGE = 200
NOT_FOUND = "Not found"
HIDDEN = (Fate.DELETED, Fate.BLOCKED)  # from a search


class Api:
    """The endpoints. Each takes a request with a valid client_id and gives the true answer."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def resolve(self, request: Request) -> Response:
        """What stands at a page: a track, a set or a user."""
        asked = urlsplit(request.query_params.get("url", ""))
        thing = self.state.pages.get(asked.path.rstrip("/"))
        if thing is None or (isinstance(thing, SoundCloudTrack) and thing.fate is Fate.DELETED):
            return missing()
        if isinstance(thing, SoundCloudTrack):
            return JSONResponse(answers.track(thing))
        if isinstance(thing, SoundCloudSet):
            return JSONResponse(answers.playlist(thing, self.state.tracks))
        return JSONResponse(answers.user(thing))

    async def tracks(self, request: Request) -> Response:
        """Several tracks by id, in the API's own order and without those that are gone; never more than 50."""
        ids = request.query_params.get("ids", "").split(",")
        if len(ids) > MOST_IDS or not all(number.isdigit() for number in ids):
            return JSONResponse({"errors": [{"error_message": "ids is not valid"}]}, 400)
        found = [self._existing(int(number)) for number in sorted(set(ids))]
        return JSONResponse([answers.track(one) for one in found if one])

    async def track(self, request: Request) -> Response:
        """One track by id or URN."""
        one = self._existing(_number(request.path_params["id"]))
        return JSONResponse(answers.track(one)) if one else missing()

    async def playlist(self, request: Request) -> Response:
        """One set by id or URN."""
        one = self.state.sets.get(_number(request.path_params["id"]))
        return JSONResponse(answers.playlist(one, self.state.tracks)) if one else missing()

    async def user(self, request: Request) -> Response:
        """One profile."""
        one = self.state.users.get(_number(request.path_params["id"]))
        return JSONResponse(answers.user(one)) if one else missing()

    async def likes(self, request: Request) -> Response:
        """What a user likes, newest first: pages of at most 200 with `next_href`."""
        one = self.state.users.get(_number(request.path_params["id"]))
        if one is None:
            return missing()
        rows = [track for number in one.likes if (track := self._existing(number))]
        liked = [{"kind": "like", "created_at": "2026-05-01T12:00:00Z", "track": answers.track(track)} for track in rows]
        return _page(request, liked)

    async def uploads(self, request: Request) -> Response:
        """The tracks that a user has uploaded."""
        number = _number(request.path_params["id"])
        if number not in self.state.users:
            return missing()
        own = [track for track in self.state.world.soundcloud if track.user.id == number and track.fate is not Fate.DELETED]
        return _page(request, [answers.track(track) for track in own])

    async def sets(self, request: Request) -> Response:
        """The sets that a user has made."""
        number = _number(request.path_params["id"])
        own = [one for one in self.state.sets.values() if one.user.id == number]
        return _page(request, [answers.playlist(one, self.state.tracks) for one in own])

    async def search(self, request: Request) -> Response:
        """Tracks whose words meet the question's, best first."""
        wanted = _words(request.query_params.get("q", ""))
        scored = [(len(wanted & _words(f"{t.title} {t.artist} {t.user.username}")), t) for t in self.state.world.soundcloud]
        hits = sorted(((score, t) for score, t in scored if score and t.fate not in HIDDEN), key=lambda hit: -hit[0])
        return _page(request, [answers.track(track) for _, track in hits])

    async def media(self, request: Request) -> Response:
        """The signed link of one transcoding."""
        one = self._existing(_number(request.path_params["id"]))
        forms = {answers.transcoding_id(one, form): form for form in answers.TRANSCODINGS} if one else {}
        form = forms.get(request.path_params["uuid"])
        if one is None or form is None or one.fate not in (Fate.PLAYABLE, Fate.PREVIEW):
            return missing()
        return JSONResponse({"url": self._link(one, form)})

    async def download(self, request: Request) -> Response:
        """The uploader's original file: for signed-in users only."""
        del request
        return JSONResponse({"errors": [{"error_message": "Unauthorized"}]}, 401)

    def _link(self, one: SoundCloudTrack, form: str) -> str:
        if one.fate is Fate.PREVIEW and form == "mp3":
            return self.state.sign("cf-preview-media.sndcdn.com", f"/preview/0/30/{one.id}-preview.128.mp3")
        if one.fate is Fate.PREVIEW:
            return self.state.sign("cf-hls-media.sndcdn.com", f"/playlist/0/30/{one.id}-preview.128.mp3/playlist.m3u8")
        if form == "hls-aac":
            return self.state.sign(
                "playback.media-streaming.soundcloud.cloud", f"/playlist/{one.id}-hls-aac.160.m4s/playlist.m3u8"
            )
        if form == "opus":
            return self.state.sign("cf-hls-opus-media.sndcdn.com", f"/playlist/{one.id}-opus.64.opus/playlist.m3u8")
        if form == "hls-mp3":
            return self.state.sign("cf-hls-media.sndcdn.com", f"/playlist/{one.id}-hls-mp3.128.mp3/playlist.m3u8")
        return self.state.sign("cf-media.sndcdn.com", f"/{one.id}-mp3.128.mp3")

    def _existing(self, number: int) -> SoundCloudTrack | None:
        one = self.state.tracks.get(number)
        return None if one is None or one.fate is Fate.DELETED else one


def missing() -> Response:
    """The API's 404."""
    return JSONResponse({"errors": [{"error_message": NOT_FOUND}]}, 404)


def _number(identity: str) -> int:
    last = identity.rpartition(":")[2]
    return int(last) if last.isdigit() else -1


def _page(request: Request, rows: Sequence[dict[str, Any]]) -> Response:
    limit = min(int(request.query_params.get("limit", "10")), MOST_PER_PAGE)
    start = int(request.query_params.get("offset", "0"))
    kept = {name: value for name, value in request.query_params.items() if name not in {"client_id", "offset", "limit"}}
    query = urlencode({**kept, "limit": limit, "offset": start + limit})
    following = f"{answers.API}{request.url.path}?{query}" if start + limit < len(rows) else None
    return JSONResponse({"collection": rows[start : start + limit], "next_href": following, "total_results": len(rows)})


def _words(text: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return frozenset(re.findall(r"\w+", plain))

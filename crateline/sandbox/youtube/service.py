"""www.youtube.com, music.youtube.com, *.googlevideo.com and *.ytimg.com in one app.

What a test may change while it runs, behind the back door: `POST /_sandbox/fates` {video id: fate, …} with the fates of
`player.Fate`; `POST /_sandbox/bot-check` {"on": bool} asks every visitor whether he is a robot; `POST /_sandbox/expire`
ends all links to media. The stats add `downloads` and `bytes` by video id.
"""

import asyncio
import json
import re
import time
import unicodedata

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crateline.sandbox import artwork
from crateline.sandbox.catalogue import Video, VideoList, World
from crateline.sandbox.faults import Faults, Rule
from crateline.sandbox.journal import Journal
from crateline.sandbox.music import Music
from crateline.sandbox.youtube import player, renderers
from crateline.sandbox.youtube.media import Media

HOSTS = ("youtube.com", "googlevideo.com", "ytimg.com")
RESULTS = 20


def app(
    world: World,
    music: Music,
    *,
    lifetime: float = player.LIFETIME_S,
    pace: float | None = None,
    faults: Faults | None = None,
) -> Starlette:
    """Build the service. `lifetime`: seconds for which links to media live; `pace`: bytes per second of each download."""
    return Service(world, music, lifetime, pace, faults).app


class Service:
    """The state behind the routes: fates that differ from the catalogue's, and what was downloaded."""

    def __init__(self, world: World, music: Music, lifetime: float, pace: float | None, faults: Faults | None) -> None:
        self.world = world
        self.music = music
        self.lifetime = lifetime
        self.videos = {video.id: video for video in world.youtube}
        self.lists = {found.id: found for found in world.youtube_lists}
        self.fates = {video.id: player.Fate.PRIVATE for video in world.youtube if video.gone}
        self.bot_check = False
        self.media = Media(self.videos, music, pace)
        self.journal = Journal(faults, words, self.media.figures)
        self.app = self.journal.app(self._routes(), self._back_door())

    def _routes(self) -> list[Route]:
        route = self.journal.route
        return [
            route("/", "home", self.home),
            route("/watch", "watch", self.watch),
            route("/playlist", "playlist", self.playlist),
            route("/iframe_api", "script", self.script),
            route("/s/player/{rest:path}", "script", self.script),
            route("/youtubei/v1/player", "player", self.play, ("POST",)),
            route("/youtubei/v1/search", "search", self.search, ("POST",)),
            route("/youtubei/v1/next", "next", self.next, ("POST",)),
            route("/youtubei/v1/browse", "browse", self.browse, ("POST",)),
            route("/youtubei/v1/navigation/resolve_url", "resolve", self.resolve, ("POST",)),
            route("/videoplayback", "media", self.media.play),
            route("/vi/{id}/{name}", "artwork", self.thumbnail),
        ]

    def _back_door(self) -> list[Route]:
        doors = {"/fates": self._set_fates, "/bot-check": self._set_bot_check, "/expire": self._expire}
        return [Route(path, handler, methods=["POST"]) for path, handler in doors.items()]

    # Pages

    async def home(self, request: Request) -> Response:
        """Give the home page, asked for its configuration alone."""
        del request
        return page({})

    async def watch(self, request: Request) -> Response:
        """Give a video's page: its player response has no links to media."""
        identity = request.query_params.get("v", "")
        scripts = {"ytInitialPlayerResponse": self._played(identity, links=False), "ytInitialData": self._beside(identity)}
        return page(scripts)

    async def playlist(self, request: Request) -> Response:
        """Give a playlist's page."""
        return page({"ytInitialData": self._list_page(request.query_params.get("list", ""))})

    async def script(self, request: Request) -> Response:
        """Give the player's script, of which only the signature timestamp is real."""
        del request
        address = f"https://www.youtube.com{renderers.PLAYER_JS}".replace("/", "\\/")
        text = f'var scriptUrl = "{address}"; var player = {{signatureTimestamp:{renderers.SIGNATURE_TIMESTAMP}}};'
        return PlainTextResponse(text, media_type="text/javascript")

    async def thumbnail(self, request: Request) -> Response:
        """Give a video's picture, in whatever size."""
        return await asyncio.to_thread(artwork.response, request.path_params["id"])

    # The internal API

    async def play(self, request: Request) -> Response:
        """Answer the player of any client that asks here."""
        asked = await request.json()
        client = asked["context"]["client"]["clientName"]
        return JSONResponse(self._played(asked.get("videoId", ""), links=client != "WEB"))

    async def search(self, request: Request) -> Response:
        """Answer a search: videos that share words with the question, the most alike first."""
        asked = words_of((await request.json()).get("query", ""))
        scored = [(self._likeness(asked, video), video) for video in self.videos.values() if self._fate(video.id) == "playable"]
        best = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])
        return JSONResponse(renderers.search_results([video for _, video in best[:RESULTS]]))

    async def next(self, request: Request) -> Response:
        """Answer what stands beside a video."""
        return JSONResponse(self._beside((await request.json()).get("videoId", "")))

    async def browse(self, request: Request) -> Response:
        """Answer a playlist, whole or from a continuation."""
        asked = await request.json()
        if "continuation" in asked:
            identity, _, start = asked["continuation"].rpartition("@")
            found = self.lists[identity]
            return JSONResponse(renderers.more(renderers.playlist_rows(found, self._listed(found), int(start))))
        return JSONResponse(self._list_page(asked.get("browseId", "").removeprefix("VL")))

    async def resolve(self, request: Request) -> Response:
        """Answer what stands at an address."""
        match = re.search(r"[?&]list=([\w-]+)", (await request.json()).get("url", ""))
        if match is None:
            return JSONResponse({"error": {"code": 404, "message": "Requested entity was not found."}}, 404)
        return JSONResponse({"endpoint": {"browseEndpoint": {"browseId": f"VL{match[1]}"}}})

    # What there is

    def _fate(self, identity: str) -> player.Fate:
        missing = player.Fate.PLAYABLE if identity in self.videos else player.Fate.UNAVAILABLE
        return self.fates.get(identity, missing)

    def _played(self, identity: str, *, links: bool) -> renderers.Json:
        fate = player.Fate.BOT_CHECK if self.bot_check else self._fate(identity)
        if fate is not player.Fate.PLAYABLE:
            return player.refusal(fate)
        return player.answer(self.videos[identity], links=links, lifetime=self.lifetime)

    def _beside(self, identity: str) -> renderers.Json:
        return renderers.watch_next(self.videos.get(identity) if self._fate(identity) == "playable" else None)

    def _list_page(self, identity: str) -> renderers.Json:
        found = self.lists.get(identity)
        if found is None:
            return renderers.alert("The playlist does not exist.")
        return renderers.playlist(found, self._listed(found))

    def _listed(self, found: VideoList) -> list[Video | None]:
        hidden = {player.Fate.PRIVATE, player.Fate.UNAVAILABLE}
        return [None if self._fate(identity) in hidden else self.videos[identity] for identity in found.video_ids]

    def _likeness(self, asked: set[str], video: Video) -> float:
        offered = words_of(f"{video.title} {video.channel}")
        return len(asked & offered) / len(asked | offered) if asked else 0.0

    # The back door

    async def _set_fates(self, request: Request) -> Response:
        self.fates.update({identity: player.Fate(fate) for identity, fate in (await request.json()).items()})
        return JSONResponse({})

    async def _set_bot_check(self, request: Request) -> Response:
        self.bot_check = bool((await request.json())["on"])
        return JSONResponse({})

    async def _expire(self, request: Request) -> Response:
        del request
        self.media.expired_before = time.time() + self.lifetime
        return JSONResponse({})


def page(scripts: renderers.Json) -> Response:
    """An HTML page with YouTube's configuration and these variables."""
    set_config = f"ytcfg.set({_in_html(renderers.CONFIG)});"
    lines = [set_config, *(f"var {name} = {_in_html(value)};" for name, value in scripts.items())]
    body = "\n".join(f"<script>{line}</script>" for line in lines)
    return HTMLResponse(f"<!DOCTYPE html><html><body>\n{body}\n</body></html>")


def _in_html(value: renderers.Json) -> str:
    """JSON that no title can break out of."""
    return json.dumps(value).replace("<", "\\u003c")


def words_of(text: str) -> set[str]:
    """The words of a text without case and accents."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return set(re.findall(r"\w+", "".join(sign for sign in folded if not unicodedata.combining(sign))))


def words(rule: Rule, truth: Response | None) -> Response | None:
    """Phrase a fault's status as YouTube does."""
    del truth
    return JSONResponse({"error": {"code": rule.status, "message": "The service is currently unavailable."}}, rule.status or 500)

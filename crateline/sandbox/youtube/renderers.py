"""The JSON that YouTube's pages and its internal API are made of, with the fields that yt-dlp reads."""

import hashlib
from collections.abc import Sequence
from typing import Any

from crateline.sandbox.catalogue import Video, VideoList

Json = dict[str, Any]
PAGE = 100  # videos of a playlist in one answer
PLAYER_JS = "/s/player/5a0db0c5/player_ias.vflset/en_US/base.js"
SIGNATURE_TIMESTAMP = 20000
VISITOR = "CgtzYW5kYm94LXZpZA%3D%3D"

CONFIG: Json = {
    "INNERTUBE_API_KEY": "sandbox",
    "INNERTUBE_CLIENT_NAME": "WEB",
    "INNERTUBE_CLIENT_VERSION": "2.20260708.00.00",
    "INNERTUBE_CONTEXT_CLIENT_NAME": 1,
    "INNERTUBE_CONTEXT": {
        "client": {"clientName": "WEB", "clientVersion": "2.20260708.00.00", "hl": "en", "gl": "DE", "visitorData": VISITOR}
    },
    "PLAYER_JS_URL": PLAYER_JS,
    "STS": SIGNATURE_TIMESTAMP,
    "VISITOR_DATA": VISITOR,
    "LOGGED_IN": False,
}


def runs(text: str) -> Json:
    """Wrap a text as YouTube does."""
    return {"runs": [{"text": text}]}


def clock(seconds: float) -> str:
    """A length as a thumbnail shows it: "3:25", rounded down."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def channel_id(name: str) -> str:
    """The id of a channel: UC and 22 signs that follow from its name."""
    return "UC" + hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[:22]


def byline(channel: str) -> Json:
    """A channel's name with the link to it."""
    return {"runs": [{"text": channel, "navigationEndpoint": {"browseEndpoint": {"browseId": channel_id(channel)}}}]}


def search_results(videos: Sequence[Video]) -> Json:
    """A page of search results."""
    section = {"itemSectionRenderer": {"contents": [{"videoRenderer": _found(video)} for video in videos]}}
    return _context() | {
        "estimatedResults": str(len(videos)),
        "contents": {
            "twoColumnSearchResultsRenderer": {"primaryContents": {"sectionListRenderer": {"contents": [section]}}},
        },
    }


def playlist(found: VideoList, videos: Sequence[Video | None]) -> Json:
    """A playlist's page with its first videos; None for one that can no longer be seen."""
    listed = {"playlistId": found.id, "contents": playlist_rows(found, videos, 0)}
    section = {"itemSectionRenderer": {"contents": [{"playlistVideoListRenderer": listed}]}}
    tab = {"selected": True, "content": {"sectionListRenderer": {"contents": [section]}}}
    return _context() | {
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [{"tabRenderer": tab}]}},
        "metadata": {"playlistMetadataRenderer": {"title": found.title}},
        "header": {"playlistHeaderRenderer": {"playlistId": found.id, "privacy": "PUBLIC", "ownerText": byline(found.channel)}},
    }


def playlist_rows(found: VideoList, videos: Sequence[Video | None], start: int) -> list[Json]:
    """The rows from `start`, with a token for the next page where there is one."""
    end = start + PAGE
    rows = [
        {"playlistVideoRenderer": _listed(identity, video)}
        for identity, video in zip(found.video_ids[start:end], videos[start:end], strict=True)
    ]
    if end < len(videos):
        endpoint = {"continuationCommand": {"token": f"{found.id}@{end}", "request": "CONTINUATION_REQUEST_TYPE_BROWSE"}}
        rows.append({"continuationItemRenderer": {"continuationEndpoint": endpoint}})
    return rows


def more(rows: list[Json]) -> Json:
    """A later page."""
    return _context() | {"onResponseReceivedActions": [{"appendContinuationItemsAction": {"continuationItems": rows}}]}


def alert(text: str) -> Json:
    """A page that only says why there is nothing to see."""
    return _context() | {"alerts": [{"alertRenderer": {"type": "ERROR", "text": runs(text)}}]}


def watch_next(video: Video | None) -> Json:
    """What stands beside the player."""
    contents: list[Json] = []
    if video is not None:
        contents.append({"videoPrimaryInfoRenderer": {"title": runs(video.title)}})
        contents.append({"videoSecondaryInfoRenderer": {"owner": {"videoOwnerRenderer": {"title": byline(video.channel)}}}})
    return _context() | {"contents": {"twoColumnWatchNextResults": {"results": {"results": {"contents": contents}}}}}


def _found(video: Video) -> Json:
    return {
        "videoId": video.id,
        "title": runs(video.title),
        "lengthText": {"simpleText": clock(video.duration)},
        "ownerText": byline(video.channel),
        "shortBylineText": byline(video.channel),
        "viewCountText": {"simpleText": "12,345 views"},
        "thumbnail": {"thumbnails": [_thumbnail(video.id)]},
    }


def _listed(identity: str, video: Video | None) -> Json:
    if video is None:
        return {"videoId": identity, "title": runs("[Private video]"), "isPlayable": False}
    return {
        "videoId": identity,
        "title": runs(video.title),
        "lengthSeconds": str(int(video.duration)),
        "lengthText": {"simpleText": clock(video.duration)},
        "shortBylineText": byline(video.channel),
        "isPlayable": True,
        "thumbnail": {"thumbnails": [_thumbnail(video.id)]},
    }


def _thumbnail(identity: str) -> Json:
    return {"url": f"https://i.ytimg.com/vi/{identity}/hqdefault.jpg", "width": 480, "height": 360}


def _context() -> Json:
    return {"responseContext": {"visitorData": VISITOR}}

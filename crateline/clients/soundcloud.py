"""SoundCloud's listings in our words: sets, likes, profiles, single tracks and search.

One look-up, then `/tracks?ids=` in fifties: a set of 500 costs 13 requests where full extraction would cost 2,000. What
cannot be had at SoundCloud (an excerpt, DRM, blocked here, gone) is known from the listing, before anything is queued.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from crateline import errors
from crateline.clients import soundcloud_tracks, ytdlp
from crateline.clients.soundcloud_tracks import Json, words_of
from crateline.domain import links
from crateline.domain.track import Candidate, Platform, Playlist

API = "https://api-v2.soundcloud.com"
SITE = "https://soundcloud.com"
IDS_PER_REQUEST = 50  # more are refused with 400
ROWS_PER_PAGE = 200
SERVICE = "soundcloud-api"
UNASSIGNED = "Unassigned"

Ask = Callable[[], None]
T = TypeVar("T")


class SoundCloud:
    """The client. `ask_api` and `ask_media` are the budgets; `cache_dir` keeps the site's client_id between calls.

    Every method raises NotFound for what is not there, Throttled, CredentialsRefused or Unavailable as the service has
    it, and Rejected for a link that is not SoundCloud's.
    """

    def __init__(self, *, ask_api: Ask, ask_media: Ask, cache_dir: Path) -> None:
        self._asks = {"soundcloud-api": ask_api, "soundcloud-media": ask_media}
        self._cache_dir = cache_dir

    def read(self, url: str) -> Playlist:
        """Read whatever stands at a link: a set, a track, a profile's uploads or, by `…/likes`, its likes."""
        with self._api() as api:
            link = _link(url)
            if link.kind is links.Kind.SHORT:
                link = _link(api.landing(link.url))
            if link.kind is links.Kind.LIKES:
                return _likes(api, api.resolve(link.url.removesuffix("/likes")), None)
            return _read(api, api.resolve(link.url), link.url)

    def playlist(self, url: str) -> Playlist:
        """Read a set in its order, with repeated rows; rows that are gone keep their place."""
        with self._api() as api:
            return _set(api, _of_kind(api.resolve(url), "playlist", url), url)

    def snapshot(self, url: str) -> str:
        """A name for the state of a set: the same name means the same tracks in the same order. 1 request."""
        with self._api() as api:
            return _snapshot(_of_kind(api.resolve(url), "playlist", url))

    def track(self, url: str) -> Playlist:
        """Read one track, as a playlist of its own."""
        with self._api() as api:
            return _single(_of_kind(api.resolve(url), "track", url))

    def likes(self, url_or_profile: str, limit: int | None = None) -> Playlist:
        """Read the tracks that a user likes, newest first, at most `limit`; liked sets are left out."""
        with self._api() as api:
            return _likes(api, _of_kind(api.resolve(_profile(url_or_profile)), "user", url_or_profile), limit)

    def sets(self, url_or_profile: str) -> tuple[tuple[str, str], ...]:
        """Give the names and links of a user's sets, newest first: 1 request, and one per 200 sets."""
        with self._api() as api:
            user = _of_kind(api.resolve(_profile(url_or_profile)), "user", url_or_profile)
            rows = api.pages(f"{API}/users/{user['id']}/playlists")
            return tuple((words_of(row.get("title")), str(row["permalink_url"])) for row in rows if row.get("permalink_url"))

    def search(self, query: str, limit: int = 5) -> tuple[Candidate, ...]:
        """Search tracks: one request for up to 200 candidates, in SoundCloud's order."""
        asked = {"q": query, "limit": min(limit, ROWS_PER_PAGE), "offset": 0, "linked_partitioning": 1}
        with self._api() as api:
            found = _shaped(api.get(f"{API}/search/tracks", asked), dict).get("collection") or []
        return tuple(soundcloud_tracks.candidate_of(row) for row in found[:limit] if row)

    @contextmanager
    def _api(self) -> Iterator["_Api"]:
        with (
            ytdlp.open_downloader(asks=self._asks, cache_dir=self._cache_dir) as ydl,
            ytdlp.translated(SERVICE),
        ):
            yield _Api(ydl)


class _Api:
    """api-v2 through yt-dlp's own extractor, which finds the client_id and renews it when it has been changed."""

    def __init__(self, ydl: ytdlp.Downloader) -> None:
        self.ydl = ydl
        self.extractor = ydl.get_info_extractor("SoundcloudUser")
        self.extractor.initialize()

    def get(self, url: str, query: Json) -> Any:
        """The JSON at an endpoint."""
        return self.extractor._call_api(url, "soundcloud", query=dict(query), headers=self.extractor._HEADERS)  # noqa: SLF001

    def resolve(self, url: str) -> Json:
        """What stands at a page; API links are asked for by their number."""
        parts = urlsplit(url)
        if parts.hostname in {"api.soundcloud.com", "api-v2.soundcloud.com"}:
            found = self.get(API + parts.path, {})
        else:
            found = self.get(f"{API}/resolve", {"url": f"{SITE}{parts.path}"})
        return _shaped(found, dict)

    def tracks(self, ids: Sequence[int], secret: Json) -> Iterator[Json]:
        """Several tracks, in no order and without those that are gone."""
        for start in range(0, len(ids), IDS_PER_REQUEST):
            chunk = ",".join(str(number) for number in ids[start : start + IDS_PER_REQUEST])
            yield from _shaped(self.get(f"{API}/tracks", {"ids": chunk, **secret}), list)

    def pages(self, url: str) -> Iterator[Json]:
        """The rows of a paged collection. These endpoints want a browser's handshake, if one can be imitated."""
        query: dict[str, Any] = {"limit": ROWS_PER_PAGE, "linked_partitioning": 1, "offset": 0}
        following: str | None = url
        while following:
            answer = self.extractor._call_api(  # noqa: SLF001
                following,
                "soundcloud",
                query=query,
                headers=self.extractor._HEADERS,  # noqa: SLF001
                impersonate=self.extractor._browser_impersonate_target,  # noqa: SLF001
            )
            yield from (row for row in _shaped(answer, dict).get("collection") or [] if row)
            following, query = answer.get("next_href"), {}

    def landing(self, url: str) -> str:
        """Where a short link leads."""
        with self.ydl.urlopen(url) as response:
            return str(response.url)


def _shaped(answer: Any, shape: type[T]) -> T:
    """The answer, if it has the shape that it must have: a service in trouble sends others, with status 200."""
    if not isinstance(answer, shape):
        raise errors.Unavailable(SERVICE, f"the service sent no usable answer ({type(answer).__name__})")
    return answer


def _link(url: str) -> links.Link:
    try:
        link = links.classify(url)
    except ValueError as error:
        raise errors.Rejected(SERVICE, str(error)) from error
    if link.platform is not Platform.SOUNDCLOUD:
        raise errors.Rejected(SERVICE, f"{url} is not a link to SoundCloud")
    return link


def _profile(url_or_name: str) -> str:
    """A profile's page, from its link (to its likes, too) or its last part alone."""
    path = urlsplit(url_or_name if "//" in url_or_name else f"//{url_or_name}").path if "/" in url_or_name else url_or_name
    return f"{SITE}/{path.strip('/').removesuffix('/likes')}"


def _of_kind(info: Json, kind: str, url: str) -> Json:
    found = str(info.get("kind") or "")
    if not found.endswith(kind):  # discovery pages are "system-playlist"
        raise errors.Rejected(SERVICE, f"{url} leads to a {found or 'page of no kind'}, not to a {kind}")
    return info


def _read(api: _Api, info: Json, url: str) -> Playlist:
    kind = str(info.get("kind") or "")
    if kind == "track":
        return _single(info)
    if kind == "user":
        return _uploads(api, info)
    return _set(api, _of_kind(info, "playlist", url), url)


# Lists


def _set(api: _Api, info: Json, url: str) -> Playlist:
    rows = info.get("tracks") or []
    whole = {row["id"]: row for row in rows if row.get("title")}
    missing = list(dict.fromkeys(row["id"] for row in rows if row["id"] not in whole))
    whole.update((row["id"], row) for row in api.tracks(missing, _secret(info, url)))
    album = str(info.get("title") or "") if info.get("is_album") else ""
    return Playlist(
        key=f"soundcloud:playlists:{info['id']}",
        name=words_of(info.get("title")),
        url=url if _secret(info, url) else str(info.get("permalink_url") or url),
        platform=Platform.SOUNDCLOUD,
        source_id=str(info["id"]),
        tracks=tuple(
            soundcloud_tracks.track_of(whole[row["id"]], album) if row["id"] in whole else soundcloud_tracks.gone(row["id"])
            for row in rows
        ),
        snapshot=_snapshot(info),
    )


def _snapshot(info: Json) -> str:
    said = [words_of(info.get("title")), *(str(row["id"]) for row in info.get("tracks") or [])]
    return hashlib.sha1("\n".join(said).encode(), usedforsecurity=False).hexdigest()


def _secret(info: Json, url: str) -> Json:
    """What a set behind a secret link wants with its ids."""
    token = info.get("secret_token") or next((step for step in urlsplit(url).path.split("/") if step.startswith("s-")), "")
    return {"playlistId": info["id"], "playlistSecretToken": token} if token else {}


def _single(info: Json) -> Playlist:
    track = soundcloud_tracks.track_of(info)
    return Playlist(
        key=f"single:{track.key}",
        name=UNASSIGNED,
        url=track.url,
        platform=Platform.SOUNDCLOUD,
        source_id=str(info["id"]),
        tracks=(track,),
    )


def _likes(api: _Api, user: Json, limit: int | None) -> Playlist:
    rows = (row["track"] for row in api.pages(f"{API}/users/{user['id']}/likes") if row.get("track"))
    return Playlist(
        key=f"soundcloud:likes:{user['id']}",
        name=f"{words_of(user.get('username'))} (Likes)",
        url=f"{user.get('permalink_url') or SITE}/likes",
        platform=Platform.SOUNDCLOUD,
        source_id=str(user["id"]),
        tracks=tuple(soundcloud_tracks.track_of(row) for row in islice(rows, limit)),
    )


def _uploads(api: _Api, user: Json) -> Playlist:
    return Playlist(
        key=f"soundcloud:users:{user['id']}",
        name=f"{words_of(user.get('username'))} (Tracks)",
        url=str(user.get("permalink_url") or SITE),
        platform=Platform.SOUNDCLOUD,
        source_id=str(user["id"]),
        tracks=tuple(soundcloud_tracks.track_of(row) for row in api.pages(f"{API}/users/{user['id']}/tracks")),
    )

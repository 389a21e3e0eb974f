"""Spotify's listings as playlists of tracks. The audio is never fetched: every track is matched elsewhere.

Written for the Web API as of 2026: `/playlists/{id}/items`, contents only of playlists that the user owns or
collaborates on, no batch endpoints (https://developer.spotify.com/documentation/web-api).
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlsplit

import spotipy

from crateline import errors
from crateline.clients.spotify import answers, consent, rows, short, tokens
from crateline.domain import links
from crateline.domain.track import Platform, Track

API_URL = "https://api.spotify.com"
ACCOUNTS_URL = "https://accounts.spotify.com"
PAGE = 50
FOUND = 10  # more are refused since February 2026
LIKED_URL = "https://open.spotify.com/collection/tracks"

FOREIGN = (
    "Spotify shows the contents only of playlists you own or collaborate on: "
    "copy it into your own playlist, or export it as CSV and enqueue the file."
)
NO_CONSENT = (
    "Spotify gives playlists and liked songs to their owner alone. "
    "Run `crateline login spotify` once, or set SPOTIFY_REFRESH_TOKEN; albums and single tracks work without."
)
NO_CLIENT = "SPOTIPY_CLIENT_ID is not set. Make an app at developer.spotify.com and copy its client id and secret."

# spotipy writes whole requests, tokens included, to its debug log; and its errors are ours to report
logging.getLogger("spotipy").setLevel(logging.CRITICAL)

Page = Callable[[int, int], Any]


class Spotify:
    """Reads Spotify. `ask` is called before every request, those for tokens included.

    With a consent (`refresh_token`, or one kept in `token_cache`) everything of the user can be read; without, albums
    and tracks. `refresh_guard` gives a lock shared by all who share the cache. A `base_url` other than Spotify's own
    plays the accounts service too. Raises crateline.errors: ConfigurationError for what a setting or another source
    would mend, and the ServiceErrors.
    """

    def __init__(
        self,
        *,
        ask: answers.Ask,
        client_id: str,
        client_secret: str,
        refresh_token: str = "",
        base_url: str = API_URL,
        token_cache: tokens.TokenCache | None = None,
        refresh_guard: tokens.Guard = nullcontext,
    ) -> None:
        self.client_id = client_id
        self.refresh_token = refresh_token
        self.base_url = base_url.rstrip("/")
        self.session = answers.Session(ask)
        self.accounts_url = ACCOUNTS_URL if urlsplit(base_url).hostname == urlsplit(API_URL).hostname else self.base_url
        self.accounts = tokens.Accounts(self.session, f"{self.accounts_url}/api/token", client_id, client_secret)
        self.cache = token_cache or tokens.MemoryCache()
        self.user = tokens.Source(self._from_consent, self.cache, refresh_guard)
        self.app = tokens.Source(self.accounts.for_the_app, tokens.MemoryCache(), nullcontext)
        self._apis = {source: self._api(source) for source in (self.user, self.app)}

    def read(self, url: str) -> rows.Listing:
        """Read whatever a link or URI means. Raises ValueError for one that is not Spotify's."""
        link = self._link(url, *links.Kind)
        if link.kind is links.Kind.SHORT:
            link = short.landing(self.session.ask, link)
        if link.kind is links.Kind.LIKES:
            return self.liked()
        readers = {links.Kind.PLAYLIST: self.playlist, links.Kind.ALBUM: self.album, links.Kind.TRACK: self.track}
        return readers[link.kind](link.url)

    def playlist(self, url: str) -> rows.Listing:
        """Read a playlist of the user: 1 request and one per 50 rows."""
        link = self._link(url, links.Kind.PLAYLIST)
        head = self._call(self.user, lambda api: api.playlist(link.id, fields="id,name,snapshot_id,owner"))
        try:
            items = self._items(self.user, lambda api: lambda limit, offset: api.playlist_items(link.id, None, limit, offset))
            named = {"key": f"spotify:playlist:{link.id}", "name": head["name"], "snapshot": str(head.get("snapshot_id") or "")}
            return rows.listing(items, url=link.url, source_id=link.id, **named)
        except answers.Forbidden as error:  # its name could be read, so it is only the contents that are kept from us
            raise errors.ConfigurationError(FOREIGN) from error

    def playlist_snapshot(self, url: str) -> tuple[str, str]:
        """Give a playlist's snapshot id, unchanged if nothing in it has changed, and its name. 1 request."""
        link = self._link(url, links.Kind.PLAYLIST)
        head = self._call(self.user, lambda api: api.playlist(link.id, fields="snapshot_id,name"))
        return str(head.get("snapshot_id") or ""), str(head.get("name") or "")

    def playlist_keys(self, identity: str) -> tuple[str, ...]:
        """Give the keys of a playlist's tracks in their order, for one whose head is known: one request per 50 rows."""
        items = self._items(self.user, lambda api: lambda limit, offset: api.playlist_items(identity, None, limit, offset))
        return tuple(rows.track(item).key for item in items if item and rows.kind(item) == "track")

    def playlists(self) -> list[rows.Head]:
        """The heads of all playlists in the user's library: 1 request for who they are, and one per 50."""
        me = str(self._call(self.user, lambda api: api.current_user())["id"])
        pages = self._items(self.user, lambda api: api.current_user_playlists)
        return [rows.head(row, me) for row in pages if row]

    def album(self, url: str) -> rows.Listing:
        """Read an album: 1 request, and one more per 50 tracks beyond the first 50. Its rows carry no ISRC."""
        link = self._link(url, links.Kind.ALBUM)
        head = self._call(self._anyone(), lambda api: api.album(link.id))
        first = head.get("tracks") or {}
        items = list(first.get("items") or ())
        if first.get("next"):
            items += self._items(self._anyone(), lambda api: lambda n, start: api.album_tracks(link.id, n, start), len(items))
        return rows.listing(items, album=head, key=f"spotify:album:{link.id}", name=head["name"], url=link.url, source_id=link.id)

    def track(self, url: str) -> rows.Listing:
        """Read one track: 1 request."""
        link = self._link(url, links.Kind.TRACK)
        item = self._call(self._anyone(), lambda api: api.track(link.id))
        return rows.listing([item], key=f"single:{link.key}", name="Unassigned", url=link.url, source_id=link.id)

    def liked(self, limit: int | None = None) -> rows.Listing:
        """Read the user's liked songs, newest first, at most `limit` rows: one request per 50."""
        items = self._items(self.user, lambda api: api.current_user_saved_tracks, limit=limit)
        return rows.listing(items, key="spotify:liked", name="Liked Songs", url=LIKED_URL, source_id="liked")

    def playing(self) -> Track | None:
        """Give the track that the user hears now; None for silence, an advertisement, an episode or a local file. 1 request."""
        now = self._call(self.user, lambda api: api.current_user_playing_track()) or {}
        item: rows.Json | None = now.get("item")
        return rows.track(item) if item is not None and rows.kind(item) == "track" else None

    def search(self, query: str) -> tuple[Track, ...]:
        """Search tracks, by words or `isrc:…`: 1 request for the ten that Spotify shows at most, in its order."""
        found = self._call(self._anyone(), lambda api: api.search(query, limit=FOUND, type="track"))
        items = (found.get("tracks") or {}).get("items") or ()
        return tuple(rows.track(item) for item in items if rows.kind(item) == "track")

    # Consent

    def searchable(self) -> bool:
        """Whether there are credentials to search with; whether they still hold, a request tells."""
        return self.consented() or bool(self.client_id and self.accounts.client_secret)

    def consented(self) -> bool:
        """Whether a consent is known; whether it still holds, a request tells."""
        return bool(self.client_id and self._refresh_tokens())

    def given(self) -> frozenset[str]:
        """What the consents that are known are told apart by; they may not be shown."""
        return frozenset(hashlib.sha256(token.encode()).hexdigest() for token in self._refresh_tokens())

    def ask_consent(self, redirect_uri: str) -> consent.Consent:
        """Prepare the question to the user; show them its `url`. No request."""
        if not self.client_id:
            raise errors.ConfigurationError(NO_CLIENT)
        return consent.begin(self.client_id, redirect_uri, self.accounts_url)

    def accept_consent(self, asked: consent.Consent, redirected: str) -> None:
        """Keep the user's answer in the token cache: 1 request. `redirected` is the address the browser was sent back to."""
        code = consent.code_of(asked, redirected)
        token = self.accounts.from_code(code, asked.verifier, asked.redirect_uri)
        self.cache.save_token_to_cache({**token, "consented_at": int(time.time())})

    def who(self) -> str:
        """The name of the user who has consented: 1 request, the cheapest that shows whether the consent holds."""
        me = self._call(self.user, lambda api: api.current_user())
        return str(me.get("display_name") or me["id"])

    # Ways to ask

    def _link(self, url: str, *kinds: links.Kind) -> links.Link:
        link = links.classify(url)
        if link.platform is not Platform.SPOTIFY or link.kind not in kinds:
            raise ValueError(f"{link.url} is not a Spotify {' or '.join(kinds)}.")
        return link

    def _items(
        self, source: tokens.Source, pages: Callable[[Any], Page], start: int = 0, limit: int | None = None
    ) -> Iterator[rows.Json | None]:
        """Give every row's item, page by page. Rows hold it as `item` (playlists), `track` (liked) or are it (albums)."""
        while limit is None or start < limit:
            size = PAGE if limit is None else min(PAGE, limit - start)
            page = self._call(source, lambda api: pages(api)(size, start))  # noqa: B023 - called at once
            yield from map(_item, page.get("items") or ())
            start += size
            if not page.get("next"):
                return

    def _call(self, source: tokens.Source, request: Callable[[spotipy.Spotify], Any]) -> dict[str, Any]:
        """Ask once. A refused token is forgotten, so that the next question comes with a new one."""
        self._check(source)
        try:
            answer: dict[str, Any] = request(self._apis[source])
        except answers.Forbidden:
            raise  # another token would be refused just the same
        except errors.CredentialsRefused:
            source.forget()
            raise
        return answer

    def _api(self, source: tokens.Source) -> spotipy.Spotify:
        api = spotipy.Spotify(auth_manager=source, requests_session=self.session, requests_timeout=answers.TIMEOUT_S, retries=0)
        api.prefix = f"{self.base_url}/v1/"
        return api

    def _check(self, source: tokens.Source) -> None:
        if not self.client_id:
            raise errors.ConfigurationError(NO_CLIENT)
        if source is self.user and not self._refresh_tokens():
            raise errors.ConfigurationError(NO_CONSENT)

    def _anyone(self) -> tokens.Source:
        return self.user if self._refresh_tokens() else self.app

    def _refresh_tokens(self) -> list[str]:
        kept = self.cache.get_cached_token() or {}
        return list(dict.fromkeys(token for token in (kept.get("refresh_token"), self.refresh_token) if token))

    def _from_consent(self) -> tokens.Token:
        return self.accounts.from_consent(*self._refresh_tokens())


def _item(row: rows.Json | None) -> rows.Json | None:
    """What a row holds: playlists say `item`, liked songs `track`, an album's rows are the track itself."""
    if row is None:
        return None
    held: rows.Json | None = row.get("item", row.get("track")) if {"item", "track"} & set(row) else row
    return held

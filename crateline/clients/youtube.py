"""YouTube's playlists, videos and search through yt-dlp, as playlists of tracks and as candidates."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from crateline import errors
from crateline.clients import ytdlp
from crateline.domain import links
from crateline.domain.track import Availability, Candidate, Platform, Playlist, Track

SERVICE = "youtube"
TOPIC = " - Topic"  # the end of an auto-generated artist channel's name
HIDDEN = frozenset({"[Private video]", "[Deleted video]", "[Unavailable video]"})
NOT_YET = frozenset({"is_live", "is_upcoming"})

Info = Mapping[str, Any]


class YouTube:
    """Reads YouTube. `ask` is called before every request; `player_clients` empty means yt-dlp's own choice.

    Raises crateline.errors: SourceErrors for a single video, NotFound for a playlist, and the ServiceErrors; the bot
    check is a ServiceStopped.
    """

    def __init__(self, *, ask: ytdlp.Ask, cache_dir: Path, player_clients: tuple[str, ...] = ()) -> None:
        self.ask = ask
        self.cache_dir = cache_dir
        self.player_clients = player_clients

    def read(self, url: str) -> Playlist:
        """Read whatever a link or URI means. Raises ValueError for one that is not YouTube's."""
        return self.playlist(url) if self._link(url).kind is links.Kind.PLAYLIST else self.video(url)

    def playlist(self, url: str) -> Playlist:
        """Read a playlist: 2 requests, and one per 100 videos beyond the first 100. Hidden videos keep their rows, as GONE."""
        link = self._link(url, links.Kind.PLAYLIST)
        try:
            info = self._extract(link.url, extract_flat=True)
        except errors.Gone as error:
            raise errors.NotFound(SERVICE, f"{link.url} does not exist or is private") from error
        return Playlist(
            key=f"youtube:playlist:{link.id}",
            name=str(info.get("title") or link.id),
            url=link.url,
            platform=Platform.YOUTUBE,
            source_id=link.id,
            tracks=tuple(_track(entry) for entry in _entries(info)),
        )

    def video(self, url: str) -> Playlist:
        """Read one video: 2 or 3 requests. Raises a SourceError when it cannot be played."""
        link = self._link(url, links.Kind.TRACK)
        track = _track(self._extract(link.url, key=link.key))
        return Playlist(
            key=f"single:{track.key}",
            name="Unassigned",
            url=link.url,
            platform=Platform.YOUTUBE,
            source_id=link.id,
            tracks=(track,),
        )

    def search(self, query: str, limit: int = 5) -> tuple[Candidate, ...]:
        """Give the first videos that YouTube finds, without livestreams: 1 request. Lengths are whole seconds, rounded down."""
        if not query.strip():
            return ()
        # without the home page, whose only use is a session's configuration
        info = self._extract(f"ytsearch{limit}:{query}", extract_flat=True, tab={"skip": ["webpage"]})
        return tuple(_candidate(entry) for entry in _entries(info) if entry.get("live_status") not in NOT_YET)

    def _link(self, url: str, *kinds: links.Kind) -> links.Link:
        link = links.classify(url)
        if link.platform is not Platform.YOUTUBE or (kinds and link.kind not in kinds):
            raise ValueError(f"{link.url} is not a YouTube {' or '.join(kinds) or 'link'}.")
        return link

    def _extract(self, url: str, *, key: str = "", tab: Mapping[str, list[str]] | None = None, **params: Any) -> Info:
        player = {"player_client": list(self.player_clients)} if self.player_clients else {}
        arguments = {"youtube": player, "youtubetab": dict(tab or {})}
        with (
            ytdlp.translated(SERVICE, key=key),
            ytdlp.open_downloader(
                asks={SERVICE: self.ask}, cache_dir=self.cache_dir, extractor_args=arguments, **params
            ) as downloader,
        ):
            found: Info = downloader.sanitize_info(downloader.extract_info(url, download=False))
            return found


def _entries(info: Info) -> Iterable[Info]:
    return (entry for entry in info.get("entries") or () if entry and entry.get("id"))


def _channel(info: Info) -> str:
    return str(info.get("channel") or info.get("uploader") or "")


def _track(info: Info) -> Track:
    """Read a listed or a whole video. Auto-generated uploads say whose they are; elsewhere the channel stands as artist."""
    title = str(info.get("title") or "")
    hidden = title in HIDDEN
    artists = [str(artist) for artist in info.get("artists") or ()]
    return Track(
        key=f"youtube:video:{info['id']}",
        title="" if hidden else str(info.get("track") or title),
        artist=", ".join(artists) or _channel(info).removesuffix(TOPIC),
        url=f"https://www.youtube.com/watch?v={info['id']}",
        platform=Platform.YOUTUBE,
        duration=info.get("duration"),
        availability=Availability.GONE if hidden else Availability.PLAYABLE,
        album=str(info.get("album") or ""),
        artwork_url=_picture(info),
    )


def _candidate(info: Info) -> Candidate:
    channel = _channel(info)
    topic = channel.endswith(TOPIC)
    return Candidate(
        id=str(info["id"]),
        title=str(info.get("title") or ""),
        artist=channel.removesuffix(TOPIC) if topic else "",
        url=f"https://www.youtube.com/watch?v={info['id']}",
        platform=Platform.YOUTUBE,
        duration=info.get("duration"),
        channel=channel,
        album=str(info.get("album") or ""),
        topic=topic,
    )


def _picture(info: Info) -> str:
    """The picture of which YouTube said that it exists; yt-dlp adds addresses that it only supposes."""
    listed = [picture.get("url") for picture in info.get("thumbnails") or ()]
    return str(info.get("thumbnail") or (listed[-1] if listed else "") or "")

"""What a track's page should say, from all that the ledger knows of it now."""

from collections.abc import Sequence

from crateline.domain.properties import TrackCard
from crateline.domain.track import Platform
from crateline.durable.item import Item
from crateline.messages import Station
from tasks import enrichment

STATUS_OF_VERDICT = {"refused": "Failed", "failed": "Failed", "review": "Ready"}


def status(item: Item) -> str:
    """Notion's Status: Ready, Processing, Complete, Failed or Duplicate."""
    if item.alias:
        return "Duplicate"
    if item.verdict:
        return STATUS_OF_VERDICT[item.verdict]
    if not item.want_audio:
        return "Ready"
    return "Complete" if item.sealed(Station.ANALYZE) or item.repeated(Station.ANALYZE) else "Processing"


def of(
    item: Item,
    *,
    pages: Sequence[str],
    names: Sequence[str],
    artists: Sequence[str] = (),
    albums: Sequence[str] = (),
    energy_level: str | None = None,
) -> TrackCard:
    """The card of a track; `pages` and `names` are its playlists', `artists` and `albums` are pages where they have some."""
    track, heard, eagle = enrichment.filled(item), item.result(Station.ANALYZE), item.result(Station.EAGLE)
    complete = status(item) == "Complete"
    files = heard.get("files") or []
    return TrackCard(
        title=track.title,
        artist=track.artist or None,
        artist_pages=tuple(artists) or None,
        album=track.album or None,
        album_pages=tuple(albums) or None,
        isrc=track.isrc or None,
        source_id=track.key,
        source_platform=str(track.platform),
        source_url=track.url or None,
        url=track.url or None,
        soundcloud_url=track.url if track.platform is Platform.SOUNDCLOUD else None,
        spotify_id=enrichment.spotify_id(item) or None,
        status=status(item),
        reason=item.fields.get("reason") if item.verdict else None,
        processed=True if complete else None,
        downloaded=_downloaded(item),
        playlists=tuple(pages) or None,
        playlist_text=", ".join(names) or None,
        bpm=heard.get("bpm"),
        key=heard.get("key"),
        camelot=heard.get("camelot"),
        energy_level=energy_level,
        duration=heard.get("duration", track.duration),
        local_file=True if files else None,
        file_path=files[0] if files else None,
        in_eagle=True if eagle.get("used") else None,
        eagle_id=eagle.get("item"),
    )


def _downloaded(item: Item) -> bool | None:
    if item.verdict in ("refused", "failed"):
        return False
    return True if item.sealed(Station.DOWNLOAD) else None

"""Which of the user's Spotify playlists hold a track: an index of all of them, read anew only where a snapshot has changed."""

from collections.abc import Mapping

from crateline.clients.spotify.answers import Forbidden
from crateline.clients.spotify.rows import Head
from crateline.domain.track import Platform, Playlist, Track
from crateline.durable.holdings import Holding
from crateline.errors import NotFound
from crateline.wiring import Wiring
from producers import patience

FRESH_S = 600.0
"""For so long the index counts as new: enqueuing a row of albums asks for it once."""


def of(wiring: Wiring, tracks: Mapping[str, Track], *, say: patience.Say) -> list[Playlist]:
    """The user's playlists that hold some of these tracks, each with those alone, in its order.

    None without the user's consent, or with SPOTIFY_ALL_PLAYLISTS off. Raises what Spotify's client raises.
    """
    if not wiring.settings.spotify_all_playlists or not wiring.spotify.consented():
        return []
    if not wiring.holdings.fresh():
        refresh(wiring, say)
    return [part(holding, tracks) for holding in wiring.holdings.all() if not tracks.keys().isdisjoint(holding.keys)]


def learn(wiring: Wiring, playlist: Playlist) -> None:
    """Take over what was read of a playlist anyway, so that the index need not read it again."""
    if playlist.snapshot and playlist.platform is Platform.SPOTIFY:
        keys = tuple(track.key for track in playlist.tracks)
        wiring.holdings.put(Holding(key=playlist.key, name=playlist.name, snapshot=playlist.snapshot, keys=keys))


def refresh(wiring: Wiring, say: patience.Say) -> int:
    """Bring the index up to date; gives how many playlists were read. One that was interrupted goes on where it was."""
    heads = [head for head in patience.patiently(wiring, wiring.spotify.playlists, say) if head.readable]
    known = {holding.key: holding for holding in wiring.holdings.all()}
    stale = [head for head in heads if head.key not in known or known[head.key].snapshot != head.snapshot or not head.snapshot]
    if len(stale) > 1:
        say(f"Reading {len(stale)} of your {len(heads)} Spotify playlists, to know which of them hold a track")
    for head in stale:
        wiring.holdings.put(_read(wiring, head, say))
    wiring.holdings.drop(known.keys() - {head.key for head in heads})
    wiring.holdings.refreshed(FRESH_S)
    return len(stale)


def _read(wiring: Wiring, head: Head, say: patience.Say) -> Holding:
    try:
        keys = patience.patiently(wiring, lambda: wiring.spotify.playlist_keys(head.id), say)
    except (NotFound, Forbidden):
        keys = ()  # somebody else's after all, or gone meanwhile: it holds nothing, until its snapshot changes
    return Holding(key=head.key, name=head.name, snapshot=head.snapshot, keys=keys)


def part(holding: Holding, tracks: Mapping[str, Track]) -> Playlist:
    """A playlist with those of its rows that are among `tracks`."""
    identity = holding.key.rpartition(":")[2]
    return Playlist(
        key=holding.key,
        name=holding.name,
        url=f"https://open.spotify.com/playlist/{identity}",
        platform=Platform.SPOTIFY,
        source_id=identity,
        tracks=tuple(tracks[key] for key in dict.fromkeys(holding.keys) if key in tracks),
    )

"""What has to be in order before anything is enqueued. Nothing here asks the network."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from crateline.domain.track import Platform
from crateline.durable.pauses import Pause
from crateline.errors import ConfigurationError, ServiceStopped
from crateline.settings import Settings
from crateline.wiring import Wiring
from producers.source import Source

GIB = 1 << 30
WHERE = "in the environment, in .env or in crateline.toml"


def before(wiring: Wiring, sources: Iterable[Source], *, audio: bool) -> tuple[Pause, ...]:
    """Check settings, credentials and disk; gives the pauses that the tracks will wait for.

    Raises ConfigurationError naming the setting to fill in, ServiceStopped if the disk is nearly full.
    """
    settings_complete(wiring.settings)
    for source in sources:
        credentials(wiring.settings, source)
    if audio:
        disk_space(wiring.settings)
    return wiring.pauses.all()


def settings_complete(settings: Settings) -> None:
    """Raise ConfigurationError if Notion cannot be reached with these settings."""
    if not settings.notion_token.get_secret_value():
        raise ConfigurationError(
            f"NOTION_TOKEN is not set: make an integration at notion.so/my-integrations and write its secret {WHERE}"
        )
    if not settings.tracks_db_id:
        raise ConfigurationError(
            f"TRACKS_DB_ID is not set: open your tracks database in Notion, copy its link and write it {WHERE}; "
            "then share the database with the integration (⋯ → Connections)"
        )


def credentials(settings: Settings, source: Source) -> None:
    """Raise ConfigurationError if this source's platform asks for an account that is not set."""
    if source.link is None or source.link.platform is not Platform.SPOTIFY:
        return
    if not settings.spotipy_client_id:
        raise ConfigurationError(
            f"SPOTIPY_CLIENT_ID is not set, and {source.text} is Spotify's: "
            f"make an app at developer.spotify.com and write its id and secret {WHERE}"
        )


def disk_space(settings: Settings) -> None:
    """Raise ServiceStopped if less than MINIMUM_FREE_GIB is free where MEDIA_ROOT is, or will be."""
    root = settings.media_root.absolute()
    there: Path = next(folder for folder in (root, *root.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < settings.minimum_free_gib * GIB:
        raise ServiceStopped(
            "disk",
            f"{free / GIB:.1f} GiB are free where MEDIA_ROOT is ({root}), and {settings.minimum_free_gib:g} GiB must stay free",
            "free some space, set MEDIA_ROOT to another disk, or lower MINIMUM_FREE_GIB",
        )

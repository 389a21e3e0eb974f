"""How fast each outside service may be asked, by all workers together."""

from typing import Final

from crateline.durable.budget import Limit
from crateline.settings import Settings

LOCAL_PATIENCE_S: Final = 20.0
NOTION_WINDOW_S: Final = 61.0
NOTION_PATIENCE_S: Final = 65.0
"""A writer waits a whole window in its place: sending it back would only make room for another that waits."""


def of(settings: Settings) -> dict[str, Limit]:
    """The limit of each service."""
    return {
        "notion": Limit(requests=settings.notion_requests_per_minute, seconds=NOTION_WINDOW_S, patience=NOTION_PATIENCE_S),
        "spotify": Limit(requests=90, seconds=30, patience=LOCAL_PATIENCE_S),
        "soundcloud-api": Limit(requests=300, seconds=60, patience=LOCAL_PATIENCE_S),
        "soundcloud-media": Limit(requests=590, seconds=600, patience=LOCAL_PATIENCE_S),
        "youtube": Limit(requests=120, seconds=60, patience=LOCAL_PATIENCE_S),
    }

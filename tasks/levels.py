"""Levels of energy: the limits in force, and the word that a track's page shows."""

from crateline.audio import energy
from crateline.audio.analysis import RECIPE
from crateline.durable.item import Item
from crateline.durable.store import Store
from crateline.messages import Station


def limits(store: Store) -> energy.Limits:
    """The user's own limits if MEDIA_ROOT has some for today's analyser, else those that are shipped."""
    return energy.Limits.read(store.memo(energy.MEMO, str(RECIPE)))


def keep(store: Store, own: energy.Limits) -> None:
    """Have these limits in force from now on."""
    store.keep_memo(energy.MEMO, str(RECIPE), own.to_json())


def word(item: Item, by: energy.Limits) -> str | None:
    """The level of a track, as its page says it; None if it is not known."""
    raw = item.result(Station.ANALYZE).get("energy_raw")
    return None if raw is None else energy.name(energy.level(raw, by))

"""The order of stations, and nothing else."""

from crateline.durable.item import Item
from crateline.messages import Station


def following(item: Item, after: Station) -> tuple[Station, ...]:
    """The stations that may begin now that `after` is sealed (or was found sealed)."""
    if item.verdict or item.alias:
        return () if item.sealed(Station.FINALISE) else (Station.FINALISE,)
    if after is Station.DOWNLOAD and item.sealed(Station.DOWNLOAD) and not item.sealed(Station.ANALYZE):
        return (Station.ANALYZE,)
    if after in (Station.DOWNLOAD, Station.ANALYZE) and item.sealed(Station.ANALYZE) and not item.sealed(Station.EAGLE):
        return (Station.EAGLE,)
    return (Station.FINALISE,) if ready_to_finalise(item) else ()


def ready_to_finalise(item: Item) -> bool:
    """Whether everything is learnt that will be learnt for now: Eagle is not waited for while it is away."""
    if item.sealed(Station.FINALISE):
        return False
    return item.made or (item.sealed(Station.ANALYZE) and "p:eagle" in item.fields)

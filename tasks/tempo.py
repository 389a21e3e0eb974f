"""The tempo that a track is given everywhere: what somebody has said of it wins over what was heard."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crateline.audio import octave
from crateline.audio.analysis import Analysis
from crateline.domain import anchors
from crateline.domain.properties import TRACK_PROPERTIES, digest
from crateline.domain.properties.mapping import configured
from crateline.durable.index import IndexedPage
from crateline.durable.item import Item
from crateline.messages import Station
from tasks.creation import INTENT
from tasks.station import Job

DJAY = "djay"
"""The field in which the ledger keeps what a DJ program says of a track."""

_BPM = next(prop for prop in TRACK_PROPERTIES if prop.word == "bpm")


def settled(job: Job, heard: Analysis) -> Analysis:
    """The analysis with the tempo to show, so that page, tags and everything else say the same.

    An analysis is kept by its file alone; genre, the user's range and the words of others are looked at each time.
    """
    said = own(job)
    bpm = octave.settle(heard.bpm, lowest=job.wiring.settings.bpm_lowest, genre=job.item.track.genre, own=said)
    return replace(heard, bpm=bpm)


def own(job: Job) -> float | None:
    """The tempo that a person has written on the track's page, else the one that djay has; None if neither is known."""
    page = _page(job)
    typed = typed_on(page, job.item, _name(job)) if page else None
    return typed if typed is not None else said_by_djay(job.item)


def typed_on(page: IndexedPage, item: Item, name: str) -> float | None:
    """The tempo on a page that we did not write there."""
    value = page.values.get(name)
    ours = {**_wrote(item.fields.get(INTENT, "{}"), "wrote"), **_wrote(item.fields.get("wrote", "{}"))}
    if value is None or digest(value) == ours.get(name):
        return None
    return _number(value)


def said_by_djay(item: Item) -> float | None:
    """The tempo that the user corrected in djay, else the one that djay found."""
    try:
        known = json.loads(item.fields.get(DJAY, "{}"))
    except ValueError:
        return None
    if not isinstance(known, Mapping):
        return None
    return next(filter(None, (_number(known.get(name)) for name in ("manual_bpm", "bpm"))), None)


def heed(job: Job, page: IndexedPage | None) -> None:
    """Have the files tagged anew if the page that was found for the track says another tempo than they do.

    A page can be found after its track was analysed, or be edited by hand; a hand's word counts in the files as well.
    """
    item = job.wiring.ledger.track(job.item.key) or job.item
    if page is None or not item.sealed(Station.ANALYZE) or item.alias or item.verdict:
        return
    typed = typed_on(page, item, _name(job))
    if typed is not None and round(typed, 2) != item.result(Station.ANALYZE).get("bpm"):
        job.redo(Station.ANALYZE)


def _page(job: Job) -> IndexedPage | None:
    """The track's page as the index knows it: Notion is not asked."""
    index = job.wiring.index
    return index.page(job.item.page_id) if job.item.page_id else index.find(anchors.of_track(job.item.track))


def _name(job: Job) -> str:
    return str(configured(_BPM, job.wiring.settings.property_names, _BPM.name))


def _wrote(text: str, inner: str = "") -> Mapping[str, str]:
    kept: dict[str, Any] = json.loads(text)
    return kept.get(inner, {}) if inner else kept


def _number(value: object) -> float | None:
    """A number, or a text that is one ("126,5"), within what a tempo can be; else None."""
    try:
        number = float(value.replace(",", ".")) if isinstance(value, str) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    low, high = octave.OWN_BETWEEN
    return number if low <= number <= high and not isinstance(value, bool) else None

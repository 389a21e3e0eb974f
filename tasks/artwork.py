"""A track's cover: what its original carries, else the picture of its listing. None is no fault of the track."""

import structlog

from crateline.audio import cover
from crateline.audio.replacement import replacing
from crateline.clients import pictures
from crateline.durable.store import Kept
from crateline.errors import MediaError, NotFound, Rejected, Unavailable
from tasks import enrichment
from tasks.station import Job

log = structlog.get_logger("crateline.artwork")


def have(job: Job, original: Kept) -> Kept | None:
    """The cover of a track as players show it, kept in the store; the one before, if the present one cannot be had."""
    store, key = job.wiring.store, job.hint.key
    made_of = {"original": original.digest, "url": enrichment.filled(job.item).artwork_url}
    kept = store.kept("covers", key)
    if kept is not None and kept.facts == made_of:
        return kept
    try:
        picture = _picture(job, original)
        if picture is None:
            return kept
        shown = cover.for_players(picture)
    except (Rejected, NotFound, Unavailable, MediaError) as error:
        log.info("the track gets no cover now", action="cover-skipped", key=key, reason=str(error))
        return kept
    path = store.folder("covers", key) / "cover.jpg"
    with replacing(path) as part:
        part.write_bytes(shown)
    return store.seal("covers", key, path, made_of)


def _picture(job: Job, original: Kept) -> bytes | None:
    if (own := cover.embedded(original.path)) is not None:
        return own
    job.check()
    url = enrichment.filled(job.item).artwork_url
    return pictures.fetch(url) if url else None

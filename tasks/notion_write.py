"""The stations that write to Notion: a playlist's page, a track's early page, and its last word."""

from dataclasses import replace

from crateline.app import app
from crateline.domain import anchors
from crateline.durable.index import IndexedPage
from crateline.durable.item import Item
from crateline.errors import NotFound, Rejected
from crateline.messages import TASKS, VERSION, Hint, Station
from tasks import artists, catalogue, enrichment, outcomes, pages, playlist_page, station, tables, tempo
from tasks.creation import INTENT
from tasks.pages import Belonging
from tasks.station import Job
from tasks.tables import Table

SERVICES = ("notion", "settings")
PLAYLIST_WAIT_S = 1.0


@app.task(name=TASKS[Station.PLAYLIST])
def playlist(*, key: str, title: str = "", version: int = VERSION) -> str:
    """Have the playlist's page."""
    del version  # one so far
    return station.run(Hint(station=Station.PLAYLIST, key=key, title=title), playlist_page.write, services=SERVICES)


@app.task(name=TASKS[Station.PAGE])
def page(*, key: str, title: str = "", version: int = VERSION) -> str:
    """Have the track's page, with all that is known by now."""
    del version  # one so far
    return station.run(Hint(station=Station.PAGE, key=key, title=title), write, services=SERVICES)


@app.task(name=TASKS[Station.FINALISE])
def finalise(*, key: str, title: str = "", version: int = VERSION) -> str:
    """Have everything on the track's page; makes the page too if it is not there yet, in the same request."""
    del version  # one so far
    return station.run(Hint(station=Station.FINALISE, key=key, title=title), write, services=SERVICES)


def write(job: Job) -> outcomes.Outcome:
    """Bring the track's page up to date: at most one write, and none if it says all already."""
    item = job.item
    if item.alias and item.page_id and (owner := _owner(job)) is not None:
        return pages.hand_over(job, owner)
    pageless = not item.page_id and INTENT not in item.fields and _has_no_page(item)
    if pageless and not item.alias:
        return outcomes.Sealed(written=item.version)
    table = tables.having(job.wiring, tables.tracks(job.wiring), "source_id")
    catalogue.fresh(job)
    if pageless and _with_key(job) is None:
        return outcomes.Sealed(written=item.version)
    belonging = _belonging(job)
    if belonging is None:
        return outcomes.Later(seconds=PLAYLIST_WAIT_S, reason="its playlist's page is being made")
    found = _known(job) if item.page_id else _with_key(job) if pageless else pages.find(job, table)
    if found is not None and not isinstance(found, IndexedPage):
        return found
    job = enrichment.noted(job)
    others = artists.related(job, table, decided=pages.decided(job, table, found))
    if isinstance(others, outcomes.Later):
        return others
    outcome = _send(job, table, found, replace(belonging, artists=others.artists, albums=others.albums))
    tempo.heed(job, found)
    return outcome


def _has_no_page(item: Item) -> bool:
    """Whether a track without a page gets none now: another upload, a nameless row, one whose page a person has to name."""
    asked = item.verdict == "review" and item.fields.get("kind") == "page"
    return bool(item.alias) or not item.track.title or asked


def _owner(job: Job) -> Item | None:
    """The track that stands for another upload, if both have found one page: it is that track's to say what stands there."""
    main = job.wiring.ledger.stands_for(job.item.key)
    return main if main is not None and main.page_id == job.item.page_id and main.key != job.item.key else None


def _with_key(job: Job) -> IndexedPage | None:
    """The page with this track's key: what became another upload may have had one before Redis forgot it."""
    return job.wiring.index.find(anchors.of_track(job.item.track)[:1])


def _known(job: Job) -> IndexedPage:
    """The page that the ledger knows, as the index last saw it."""
    bare = IndexedPage(page_id=job.item.page_id, anchors=(), name="", values={}, words={})
    return job.wiring.index.page(job.item.page_id) or bare


def _belonging(job: Job) -> Belonging | None:
    """The track's playlists; None while the page of one of them is not there yet. One that Notion refuses is not waited for."""
    lists = [one for one in job.wiring.register.items(job.item.playlists) if playlist_page.wanted(one.key)]
    if job.wiring.settings.playlists_db_id and not all(one.page_id or one.verdict for one in lists):
        return None
    left = job.wiring.register.items(key for key in job.item.left if key not in job.item.playlists)
    return Belonging(
        pages=tuple(one.page_id for one in lists if one.page_id),
        names=tuple(str(one.card.get("name", "")) for one in lists),
        gone=tuple(one.page_id for one in left if one.page_id),
    )


def _send(job: Job, table: Table, found: IndexedPage | None, belonging: Belonging) -> outcomes.Outcome:
    if found is not None and not pages.plan(job, table, job.item, found, belonging).properties:
        return pages.seal(job.item, found.page_id, {})
    # What is sent is decided when the slot is there: what was learnt while waiting goes out in the same request.
    job.wiring.slot("notion")
    if found is None and job.wiring.index.stale():
        return outcomes.Later(seconds=0, reason="Notion is read again before a page is made")
    latest = job.wiring.ledger.track(job.item.key) or job.item
    if found is None and _has_no_page(latest):
        return outcomes.Sealed(written=latest.version)
    if latest.alias and not job.item.alias:  # the page that was found may be that of the track that stands for it
        return outcomes.Later(seconds=0, reason="it has turned out to be another upload: its page is looked at again")
    write = pages.plan(job, table, latest, found, belonging)
    try:
        return pages.create(job, table, latest, write) if found is None else pages.update(job, table, latest, found, write)
    except NotFound:
        if found is None or not _in_bin(job, table, found.page_id):
            artists.forget(job, (*belonging.artists, *belonging.albums))
            return _playlist_gone(job, latest)
        return _page_gone(job, latest, found.page_id)
    except Rejected as error:
        return _not_taken(job, table, latest, error)


def _not_taken(job: Job, table: Table, item: Item, error: Rejected) -> outcomes.Outcome:
    if tables.changed(job.wiring, table):
        return outcomes.Later(seconds=0, reason=tables.CHANGED)
    return _given_up(item, "failed", f"Notion does not take what its page should say: {error}")


def _in_bin(job: Job, table: Table, page_id: str) -> bool:
    """Whether a page is gone; if it is not, one that it should be related to is, and it is known anew."""
    try:
        page = job.wiring.notion.page(page_id)
    except NotFound:
        _databases_there(job)
        return True
    job.wiring.index.put([catalogue.indexed(page, table)])
    return bool(page.get("in_trash"))


def _databases_there(job: Job) -> None:
    """Raise ServiceStopped if a database is not shared with us any more: Notion then says of each page that it is gone."""
    for database in filter(None, (job.wiring.settings.tracks_db_id, job.wiring.settings.playlists_db_id)):
        job.wiring.notion.data_source(database)


def _playlist_gone(job: Job, item: Item) -> outcomes.Outcome:
    _databases_there(job)
    for key in item.playlists:
        job.wiring.register.forget_page(key)
    return outcomes.Later(seconds=PLAYLIST_WAIT_S, reason="its playlist's page was deleted in Notion: it is made again")


def _page_gone(job: Job, item: Item, page_id: str) -> outcomes.Outcome:
    job.wiring.index.drop(page_id)
    if item.page_id != page_id:
        return outcomes.Later(seconds=0, reason="the page that was found for it has been deleted: looking again")
    return _given_up(item, "refused", "its page in Notion was deleted; `crateline retry` makes a new one", gone=True)


def _given_up(item: Item, verdict: str, reason: str, *, gone: bool = False) -> outcomes.Outcome:
    """A verdict that is not written to Notion, since Notion would not take it."""
    fields = {"verdict": verdict, "reason": reason, "at": str(Station.FINALISE), **({"page-gone": "1"} if gone else {})}
    return outcomes.Sealed(fields=fields, written=item.version)

"""A track's page: found before it is made, made exactly once, and never written over what a person has written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog

from crateline.domain import anchors, matching, properties
from crateline.domain.properties import Write
from crateline.durable import keyspace
from crateline.durable.answers import Answers
from crateline.durable.index import IndexedPage
from crateline.durable.item import Item
from crateline.messages import Station
from tasks import cards, catalogue, creation, levels, outcomes
from tasks.creation import INTENT
from tasks.station import Job
from tasks.tables import Table

log = structlog.get_logger("crateline.pages")

LINKED = "linked"
"""The field with the playlists' pages that a page was related to: what a person has taken off it since stays off."""
NAMED = ("artist", "album")
"""What may be kept as pages instead of text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Belonging:
    """The playlists a track is in: their page ids and names; and the pages of its artists and its album, if those have some.

    `gone` are the pages of playlists that it has been taken out of.
    """

    pages: tuple[str, ...]
    names: tuple[str, ...]
    artists: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def find(job: Job, table: Table) -> IndexedPage | outcomes.Outcome | None:
    """The page that the track already has; None if it surely has none; an outcome if that is not known yet."""
    if INTENT in job.item.fields:
        return _after_unclear_create(job, table)
    track, answers = job.item.track, Answers(job.wiring.store)
    for chosen in answers.confirmed(track.key):
        if (page := job.wiring.index.page(chosen)) is not None:
            return page  # a person has said so
    exact = job.wiring.index.find(anchors.of_track(track))
    if exact is not None and (exact.words.get("source_id") == track.key or _agrees(job, exact)):
        return exact
    return _by_name(job, {*json.loads(job.item.fields.get("rejected", "[]")), *answers.rejected(track.key)})


def _agrees(job: Job, page: IndexedPage) -> bool:
    """Whether a page found by a link or an ISRC is this recording: such anchors lie now and then."""
    return _score(job, page).total >= job.wiring.settings.match_review


def _score(job: Job, page: IndexedPage) -> matching.Score:
    said = page.words
    return matching.page_match(
        job.item.track, said.get("title") or "", said.get("artist") or "", said.get("duration"), isrc=said.get("isrc") or ""
    )


def _by_name(job: Job, rejected: set[str]) -> IndexedPage | outcomes.Outcome | None:
    """A page without a key whose title, artist and length fit. In doubt a person is asked."""
    settings = job.wiring.settings
    unkeyed = [
        page
        for page in job.wiring.index.named(anchors.name_of(job.item.track.title))
        if not page.words.get("source_id") and page.page_id not in rejected
    ]
    scored = sorted(((_score(job, page), page) for page in unkeyed), key=lambda pair: -pair[0].total)
    if not scored or scored[0][0].total < settings.match_review:
        return None
    if scored[0][0].total >= settings.match_accept:
        return scored[0][1]
    shown = [
        {"id": page.page_id, "title": page.words.get("title"), "score": round(score.total, 3), "features": score.features()}
        for score, page in scored[:5]
    ]
    return outcomes.Ended(
        verdict="review",
        reason="a page in Notion may be this track",
        fields={"candidates": json.dumps(shown, ensure_ascii=False, default=str), "kind": "page"},
    )


def _after_unclear_create(job: Job, table: Table) -> IndexedPage | outcomes.Outcome | None:
    """A create was sent and not confirmed: a minute after it was sent, Notion knows whether there is a page."""
    if (wait := creation.unconfirmed(job)) is not None:
        return wait
    name, kind = table.needed("source_id")
    found = sorted(job.wiring.notion.find(table.id, name, kind, [job.item.key]), key=lambda page: str(page["created_time"]))
    if len(found) > 1:
        log.warning("several pages have this Source ID", action="duplicates", key=job.item.key, pages=[p["id"] for p in found])
    if found:
        return catalogue.indexed(found[0], table)
    job.wiring.ledger.forget(job.claim, (INTENT,))
    return None


def plan(job: Job, table: Table, item: Item, page: IndexedPage | None, belonging: Belonging) -> Write:
    """What may be sent to the page (None: to a new one) so that it says what is known now."""
    level = levels.word(item, levels.limits(job.wiring.store))
    others = {"artists": belonging.artists, "albums": belonging.albums}
    card = cards.of(item, pages=belonging.pages, names=belonging.names, energy_level=level, **others)
    if belonging.gone:  # then none is news, too
        card = replace(card, playlists=belonging.pages, playlist_text=", ".join(belonging.names))
    current: dict[str, Any] | None = None
    cut: tuple[str, ...] = ()
    if page is not None:
        # A page the index has not seen: nothing is known of it but what we wrote.
        current = {**dict.fromkeys(table.schema, None), **page.values} if page.values else {}
        cut = page.cut
    wrote = _wrote(item)
    reason = table.real("reason")
    if not item.verdict and (reason in wrote or (page is not None and page.values.get(reason or ""))):
        card = replace(card, reason="")  # what held the track up once does so no more
    rules = properties.policies(table.seeds, table.schema, table.names, job.wiring.settings.property_policies)
    desired = properties.encode(card, table.schema, table.names)
    linked = tuple(json.loads(item.fields.get(LINKED, "[]")))
    decide = partial(
        properties.keep_hands_off,
        desired,
        wrote=wrote,
        policies=rules,
        without={table.real("playlists") or "": belonging.gone},
        whole=tuple(filter(None, map(table.real, NAMED))),
        linked={table.real("playlists") or "": linked},
    )
    write = decide(current, cut=cut)
    if write.cut and page is not None:
        for name in write.cut:
            whole = job.wiring.notion.relation(page.page_id, table.schema[name]["id"])
            current = {**(current or {}), name: tuple(whole)}
        write = decide(current)
    return replace(write, linked=tuple(one for one in dict.fromkeys((*linked, *belonging.pages)) if one not in belonging.gone))


def decided(job: Job, table: Table, page: IndexedPage | None) -> frozenset[str]:
    """Of artist and album those of which a person has the word on this page: nobody needs pages of ours for them."""
    if page is None or not page.values:
        return frozenset()
    wrote = _wrote(job.item)
    names = {word: table.real(word) or "" for word in NAMED}
    return frozenset(word for word, name in names.items() if properties.digest(page.values.get(name)) != wrote.get(name, ""))


def create(job: Job, table: Table, item: Item, write: Write) -> outcomes.Outcome:
    """Make the page."""
    answer = creation.create(job, table, write.properties, wrote=write.digests)
    return answer if isinstance(answer, outcomes.Later) else written(job, table, item, answer, write)


def update(job: Job, table: Table, item: Item, page: IndexedPage, write: Write) -> outcomes.Outcome:
    """Write to a page that is there."""
    answer = job.wiring.notion.update(page.page_id, write.properties)
    return written(job, table, item, answer, write)


def written(job: Job, table: Table, item: Item, answer: Mapping[str, Any], write: Write) -> outcomes.Outcome:
    """Remember what Notion has answered, and seal: this version of the track is written."""
    page = dict(answer)
    if "properties" not in page:  # made, but answered with an error: what it says is what we sent
        page["properties"] = {name: _echo(value, table.schema[name]) for name, value in write.properties.items()}
    job.wiring.index.put([catalogue.indexed(page, table)])
    return seal(item, str(answer["id"]), write.digests, **{LINKED: json.dumps(write.linked)})


def _echo(value: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
    """A property as it was sent, in the form in which Notion would show it."""
    return {"id": definition.get("id", ""), "type": definition["type"], **value}


def seal(item: Item, page_id: str, digests: Mapping[str, str], **more: str) -> outcomes.Sealed:
    """The page says what `item` knew; `more` are fields to be kept."""
    fields = {
        **more,
        "s:page": json.dumps({"page_id": page_id}),
        "wrote": json.dumps({**_wrote(item), **digests}, separators=(",", ":")),
    }
    filed = item.made or item.sealed(Station.ANALYZE)  # until then the file has still to leave the folder
    left = (f"left:{key}" for key in item.left if filed)
    return outcomes.Sealed(fields=fields, drop=(INTENT, *left), written=item.version)


def hand_over(job: Job, owner: Item) -> outcomes.Sealed:
    """Leave a page that another upload has written to as well to the track that stands for both: it writes it anew."""
    wrote = json.dumps({**_wrote(owner), **_wrote(job.item)}, separators=(",", ":"))
    job.wiring.redis.hset(keyspace.track(owner.key), "wrote", wrote)
    job.wiring.rework.rewrite([owner])
    return outcomes.Sealed(written=job.item.version)


def _wrote(item: Item) -> dict[str, str]:
    """The digests of what we have written to the page, by an unconfirmed create too."""
    intent: dict[str, Any] = json.loads(item.fields.get(INTENT, "{}"))
    return {**intent.get("wrote", {}), **json.loads(item.fields.get("wrote", "{}"))}

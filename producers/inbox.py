"""The inbox: rows that a person has written into Music Tracks go on the line, each as the page that it is already."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from crateline.domain import links
from crateline.domain.links import Kind, Link
from crateline.domain.row import Row
from crateline.domain.track import Availability, Platform, Playlist, Track
from crateline.durable.answers import Answers
from crateline.durable.item import Item
from crateline.errors import ConfigurationError, NotFound, Rejected, ServiceError, SourceError
from crateline.wiring import Wiring
from producers import enrolment, intake, listing, patience, rows

State = Literal["taken", "known", "duplicate", "unusable", "waits"]
Explain = Callable[[Row, str, str], Row]
"""Writes a status and a reason on a row, and gives the row as it is then."""
Again = Callable[[Row], Row | None]
"""Looks at a row again; None if it was deleted."""

KIND = "inbox"
"""The memo by page id: {"key": the track that the row became} or {"told": why it cannot, "links": [those it had]}."""
FAILED, DUPLICATE, PROCESSING = "Failed", "Duplicate", "Processing"
SINGLES = (Kind.TRACK, Kind.SHORT)
UNASSIGNED = "Unassigned"
MANY = "{url} leads to many tracks: `crateline enqueue` takes it"
GONE = "deleted, private or not offered by its source"
NOT_SHOWN = "its platform shows nothing of it: write its title and artist on the page, or paste another link"


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What became of one row.

    `state` is taken (on the line now), known (on the line already), duplicate (another page has its track), unusable (its
    link cannot be used) or waits (a service cannot be asked now).
    """

    page_id: str
    name: str
    state: State
    key: str = ""
    link: str = ""
    reason: str = ""

    def public(self, *, dry_run: bool) -> dict[str, Any]:
        """The answer of `inbox --json`."""
        return {**asdict(self), "dry_run": dry_run}


def wanted(wiring: Wiring, rows: Iterable[Row], statuses: Iterable[str]) -> list[Row]:
    """The rows that a person wants on the line: with a link, one of these statuses (ignoring case), not begun by the line.

    Without a link only if INBOX_WITHOUT_LINK allows it and there are words to look for. A row that went through the inbox and
    that Redis has forgotten since is wanted still.
    """
    ready = {status.casefold() for status in statuses}
    by_words = wiring.settings.inbox_without_link
    named = (row for row in rows if row.links or (by_words and row.title and row.artist))
    return [row for row in named if _wanted(wiring, row, ready)]


def _wanted(wiring: Wiring, row: Row, ready: set[str]) -> bool:
    begun = bool(row.source_id)
    if row.status.casefold() not in (ready | {PROCESSING.casefold()} if begun else ready):
        return False
    if begun and wiring.ledger.track(row.source_id) is not None:
        return False
    memo = wiring.store.memo(KIND, row.page_id) or {}
    if begun:
        return bool(memo.get("key"))
    return not (memo.get("told") and memo.get("links") == list(row.links))


@dataclass(kw_only=True, slots=True)
class Inbox:
    """One look at the inbox. A service that cannot be asked is asked no more in it."""

    wiring: Wiring
    explain: Explain
    again: Again
    say: patience.Say
    away: dict[Platform, str] = field(default_factory=dict)
    lists: dict[str, str] | None = None

    def take(self, row: Row, *, dry_run: bool = False) -> Taken | None:
        """Put a row's track on the line, or say on the row why that cannot be. Safe to repeat.

        The row is looked at again before, for it may have been read long ago: None if nobody wants it on the line any more.
        """
        memo = self.wiring.store.memo(KIND, row.page_id) or {}
        if (key := memo.get("key")) and (item := self.wiring.ledger.track(key)) is not None:
            return self._known(row, item, dry_run=dry_run)
        now = row if dry_run or self._is_away(row) else patience.patiently(self.wiring, lambda: self.again(row), self.say)
        if now is None or (now.status, now.source_id) != (row.status, row.source_id):
            return None
        return self._take(now, dry_run=dry_run)

    def _is_away(self, row: Row) -> bool:
        usable, _ = _usable(row.links) if row.links else (None, "")
        return usable is not None and usable.platform in self.away

    def _take(self, row: Row, *, dry_run: bool) -> Taken:
        if not row.links:
            return self._by_words(row, dry_run=dry_run)
        usable, problem = _usable(row.links)
        if usable is None:
            return self._unusable(row, problem, dry_run=dry_run)
        if usable.key and (item := self.wiring.ledger.track(usable.key)) is not None:
            return self._known(row, item, dry_run=dry_run)
        if dry_run:
            return _said(row, "taken", key=usable.key, link=usable.url)
        return self._read(row, usable)

    def _read(self, row: Row, link: Link) -> Taken:
        if link.platform in self.away:
            return _said(row, "waits", link=link.url, reason=self.away[link.platform])
        try:
            playlist = listing.read(self.wiring, link, say=self.say)
        except ConfigurationError as error:
            return self._not_shown(row, link, str(error))
        except (NotFound, SourceError, Rejected) as error:
            return self._unusable(row, f"{link.url}: {error}", dry_run=False)
        except ServiceError as error:
            self.away[link.platform] = str(error)
            return _said(row, "waits", link=link.url, reason=str(error))
        track = playlist.tracks[0] if len(playlist.tracks) == 1 else None
        if track is None:
            return self._unusable(row, MANY.format(url=link.url), dry_run=False)
        if track.availability is Availability.GONE and not track.title:
            return self._unusable(row, f"{link.url}: {GONE}", dry_run=False)
        return self._enqueue(row, track, link.url)

    def _not_shown(self, row: Row, link: Link, problem: str) -> Taken:
        """A platform that shows us nothing: title and artist are on the row, perhaps."""
        if link.key and row.title and row.artist:
            return self._enqueue(row, _in_words(row, link.key, link.url, link.platform), link.url)
        if link.platform is Platform.SPOTIFY:  # a setting would mend it
            return _said(row, "waits", link=link.url, reason=problem)
        return self._unusable(row, NOT_SHOWN, dry_run=False)

    def _by_words(self, row: Row, *, dry_run: bool) -> Taken:
        key = rows.words_key(row.artist, row.title, "")
        if (item := self.wiring.ledger.track(key)) is not None:
            return self._known(row, item, dry_run=dry_run)
        if dry_run:
            return _said(row, "taken", key=key)
        return self._enqueue(row, _in_words(row, key, "", Platform.LOCAL), "")

    def _enqueue(self, row: Row, track: Track, url: str) -> Taken:
        """First it is written down that this page is this track: whatever happens, no second page is made for it."""
        if (item := self.wiring.ledger.track(track.key)) is not None:
            return self._known(row, item, dry_run=False)
        self._adopt(row, track.key)
        single = Playlist(
            key=f"{enrolment.SINGLE}{track.key}",
            name=UNASSIGNED,
            url=track.url,
            platform=track.platform,
            source_id=track.key.rpartition(":")[2],
            tracks=(track,),
        )
        intake.take(self.wiring, single, say=self.say)
        self._file(row, track.key)
        return _said(row, "taken", key=track.key, link=url)

    def _file(self, row: Row, key: str) -> None:
        for playlist in self._playlists(row):
            self.wiring.ledger.join(key, playlist)

    def _adopt(self, row: Row, key: str) -> None:
        answers = Answers(self.wiring.store)
        if not answers.accepted(key):
            answers.accept(key, row.page_id)
        self.wiring.store.keep_memo(KIND, row.page_id, {"key": key})

    def _playlists(self, row: Row) -> list[str]:
        """The keys of the known playlists that the row is related to."""
        if self.lists is None and row.playlists:
            known = self.wiring.register.items(self.wiring.register.keys())
            self.lists = {item.page_id: item.key for item in known if item.page_id}
        return [self.lists[page] for page in row.playlists if page in self.lists] if self.lists else []

    def _known(self, row: Row, item: Item, *, dry_run: bool) -> Taken:
        """A track of the line: this row is its page, or becomes it, or another page is."""
        main = self.wiring.ledger.stands_for(item.key) or item
        if main.page_id and main.page_id != row.page_id:
            address = f"https://www.notion.so/{main.page_id.replace('-', '')}"
            reason = f"the same track as {main.title}: {address}"
            return self._told(row, "duplicate", DUPLICATE, reason, key=main.key, dry_run=dry_run)
        if main.verdict in ("refused", "failed") and not main.page_id and not main.track.title:
            return self._told(row, "unusable", FAILED, main.reason, key=main.key, dry_run=dry_run)
        if not dry_run:
            if not main.page_id:
                self._adopt(row, main.key)
            self._file(row, main.key)
        return _said(row, "known", key=main.key, reason=f"on the line already: {main.state(self.wiring.ledger.now_ms())}")

    def _unusable(self, row: Row, reason: str, *, dry_run: bool) -> Taken:
        return self._told(row, "unusable", FAILED, reason, dry_run=dry_run)

    def _told(self, row: Row, state: State, status: str, reason: str, *, key: str = "", dry_run: bool) -> Taken:
        """Say on the row what is the matter: once. Where its status cannot tell that it was said, a memo does."""
        if not dry_run:
            after = patience.patiently(self.wiring, lambda: self.explain(row, status, reason), self.say)
            if after.status == row.status:
                self.wiring.store.keep_memo(KIND, row.page_id, {"told": reason, "links": list(row.links)})
        return _said(row, state, key=key, link=next(iter(row.links), ""), reason=reason)


def _said(row: Row, state: State, *, key: str = "", link: str = "", reason: str = "") -> Taken:
    return Taken(page_id=row.page_id, name=row.name, state=state, key=key, link=link, reason=reason)


def _usable(texts: Iterable[str]) -> tuple[Link | None, str]:
    """The first link that means one track; else why there is none."""
    problems = []
    for text in texts:
        try:
            link = links.classify(text)
        except ValueError as error:
            problems.append(str(error))
            continue
        if link.kind in SINGLES:
            return link, ""
        problems.append(MANY.format(url=link.url))
    return None, problems[0]


def _in_words(row: Row, key: str, url: str, platform: Platform) -> Track:
    return Track(
        key=key,
        title=row.title,
        artist=row.artist,
        url=url,
        platform=platform,
        duration=row.duration,
        availability=Availability.ELSEWHERE,
    )

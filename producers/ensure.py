"""Making sure of a playlist: found by its name wherever it may be known, in step with its source, nothing given up."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from crateline.domain import links
from crateline.domain.folding import fold, likeness
from crateline.domain.links import Link
from crateline.durable.follows import Follow
from crateline.durable.item import Item
from crateline.errors import ConfigurationError, CratelineError
from crateline.wiring import Wiring
from producers import again, enrolment, intake, listing, patience, sync

CLOSE = 0.82
"""From this likeness on a name may be meant, if no other is spelt so."""
SHOWN = 8
Place = Literal["the line", "Notion", "Spotify", "SoundCloud"]
FromNotion = Callable[[], Iterable[tuple[str, str]]]
"""Gives the names and links of the playlists in Notion."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A playlist that a name may mean. `key` if it is on the line, else `url`."""

    name: str
    place: Place
    url: str = ""
    key: str = ""


@dataclass(kw_only=True, slots=True)
class Ensured:
    """What was made sure of: the playlist's key and name, what is new of it, how many tracks were given another chance."""

    key: str
    name: str
    added: int = 0
    retried: int = 0
    problem: str = ""


@dataclass(kw_only=True, slots=True)
class Search:
    """A look for a playlist by its name: on the line, in Notion, at Spotify, at SoundCloud; the first that has it wins."""

    wiring: Wiring
    notion: FromNotion
    say: patience.Say
    seen: list[Named] = field(default_factory=list)

    def find(self, words: str) -> Named:
        """The playlist with this key, link or name, ignoring case; else the one that is spelt nearly so.

        Raises ConfigurationError if there is none, or if several are meant: then it names them.
        """
        if (link := _link(words)) is not None:
            key = self.wiring.register.find(link.url)
            return Named(name=words, place="the line", url=link.url, key=key or "")
        if (item := self.wiring.register.item(words)).fields:
            return _of_item(item)
        for place, look in self._places():
            found = self._look(place, look)
            if exact := [one for one in found if fold(one.name) == fold(words)]:
                return _only(words, exact)
        return self._close(words)

    def _close(self, words: str) -> Named:
        scored = [(likeness(words, one.name), one) for one in self.seen if _figures(words) == _figures(one.name)]
        best = max((score for score, _ in scored), default=0.0)
        if best < CLOSE:
            names = list(dict.fromkeys(one.name for _, one in sorted(scored, key=lambda pair: -pair[0])))
            there = f". There are: {', '.join(names[:SHOWN])}" if names else ""
            raise ConfigurationError(f"No playlist «{words}» is known, and it is no link{there}")
        near = {fold(one.name): one for score, one in reversed(scored) if score >= CLOSE}
        found = _only(words, list(near.values()))
        self.say(f"«{words}» is taken for «{found.name}», from {found.place}")
        return found

    def _places(self) -> tuple[tuple[Place, Callable[[], Iterable[Named]]], ...]:
        return (
            ("the line", self._line),
            ("Notion", self._notion),
            ("Spotify", self._spotify),
            ("SoundCloud", self._soundcloud),
        )

    def _look(self, place: Place, look: Callable[[], Iterable[Named]]) -> list[Named]:
        """The playlists of one place; one that cannot be asked is said and passed over."""
        try:
            found = list(look())
        except CratelineError as error:
            self.say(f"{place} could not be looked at: {error}")
            return []
        self.seen += found
        return found

    def _line(self) -> Iterator[Named]:
        known = self.wiring.register.items(reversed(self.wiring.register.keys()))
        yield from (_of_item(item) for item in known if not item.key.startswith(enrolment.SINGLE))

    def _notion(self) -> Iterator[Named]:
        for name, url in patience.patiently(self.wiring, lambda: list(self.notion()), self.say):
            key = self.wiring.register.find(url)
            yield Named(name=name, place="Notion", url=url, key=key or "")

    def _spotify(self) -> Iterator[Named]:
        if self.wiring.spotify.consented():
            for head in patience.patiently(self.wiring, self.wiring.spotify.playlists, self.say):
                if head.readable:
                    yield Named(name=head.name, place="Spotify", url=head.url)

    def _soundcloud(self) -> Iterator[Named]:
        if profile := self.wiring.settings.soundcloud_profile:
            for name, url in patience.patiently(self.wiring, lambda: self.wiring.soundcloud.sets(profile), self.say):
                yield Named(name=name, place="SoundCloud", url=url)


def ensure(wiring: Wiring, found: Named, *, say: patience.Say, dry_run: bool = False) -> Ensured:
    """Have the whole playlist on the line, with its audio, and everything that was given up once more.

    Raises what the platform's client raises if it is not known yet; of one that is known, `problem` says why its source
    could not be looked at.
    """
    if not found.key:
        return _new(wiring, found, say=say, dry_run=dry_run)
    item = wiring.register.item(found.key)
    done = Ensured(key=item.key, name=str(item.card.get("name", item.key)))
    if not dry_run:
        done.retried = len(again.retry(wiring, [item.key]))
    if item.card.get("url"):
        _in_step(wiring, item, done, say=say, dry_run=dry_run)
    else:
        say(f"«{done.name}» was enqueued from a file: it has no source to look at")
    if not dry_run:
        again.resume(wiring, [item.key])
    return done


def _new(wiring: Wiring, found: Named, *, say: patience.Say, dry_run: bool) -> Ensured:
    playlist = listing.read(wiring, links.classify(found.url), say=say)
    if (known := wiring.register.item(playlist.key)).fields:  # a link of another form
        return ensure(wiring, _of_item(known), say=say, dry_run=dry_run)
    planned = enrolment.plan(wiring, playlist)
    if not dry_run:
        intake.take(wiring, playlist, say=say)
    return Ensured(key=playlist.key, name=playlist.name, added=planned.total)


def _in_step(wiring: Wiring, item: Item, done: Ensured, *, say: patience.Say, dry_run: bool) -> None:
    follow = Follow.of(item.fields)
    if follow.followed and follow.audio and follow.limit is None:
        synced = sync.one(wiring, item, say=say, dry_run=dry_run)
        done.added, done.problem = synced.added, synced.reason if synced.state == "failed" else ""
        return
    try:  # it is here in part, or without its audio: from now on the whole of it is wanted
        playlist = listing.read(wiring, links.classify(str(item.card["url"])), say=say)
    except CratelineError as error:
        done.problem = str(error)
        return
    done.added = enrolment.plan(wiring, playlist).new
    if not dry_run:
        intake.take(wiring, playlist, say=say)


def _of_item(item: Item) -> Named:
    return Named(name=str(item.card.get("name", item.key)), place="the line", url=str(item.card.get("url", "")), key=item.key)


def _only(words: str, found: list[Named]) -> Named:
    """The one that is meant. Several links to one playlist are one."""
    distinct = {one.key or one.url: one for one in reversed(found)}
    if len(distinct) > 1:
        named = "; ".join(f"«{one.name}» ({one.key or one.url})" for one in found[:SHOWN])
        raise ConfigurationError(f"«{words}» may be any of these, name its key or its link: {named}")
    return next(iter(distinct.values()))


def _link(words: str) -> Link | None:
    try:
        return links.classify(words)
    except ValueError:
        return None


def _figures(words: str) -> list[str]:
    """The numbers in a name: «Sets 2025» is not «Sets 2026», however close."""
    return ["".join(filter(str.isdigit, word)) for word in fold(words).split() if any(map(str.isdigit, word))]

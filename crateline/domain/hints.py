"""What gives a version away outside brackets: an uploader's name, and words that can be nothing else."""

import re
from functools import lru_cache

from crateline.domain import versions, vocabulary
from crateline.domain.folding import fold
from crateline.domain.vocabulary import Kind, any_of

_ANYWHERE = {kind: any_of(words) for kind, words in vocabulary.ANYWHERE.items()}
_ANY_ANYWHERE = any_of("|".join(vocabulary.ANYWHERE.values()))
_CHANNELS = {kind: any_of(words) for kind, words in vocabulary.CHANNELS.items()}
_ANY_CHANNEL = any_of("|".join(vocabulary.CHANNELS.values()))
_ALBUMS = {kind: any_of(words) for kind, words in vocabulary.ALBUMS.items()}
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_LIVE_ALBUM = re.compile(  # "(Live in Paris)", "Hysteria Live", "Les Bains Douches 18 December 1979"
    rf"[\[(]\s*live\b|\w\W+live\W*$|\b\d{{1,2}}(?:st|nd|rd|th)? (?:{_MONTHS}),? (?:19|20)\d\d\b", re.IGNORECASE
)
_LIVE_WORD = re.compile(r"\blive\b")
_LIVE_LAST = re.compile(r"\w live(?: (?:19|20)\d\d)?$")


def in_channel(name: str, elsewhere: str) -> frozenset[Kind]:
    """What an uploader's name gives away ("Zoom Karaoke"), unless the other side uses the same word (`elsewhere`)."""
    return _but_for(_in_channel(name), elsewhere)


def anywhere(text: str, elsewhere: str) -> frozenset[Kind]:
    """What a folded title says of its version without brackets, unless the other side uses the same words."""
    found = _but_for(_anywhere(text), elsewhere)
    return found | {Kind.LIVE} if _LIVE_LAST.search(text) and not _LIVE_WORD.search(elsewhere) else found


@lru_cache(maxsize=16384)
def in_album(name: str) -> frozenset[Kind]:
    """What an album's name says of all that is on it: "Live at Wembley", "Karaoke Hits"."""
    if not name:
        return frozenset()
    folded = fold(name)
    found = frozenset(kind for kind, pattern in _ALBUMS.items() if pattern.search(folded))
    return found | {Kind.LIVE} if _LIVE_ALBUM.search(name) else found


@lru_cache(maxsize=16384)
def _in_channel(name: str) -> tuple[tuple[Kind, str], ...]:
    return _found(_CHANNELS, _ANY_CHANNEL, fold(name))


@lru_cache(maxsize=16384)
def _anywhere(text: str) -> tuple[tuple[Kind, str], ...]:
    return _found(_ANYWHERE, _ANY_ANYWHERE, versions.HARMLESS.sub("", text))


def _found(patterns: dict[Kind, re.Pattern[str]], any_of_them: re.Pattern[str], text: str) -> tuple[tuple[Kind, str], ...]:
    if not any_of_them.search(text):
        return ()
    found = ((kind, pattern.search(text)) for kind, pattern in patterns.items())
    return tuple((kind, match[0]) for kind, match in found if match)


def _but_for(found: tuple[tuple[Kind, str], ...], elsewhere: str) -> frozenset[Kind]:
    return frozenset(kind for kind, words in found if words not in elsewhere)

"""A library and the pages of the same recordings, with everything planted that tells the two apart: who matches knows the truth.

planted = plant(tracks=2000, seed=5)
planted.tracks, planted.pages     what is to be brought together
planted.truth[title_id]           the page that is the track's, "" if it has none
planted.planted[title_id]         what was done to it: one of EXACT, FUZZY and TRAPS
"""

import hashlib
import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from crateline.domain.library import LibraryTrack
from crateline.domain.pairing import PageWords

WITHOUT_LENGTH = 0.12  # of the pages
ONE_OF = 9  # songs per artist
DOUBLE_NAMES, CLOSED = 0.7, 0.4
TYPO_FROM = 5  # letters of a word that bears one


@dataclass(frozen=True, kw_only=True, slots=True)
class Song:
    """A recording as it is, before anybody has written it down."""

    number: int
    artists: tuple[str, ...]
    title: str
    guest: str
    duration: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """How the library and Notion have written one recording down."""

    track: LibraryTrack
    page: PageWords


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """Tracks and pages in no order, and the truth about them."""

    tracks: tuple[LibraryTrack, ...]
    pages: tuple[PageWords, ...]
    truth: Mapping[str, str]
    planted: Mapping[str, str]


Change = Callable[[Pair, Song, random.Random], Pair]


def _track(pair: Pair, **changes: object) -> Pair:
    return replace(pair, track=replace(pair.track, **changes))  # type: ignore[arg-type]


def _page(pair: Pair, **changes: object) -> Pair:
    return replace(pair, page=replace(pair.page, **changes))  # type: ignore[arg-type]


def _number(song: Song) -> int:
    return 10_000_000 + song.number


def _typo(text: str, chance: random.Random) -> str:
    """One letter gone, doubled, changed or swapped with the next one, in a word that can bear it."""
    places = [at for at in range(1, len(text) - 1) if text[at - 1].isalpha() and text[at].isalpha() and text[at + 1].isalpha()]
    if len(text) < TYPO_FROM or not places:
        return text
    at = chance.choice(places)
    kinds = (
        text[:at] + text[at + 1 :],
        text[:at] + text[at] + text[at:],
        text[:at] + chance.choice(string.ascii_lowercase) + text[at + 1 :],
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
    )
    return chance.choice(kinds)


_ACCENTS = str.maketrans({"a": "á", "e": "é", "o": "ö", "u": "ü", "i": "í", "n": "ñ", "c": "ç"})


def _unread(pair: Pair, _song: Song, _chance: random.Random) -> Pair:
    """The words of an exact match say nothing."""
    return _page(pair, title="Untitled", artist="", duration=None)


EXACT: dict[str, Change] = {
    "djay_id": lambda pair, song, chance: _page(_unread(pair, song, chance), djay_id=pair.track.title_id),
    "spotify_id": lambda pair, song, chance: _track(
        _page(_unread(pair, song, chance), spotify_id=f"s{song.number:021}"), uris=(f"spotify:track:s{song.number:021}",)
    ),
    "soundcloud_url": lambda pair, song, chance: _track(
        _page(_unread(pair, song, chance), soundcloud_url=f"https://api.soundcloud.com/tracks/{_number(song)}"),
        uris=(f"soundcloud:tracks:{_number(song)}",),
    ),
    "source_id": lambda pair, song, chance: _track(
        _page(_unread(pair, song, chance), source_id=f"beatport:track:{_number(song)}"), uris=(f"beatport:track:{_number(song)}",)
    ),
    "isrc": lambda pair, song, chance: _track(
        _page(pair, isrc=f"QZ-ABC-{song.number:07}", title=_typo(pair.page.title, chance)), isrc=f"QZABC{song.number:07}"
    ),
}
"""Pairs with an id in common, by the way in which they have to be found. Nothing else agrees but an ISRC's words."""

FUZZY: dict[str, Change] = {
    "as it is": lambda pair, _song, _chance: pair,
    "typo in the title": lambda pair, _song, chance: _page(pair, title=_typo(pair.page.title, chance)),
    "typo in the artist": lambda pair, _song, chance: _track(pair, artist=_typo(pair.track.artist, chance)),
    "guest moved to the artists": lambda pair, song, _chance: _page(
        _track(pair, title=f"{song.title} (feat. {song.guest})"), artist=", ".join((*song.artists, song.guest))
    ),
    "guest left out": lambda pair, song, _chance: _page(pair, title=f"{song.title} ft. {song.guest}"),
    "accents": lambda pair, _song, _chance: _page(
        pair, title=pair.page.title.translate(_ACCENTS), artist=pair.page.artist.translate(_ACCENTS)
    ),
    "original mix": lambda pair, _song, _chance: _track(pair, title=f"{pair.track.title} (Original Mix)"),
    "artists in another order": lambda pair, song, _chance: _page(
        _track(pair, artist=" & ".join((*song.artists, song.guest))), artist=", ".join((song.guest, *song.artists))
    ),
    "name of a file": lambda pair, _song, chance: _track(
        pair,
        title=f"{pair.track.artist} - {pair.track.title}{chance.choice(('', ' (1)', '_processed', ' (1)_processed'))}",
        artist="",
    ),
    "numbered name": lambda pair, _song, chance: _track(pair, title=f"{chance.randrange(1, 30):02} - {pair.track.title} (2)"),
    "underscores": lambda pair, _song, _chance: _track(
        pair, title=f"{pair.track.artist} - {pair.track.title}".replace(" ", "_"), artist=""
    ),
    "words without a dash": lambda pair, _song, _chance: _track(pair, title=f"{pair.track.artist} {pair.track.title}", artist=""),
    "page named as a whole": lambda pair, _song, _chance: _page(pair, title=f"{pair.page.artist} - {pair.page.title}", artist=""),
    "a remix on both sides": lambda pair, song, _chance: _page(
        _track(pair, title=f"{pair.track.title} ({song.guest} Remix)"), title=f"{pair.page.title} - {song.guest} Remix"
    ),
    "noise": lambda pair, _song, _chance: _page(pair, title=f"{pair.page.title} [Official Video]"),
}
"""Pairs that only their words and lengths bring together."""

TRAPS: dict[str, Change] = {
    "remix, page of the original": lambda pair, song, _chance: _track(pair, title=f"{pair.track.title} ({song.guest} Remix)"),
    "original, page of a remix": lambda pair, song, _chance: _page(pair, title=f"{pair.page.title} ({song.guest} Remix)"),
    "another remixer": lambda pair, song, _chance: _page(
        _track(pair, title=f"{pair.track.title} ({song.guest} Remix)"),
        title=f"{pair.page.title} ({song.artists[0][::-1].title()} Remix)",
    ),
    "live": lambda pair, _song, _chance: _page(pair, title=f"{pair.page.title} (Live at Wembley)"),
    "instrumental": lambda pair, _song, _chance: _track(pair, title=f"{pair.track.title} (Instrumental)"),
    "sped up": lambda pair, _song, _chance: _page(pair, title=f"{pair.page.title} (sped up)"),
    "another part": lambda pair, _song, _chance: _page(
        _track(pair, title=f"{pair.track.title} Pt. 1"), title=f"{pair.page.title} Pt. 2"
    ),
    "another artist": lambda pair, song, _chance: _page(pair, artist=" ".join(reversed(song.guest.split()))),
    "no page": lambda pair, song, chance: _page(
        pair, title=f"{song.title.split()[0]} {_word(chance)} {_word(chance)}".title(), duration=pair.track.duration
    ),
}
"""Pairs that look alike and are not one recording."""


def plant(*, tracks: int, seed: int = 5, exact: float = 0.3, traps: float = 0.2) -> Planted:
    """Make `tracks` tracks and as many pages; shares of them are exact pairs and traps, the others are fuzzy pairs."""
    chance = random.Random(seed)
    pairs, truth, planted = [], dict[str, str](), dict[str, str]()
    for song in _songs(tracks, chance):
        share = chance.random()
        table = EXACT if share < exact else TRAPS if share < exact + traps else FUZZY
        name, change = chance.choice(list(table.items()))
        pair = change(_written(song, chance), song, chance)
        pairs.append(pair)
        planted[pair.track.title_id] = name
        truth[pair.track.title_id] = "" if table is TRAPS else pair.page.page_id
    listed, pages = [pair.track for pair in pairs], [pair.page for pair in pairs]
    chance.shuffle(listed)
    chance.shuffle(pages)
    return Planted(tracks=tuple(listed), pages=tuple(pages), truth=truth, planted=planted)


def _songs(count: int, chance: random.Random) -> list[Song]:
    """Songs of different names; an artist has several, and common words stand in many titles."""
    lexicon = [_word(chance) for _ in range(max(200, count // 4))]
    people = [f"{_word(chance)} {_word(chance)}".title() if chance.random() < DOUBLE_NAMES else _word(chance).title()
              for _ in range(max(20, count // ONE_OF))]  # fmt: skip
    songs: list[Song] = []
    known: set[tuple[str, str]] = set()
    while len(songs) < count:
        artists = tuple(dict.fromkeys(chance.choices(people, k=chance.choice((1, 1, 1, 2)))))
        title = " ".join(_common(lexicon, chance) for _ in range(chance.choice((1, 2, 2, 3, 3, 4)))).title()
        if (artists[0], title) in known:
            continue
        known.add((artists[0], title))
        guest = next(name for name in iter(lambda: chance.choice(people), None) if name not in artists)
        songs.append(
            Song(number=len(songs), artists=artists, title=title, guest=guest, duration=round(chance.uniform(120, 480), 1))
        )
    return songs


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bcdfghjklmnprstvwz") + chance.choice("aeiou") for _ in range(chance.randrange(2, 5))) + (
        chance.choice("nrslt") if chance.random() < CLOSED else ""
    )


def _common(lexicon: list[str], chance: random.Random) -> str:
    """Words stand in titles as in a language: few of them often, many of them seldom."""
    return lexicon[int(len(lexicon) * chance.random() ** 2)]


def _written(song: Song, chance: random.Random) -> Pair:
    """A song as both sides have it: the words agree, the lengths nearly, and some pages have none."""
    number = hashlib.sha256(f"planted {song.number}".encode()).hexdigest()
    length = round(song.duration + chance.uniform(-1.2, 1.2), 1)
    artist = " & ".join(song.artists)
    return Pair(
        track=LibraryTrack(title_id=number[:32], title=song.title, artist=artist, duration=song.duration),
        page=PageWords(
            page_id=number[32:],
            title=song.title,
            artist=artist,
            duration=None if chance.random() < WITHOUT_LENGTH else length,
        ),
    )

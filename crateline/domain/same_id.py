"""Tracks and pages that name the same id. An ISRC is not believed before the version and the length agree."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from crateline.domain import anchors, wording
from crateline.domain.library import LibraryTrack
from crateline.domain.matching import Score
from crateline.domain.pairing import Doubt, Match, Matches, PageWords, Way
from crateline.domain.wording import Wording

SEVERAL_PAGES = "several pages carry its id"
TAKEN = "its page already belongs to another track"
LEAST_TITLE, LEAST_LENGTH = 0.55, 0.5  # parts of a score: hardly alike; 7.5 s apart, or not known

_NUMBERED = re.compile(r"(?:soundcloud:tracks:|api(?:-v2)?\.soundcloud\.com/tracks/)(?:soundcloud:tracks:)?(\d+)", re.IGNORECASE)


def soundcloud(text: str) -> str:
    """A SoundCloud track in one form, from its URI, its API link or its page's link; "" if it is none."""
    numbered = _NUMBERED.search(text)
    return f"soundcloud:tracks:{numbered[1]}" if numbered else anchors.soundcloud_url(text)


def _isrc(text: str) -> str:
    return text.replace("-", "").strip().upper()


TRACK_IDS: Mapping[Way, Callable[[LibraryTrack], Iterable[str]]] = {
    Way.DJAY_ID: lambda track: [track.title_id],
    Way.SPOTIFY_ID: lambda track: [uri.removeprefix("spotify:track:") for uri in track.uris if uri.startswith("spotify:track:")],
    Way.SOUNDCLOUD_URL: lambda track: [soundcloud(uri) for uri in track.uris if "soundcloud" in uri],
    Way.SOURCE_ID: lambda track: [*track.uris, f"djay:{track.title_id}"],
    Way.ISRC: lambda track: [_isrc(track.isrc)],
}
"""What a track says by each way, the surest way first."""

PAGE_IDS: Mapping[Way, Callable[[PageWords], str]] = {
    Way.DJAY_ID: lambda page: page.djay_id.strip().removeprefix("djay:"),
    Way.SPOTIFY_ID: lambda page: page.spotify_id.strip().removeprefix("spotify:track:"),
    Way.SOUNDCLOUD_URL: lambda page: soundcloud(page.soundcloud_url),
    Way.SOURCE_ID: lambda page: page.source_id.strip(),
    Way.ISRC: lambda page: _isrc(page.isrc),
}
"""What a page says by each way."""


def match(tracks: Sequence[LibraryTrack], pages: Sequence[PageWords]) -> Matches:
    """Pair whatever has an id in common. What is neither matched nor in doubt has to be looked for by its words."""
    pairing = _Pairing(tracks, pages)
    for way in TRACK_IDS:
        pairing.go(way)
    return Matches(matched=pairing.matched, doubts=tuple(pairing.doubts.values()))


class _Pairing:
    """Tracks and pages with what has been decided so far."""

    def __init__(self, tracks: Sequence[LibraryTrack], pages: Sequence[PageWords]) -> None:
        self.tracks = {track.title_id: track for track in tracks}
        self.pages = {page.page_id: page for page in pages}
        self.matched: dict[str, Match] = {}
        self.doubts: dict[str, Doubt] = {}
        self.taken: set[str] = set()

    def go(self, way: Way) -> None:
        """Settle all tracks that this way can settle, the best-fitting track first where several want one page."""
        wishes = self._wishes(way)
        several = {title_id: found for title_id, found in wishes.items() if len(found) > 1}
        wanted: dict[str, list[str]] = {}
        for title_id, found in wishes.items():
            if title_id not in several:
                wanted.setdefault(found[0], []).append(title_id)
        for title_id, found in several.items():
            self._doubt(title_id, SEVERAL_PAGES, found)
        for page_id, wanting in wanted.items():
            self._give(page_id, wanting, way)

    def _wishes(self, way: Way) -> dict[str, list[str]]:
        """The pages that each unsettled track has an id in common with."""
        holders: dict[str, list[str]] = {}
        for page in self.pages.values():
            if value := PAGE_IDS[way](page):
                holders.setdefault(value, []).append(page.page_id)
        wishes = {}
        for title_id, track in self.tracks.items():
            if title_id in self.matched or title_id in self.doubts:
                continue
            values = dict.fromkeys(value for value in TRACK_IDS[way](track) if value)
            found = list(dict.fromkeys(page_id for value in values for page_id in holders.get(value, ())))
            kept = self._believed(title_id, found) if way is Way.ISRC else found
            if kept:
                wishes[title_id] = kept
        return wishes

    def _believed(self, title_id: str, found: list[str]) -> list[str]:
        """The pages whose version and length agree, too: acoustic, live and sped-up neighbours carry the same ISRC."""
        scores = {page_id: self._score(title_id, page_id) for page_id in found}
        return [one for one, score in scores.items() if _same_recording(score)]

    def _give(self, page_id: str, wanting: list[str], way: Way) -> None:
        first, *others = sorted(wanting, key=lambda one: (-self._score(one, page_id).total, one)) if len(wanting) > 1 else wanting
        if page_id in self.taken:
            others = [first, *others]
        else:
            self.taken.add(page_id)
            self.matched[first] = Match(title_id=first, page_id=page_id, way=way)
        for title_id in others:
            self._doubt(title_id, TAKEN, [page_id])

    def _doubt(self, title_id: str, reason: str, found: list[str]) -> None:
        track = Wording.of_track(self.tracks[title_id])
        listed = [Wording.of_page(self.pages[page_id]) for page_id in found]
        shown = [wording.candidate(page, wording.compare(track, page)) for page in listed]
        ranked = sorted(shown, key=lambda one: (-one.score, one.page_id))
        self.doubts[title_id] = Doubt(title_id=title_id, reason=reason, candidates=tuple(ranked))

    def _score(self, title_id: str, page_id: str) -> Score:
        return wording.compare(Wording.of_track(self.tracks[title_id]), Wording.of_page(self.pages[page_id]))


def _same_recording(score: Score) -> bool:
    return score.version == 1 and score.duration >= LEAST_LENGTH and score.title >= LEAST_TITLE

"""A library's tracks and Notion's pages brought together: which page is which track, by what evidence, and what is unsure.

Exact ids first, the surest before the others; each way sees only what the ways before it have left over:

    djay_id -> spotify_id -> soundcloud_url -> source_id -> isrc -> title_artist

A page belongs to one track at most. Whatever is not sure goes to a person with the pages that might be meant: nothing
is guessed.
"""

from collections.abc import Iterable

from crateline.domain import same_id, same_words
from crateline.domain.library import LibraryTrack
from crateline.domain.pairing import Doubt, Match, Matches, PageCandidate, PageWords, Way

__all__ = ["Doubt", "Match", "Matches", "PageCandidate", "PageWords", "Way", "match"]


def match(tracks: Iterable[LibraryTrack], pages: Iterable[PageWords]) -> Matches:
    """Bring tracks and pages together. The order of neither changes the result; 15,000 of each take seconds."""
    known, listed = sorted(tracks, key=lambda one: one.title_id), sorted(pages, key=lambda one: one.page_id)
    exact = same_id.match(known, listed)
    settled = exact.matched.keys() | {doubt.title_id for doubt in exact.doubts}
    rest = [track for track in known if track.title_id not in settled]
    taken = {one.page_id for one in exact.matched.values()}
    fuzzy = same_words.match(rest, listed, taken)
    return Matches(matched={**exact.matched, **fuzzy.matched}, doubts=(*exact.doubts, *fuzzy.doubts), absent=fuzzy.absent)

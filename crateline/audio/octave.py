"""Which of 87, 174 and 348 beats per minute is shown: by a person's word, else by the genre, else by the user's range."""

import math

from crateline.domain import folding

OWN_BETWEEN = (20.0, 400.0)
"""A tempo that somebody typed counts if it lies between these; a 0 or a year in that field is no tempo."""

GENRES: dict[str, tuple[float, float]] = {
    "halftime": (75, 95),
    "half time": (75, 95),
    "drum and bass": (160, 180),
    "drum n bass": (160, 180),
    "drumnbass": (160, 180),
    "drum bass": (160, 180),
    "dnb": (160, 180),
    "d and b": (160, 180),
    "jungle": (155, 180),
    "neurofunk": (165, 180),
    "liquid funk": (160, 180),
    "brostep": (138, 150),
    "dubstep": (136, 146),
    "grime": (136, 145),
    "trip hop": (70, 110),
    "hip hop": (70, 110),
    "boom bap": (75, 105),
    "rap": (70, 110),
    "rnb": (60, 110),
    "r and b": (60, 110),
    "trap": (130, 165),
    "juke": (150, 170),
    "footwork": (150, 170),
    "moombahton": (100, 116),
    "reggaeton": (82, 110),
    "dembow": (100, 125),
    "dancehall": (85, 115),
    "dub techno": (110, 130),
    "reggae": (60, 100),
    "dub": (60, 100),
    "amapiano": (108, 118),
    "afrobeats": (90, 125),
    "disco": (100, 135),
    "nu disco": (100, 130),
    "slow house": (95, 118),
    "organic house": (110, 125),
    "ghetto house": (125, 160),
    "house": (112, 135),
    "electro": (115, 145),
    "uk garage": (126, 142),
    "speed garage": (126, 142),
    "2 step": (126, 142),
    "bassline": (132, 145),
    "breakbeat": (120, 145),
    "breaks": (120, 145),
    "psytrance": (134, 152),
    "psy trance": (134, 152),
    "goa": (134, 152),
    "trance": (124, 150),
    "hard techno": (138, 170),
    "techno": (115, 158),
    "hardstyle": (140, 165),
    "gabber": (150, 210),
    "hardcore": (150, 210),
    "frenchcore": (180, 240),
    "downtempo": (60, 118),
    "chillout": (60, 118),
    "ambient": (56, 110),
}
"""Beats per minute in which the music of a genre is counted, from the lowest to the highest.

Gathered from how DJs and shops name tempi: an octave is chosen by them and nothing else, so that they may be wide. Of two
names in one genre ("Halftime Drum & Bass") the one that stands first here counts.
"""


def fold(bpm: float, *, lowest: float) -> float:
    """Double or halve a tempo until it lies in [lowest, 2 * lowest)."""
    return bpm * 2.0 ** -math.floor(math.log2(bpm / lowest))


def settle(bpm: float | None, *, lowest: float, genre: str = "", own: float | None = None) -> float | None:
    """Give the tempo to show, in steps of 0.01, for a measured one (None: there is none).

    A person's or djay's `own` tempo wins as it is. Else the octave is the one that lies in the range of the `genre`, if
    one does; else the one in [lowest, 2 * lowest).
    """
    if own is not None and OWN_BETWEEN[0] <= own <= OWN_BETWEEN[1]:
        return round(own, 2)
    if bpm is None or bpm <= 0:
        return None
    return round(_in_genre(bpm, genre) or _folded(bpm, lowest), 2)


def range_of(genre: str) -> tuple[float, float] | None:
    """Give the range of the first known name in a genre as shops and uploaders write it; None if none is known."""
    words = f" {folding.fold(genre)} "
    return next((limits for name, limits in GENRES.items() if f" {name} " in words), None)


def _in_genre(bpm: float, genre: str) -> float | None:
    limits = range_of(genre)
    if limits is None:
        return None
    low, high = limits
    middle = math.sqrt(low * high)
    nearest = fold(bpm, lowest=middle / math.sqrt(2))
    return nearest if low <= round(nearest, 2) <= high else None


def _folded(bpm: float, lowest: float) -> float:
    """Fold without leaving the range by a rounding: 179.998 is 180, which is 90."""
    return fold(round(fold(bpm, lowest=lowest), 2), lowest=lowest)

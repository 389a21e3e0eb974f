"""What is wrong with some rows of an imaginary set, and what becomes of them."""

from crateline.sandbox.catalogue import End

TROUBLES: tuple[tuple[str, str], ...] = (
    ("preview", "twin"),
    ("second", ""),
    ("deleted", ""),
    ("repeat", ""),
    ("drm", "twin"),
    ("preview", "live"),
    ("blocked", "twin"),
    ("drm", ""),
    ("preview", "extended"),
    ("preview", ""),
    ("second", ""),
    ("blocked", ""),
    ("preview", "twin"),
    ("drm", "remix"),
)
"""In the order in which a growing set meets them: the fate on SoundCloud, and what YouTube has."""

UNPLAYABLE_END = {"twin": End.DONE, "extended": End.REVIEW, "live": End.REFUSED, "remix": End.REFUSED, "": End.REFUSED}


def among(rows: int) -> list[tuple[str, str]]:
    """The troublemakers among `rows` rows: a fifth of them and four more, never more than half."""
    return [TROUBLES[i % len(TROUBLES)] for i in range(min(rows // 2, round(rows * 0.2) + 4))]

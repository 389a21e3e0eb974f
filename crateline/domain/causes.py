"""What a service was paused for, in words that a probe can act on: whoever stops it knows, and says so.

A cause is one of these words, or such a word, a colon, and what it is about.
"""

TOKEN = "token"  # noqa: S105  # a word, and no secret
"""Our credentials were refused: a request with them shows whether they are accepted again."""
DATABASE = "database"
"""A database of Notion's is not shared with us, or gone. About: its id; without one, the tracks and the playlists."""
SCHEMA = "schema"
"""A database lacks a property, or has it in a type that is of no use. About: its id, a space, our word for the property."""
FOLDER = "folder"
"""Nothing could be written on a disk. About: the folder; without one, MEDIA_ROOT."""
LIBRARY = "library"
"""Eagle is closed, or has another library open."""
SETTINGS = "settings"
"""A setting of one machine is wrong: it takes a restart."""
WORK = "work"
"""Only the work itself shows whether it is over: one task that waits is tried."""
OWN_WORK = "own-work"
"""As `WORK`, and only the task that has met it shows so: others may need less than it does."""


def about(kind: str, subject: object) -> str:
    """A cause with what it is about."""
    return f"{kind}:{subject}"

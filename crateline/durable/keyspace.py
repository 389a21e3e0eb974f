"""The names of everything that crateline keeps in Redis."""

PREFIX = "crateline:"

DUE = PREFIX + "due"
PLAYLISTS = PREFIX + "playlists"
PAUSES = PREFIX + "pauses"
EPOCH = PREFIX + "epoch"
RUN = PREFIX + "run"
WORKERS = PREFIX + "workers"
REQUESTS = PREFIX + "requests"
CHORES = PREFIX + "chores"
PAGE_TAIL = PREFIX + "page-tail"
EAGLE_LIBRARY = PREFIX + "eagle:library"
LIBRARY_REVIEW = PREFIX + "library-review"
LIBRARY_STREAMS = PREFIX + "library-streams"
LIBRARY_SYNCED = PREFIX + "library-synced"
EAGLE_SEEN = PREFIX + "eagle:seen"
ENRICHMENT_OWED = PREFIX + "enrichment:owed"
ENRICHMENT_RESTS = PREFIX + "enrichment:rests"


def track(key: str) -> str:
    """The hash of one track: its card, its sealed stations, its claims."""
    return f"{PREFIX}track:{key}"


def playlist(key: str) -> str:
    """The hash of one playlist."""
    return f"{PREFIX}playlist:{key}"


def library(key: str) -> str:
    """The hash of one thing that a DJ program knows: of a track's page, a set, a play."""
    return f"{PREFIX}library:{key}"


def members(key: str) -> str:
    """The ordered membership of a playlist: track key by position."""
    return f"{PREFIX}members:{key}"


def unfinished(key: str) -> str:
    """The set of a playlist's tracks that are not settled yet."""
    return f"{PREFIX}open:{key}"


def parked(service: str) -> str:
    """The set of hints that wait for a paused service."""
    return f"{PREFIX}parked:{service}"


def trial(service: str) -> str:
    """The set of hints that may pass although their service is paused: what becomes of them shows how it is."""
    return f"{PREFIX}trial:{service}"


def ended_pause(service: str) -> str:
    """The last pause of a service that ended by itself, for some minutes: the same one again goes on where it was."""
    return f"{PREFIX}ended-pause:{service}"


def schema(database: str) -> str:
    """What Notion has last said of a database: its data source and its properties."""
    return f"{PREFIX}notion:schema:{database}"


def budget_log(service: str) -> str:
    """The sliding log of the slots granted for a service."""
    return f"{PREFIX}budget:{service}:log"


def blocked(service: str) -> str:
    """Until when (ms) a service wants silence."""
    return f"{PREFIX}budget:{service}:blocked"


def faults(service: str) -> str:
    """How many passing faults of a service there were in a row."""
    return f"{PREFIX}faults:{service}"


def lock(name: str) -> str:
    """A short mutual exclusion between worker processes."""
    return f"{PREFIX}lock:{name}"


def turn(name: str) -> str:
    """The mark that a chore has been done; it lapses when its next turn has come."""
    return f"{PREFIX}turn:{name}"

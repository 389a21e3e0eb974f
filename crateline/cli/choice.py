"""Which playlist a person means."""

from crateline.cli import talk
from crateline.domain import links
from crateline.errors import ConfigurationError
from crateline.wiring import Wiring

SHOWN = 8


def playlist(wiring: Wiring, words: str) -> str:
    """The key of the playlist with this key, link or name (ignoring case), or of the only one with these words in its name.

    Raises ConfigurationError naming those there are.
    """
    found = wiring.register.find(words) or wiring.register.find(_canonical(words))
    if found is not None:
        return found
    names = {item.key: str(item.card.get("name", item.key)) for item in wiring.register.items(reversed(wiring.register.keys()))}
    near = {key: name for key, name in names.items() if words.strip() and words.strip().casefold() in name.casefold()}
    if len(near) == 1:
        talk.say(f"«{words}» is taken for «{next(iter(near.values()))}»")
        return next(iter(near))
    raise ConfigurationError(f"No playlist «{words}» was enqueued. {_known(list((near or names).values()))}")


def playlists(wiring: Wiring, words: str | None) -> list[str]:
    """The key of the playlist that is meant, or all keys if none was named."""
    return wiring.register.keys() if words is None else [playlist(wiring, words)]


def _canonical(words: str) -> str:
    try:
        return links.classify(words).url
    except ValueError:
        return words


def _known(names: list[str]) -> str:
    if not names:
        return "Nothing was enqueued yet: `crateline enqueue LINK`"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"There are: {', '.join(names[:SHOWN])}{more}"

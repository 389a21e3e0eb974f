"""Identifiers: uuids with or without dashes, the short ids of properties, and the address of a page."""

import random
import re
import uuid
from urllib.parse import quote

from crateline.sandbox.notion import problems

HEX = re.compile(r"[0-9a-fA-F]{32}")
DASHED = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
PROPERTY_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz<>;:=@[]^`{|}~_?"
SITE = "https://app.notion.com/p/"


class Mint:
    """Makes ids from one seed, so that two runs of a test meet the same ones."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def uuid(self) -> str:
        """Make the id of an object."""
        return str(uuid.UUID(int=self._dice.getrandbits(128), version=4))

    def property_id(self) -> str:
        """Make the id of a property: four characters, some of which a URL has to encode."""
        return "".join(self._dice.choices(PROPERTY_ALPHABET, k=4))


def canonical(text: object) -> str | None:
    """Give the dashed, lower-case form of an id, or None when it is not one."""
    if isinstance(text, str) and (HEX.fullmatch(text) or DASHED.fullmatch(text)):
        return str(uuid.UUID(text))
    return None


def read(text: object, where: str, *, part: str = "body") -> str:
    """Give the dashed form of an id that a request names at `where`. Raises RefusalError when it is not a uuid."""
    known = canonical(text)
    if known is None:
        shown = f'"{text}"' if isinstance(text, str) else "undefined"
        raise problems.invalid(where, f"should be a valid uuid, instead was `{shown}`", part=part)
    return known


def encode(property_id: str) -> str:
    """Encode a property's id as Notion shows it, e.g. `%3CnJT`."""
    return quote(property_id, safe="~")


def address(object_id: str, title: str = "") -> str:
    """Give the address that Notion shows for a page or a database."""
    words = re.sub(r"\W+", "-", title).strip("-")
    return SITE + (f"{words}-" if words else "") + object_id.replace("-", "")

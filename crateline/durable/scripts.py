"""The Lua scripts: every change of state in Redis is one of them, and so happens whole or not at all."""

from functools import cached_property
from importlib import resources
from typing import Any

import redis
from redis.commands.core import Script


class Scripts:
    """The scripts of `lua/`, registered on one connection pool by file name."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def _script(self, name: str) -> Script:
        source = resources.files("crateline.durable").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
        return self._client.register_script(source)

    @cached_property
    def claim(self) -> Script:
        """Take a station, or hear why not."""
        return self._script("claim")

    @cached_property
    def renew(self) -> Script:
        """Prolong a claim."""
        return self._script("renew")

    @cached_property
    def settle(self) -> Script:
        """Store a result and give the claim up."""
        return self._script("settle")

    @cached_property
    def hand_on(self) -> Script:
        """Replace a settled hint by what comes next."""
        return self._script("hand_on")

    @cached_property
    def note(self) -> Script:
        """Write something down under a claim."""
        return self._script("note")

    @cached_property
    def join(self) -> Script:
        """Let a track belong to one more playlist."""
        return self._script("join")

    @cached_property
    def leave(self) -> Script:
        """Take a track out of a playlist."""
        return self._script("leave")

    @cached_property
    def file_anew(self) -> Script:
        """Have a track filed under the new name of its playlist."""
        return self._script("file_anew")

    @cached_property
    def alias(self) -> Script:
        """Let a track be another upload of one that is on the line."""
        return self._script("alias")

    @cached_property
    def index(self) -> Script:
        """Keep a page, and let it be found by its anchors."""
        return self._script("index")

    @cached_property
    def enrol(self) -> Script:
        """Put a track on the line."""
        return self._script("enrol")

    @cached_property
    def sweep(self) -> Script:
        """Take the hints whose time has come."""
        return self._script("sweep")

    @cached_property
    def wish(self) -> Script:
        """Say what an item of the library should come to."""
        return self._script("wish")

    @cached_property
    def reserve(self) -> Script:
        """Reserve a slot of a budget."""
        return self._script("reserve")

    @cached_property
    def block(self) -> Script:
        """Silence a service."""
        return self._script("block")

    @cached_property
    def unpause(self) -> Script:
        """End a pause and free what waited for it."""
        return self._script("unpause")

    @cached_property
    def first_upload(self) -> Script:
        """Let a track stand for its recording."""
        return self._script("first_upload")

    @cached_property
    def drop_print(self) -> Script:
        """Take a track out of the register of fingerprints."""
        return self._script("drop_print")

    @cached_property
    def postings(self) -> Script:
        """Read many buckets of the index of fingerprints at once."""
        return self._script("postings")

    @cached_property
    def load_prints(self) -> Script:
        """Fill a register of fingerprints that has forgotten."""
        return self._script("load_prints")

    @cached_property
    def census(self) -> Script:
        """Count a playlist."""
        return self._script("census")


def pairs(flat: list[Any]) -> dict[str, Any]:
    """A flat list of name, value, name, value (as Lua answers it) as a dict."""
    return dict(zip(flat[::2], flat[1::2], strict=True))

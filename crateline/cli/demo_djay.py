"""The demo's second chapter: a small djay library is brought to Notion, with sets in which the playlist's tracks were played."""

import time
from pathlib import Path
from typing import Any, Protocol

from crateline.sandbox.catalogue import World

SHARE = 12
"""So many tracks of a library for each that is streamed from SoundCloud: most of a DJ's tracks are files."""
SETS, MOST_PLAYS = 5, 90


class Going(Protocol):
    """A demo that is going on."""

    folder: Path
    tracks: int

    def ask(self, *words: str) -> Any:
        """Run a console command to its end and read its last line of JSON."""


def play(run: Going, world: World) -> dict[str, Any]:
    """Make a library up, sync it twice, and give what was measured: the second time nothing may be written."""
    from crateline.sandbox.djay import truth, writing  # noqa: PLC0415  # only a demo needs a library that nobody has

    folder = run.folder / "djay"
    tracks = max(24, min(600, SHARE * run.tracks // 2))
    plays = min(MOST_PLAYS, tracks)
    writing.generate(folder, tracks=tracks, sessions=SETS, plays=plays, playlists=2, listed=truth.listed(world))
    began = time.monotonic()
    done = run.ask("djay", "--from", str(folder), "--json")
    seconds = round(time.monotonic() - began, 1)
    again = run.ask("djay", "--from", str(folder), "--json")
    return {**done, "seconds": seconds, "again": {name: again[name] for name in ("created", "updated", "failed", "requests")}}

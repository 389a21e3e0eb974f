"""`crateline djay import`: what a library holds, wherever it is read from; and that library as clean CSVs."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crateline.cli import talk

if TYPE_CHECKING:
    from rich.table import Table

    from crateline.domain.library import Finding, Library, LibraryTrack

SHOWN = 12
"""Findings of one kind that people are shown; `--json` has all."""

KINDS = {"repaired": "cyan", "absent": "yellow", "unreadable": "red", "skipped": "red"}


@click.command(name="import")
@click.option("--from", "path", type=click.Path(path_type=Path), help="A folder or a file; by default djay's own library.")
@click.option("--export", "folder", type=click.Path(path_type=Path), help="Write the library as clean CSVs into this folder.")
@click.option("--dry-run", is_flag=True, help="With --export: say what would be written; write nothing.")
@click.option("--json", "as_json", is_flag=True, help='Print {"read", "findings", "exported", "dry_run"}.')
def import_(*, path: Path | None, folder: Path | None, dry_run: bool, as_json: bool) -> None:
    """Read djay's library and say what is in it. What is read is never changed.

    PATH is djay's library or one of its backups (the folder or MediaLibrary.db), the CSVs of the old export script
    (their faults are repaired, and said), or a CSV that djay has exported.
    """
    if dry_run and folder is None:
        raise click.UsageError("--dry-run says what --export would write: name its folder")
    from crateline.clients.djay import outgoing, reading  # noqa: PLC0415  # only this command needs them

    library = reading.read(path or _usual(), wait=time.sleep)
    exported = None
    if folder is not None:
        exported = (outgoing.would_write if dry_run else outgoing.write)(library, folder)
    if as_json:
        talk.answer(public(library, exported, dry_run=dry_run))
        return
    talk.show(_contents(library))
    if library.findings:
        talk.show(_findings(library.findings))
    if exported is not None:
        talk.say(
            f"{'Would write' if dry_run else 'Wrote'} "
            f"{talk.counted(sum(exported.values()), 'row')} in {talk.counted(len(exported), 'file')} to {folder}"
        )


def public(library: "Library", exported: Mapping[str, int] | None = None, *, dry_run: bool = False) -> dict[str, Any]:
    """What was read, as JSON; `exported` are the rows of each file, None if none was asked for."""
    return {
        "read": contents(library),
        "findings": [{"kind": one.kind, "where": one.where, "detail": one.detail} for one in library.findings],
        "exported": None if exported is None else dict(exported),
        "dry_run": dry_run,
    }


def contents(library: "Library") -> dict[str, Any]:
    """A library in numbers."""
    played = {play.title_id for session in library.sessions for play in session.plays}
    known = library.tracks.values()
    return {
        "source": library.source,
        "tracks": len(library.tracks),
        "by_source": _by_source(known),
        "with": {
            "bpm": sum(bool(one.bpm or one.manual_bpm) for one in known),
            "manual_bpm": sum(bool(one.manual_bpm) for one in known),
            "key": sum(bool(one.key) for one in known),
            "hot_cues": sum(bool(one.hot_cues) for one in known),
            "loops": sum(bool(one.loops) for one in known),
        },
        "sessions": len(library.sessions),
        "plays": sum(len(session.plays) for session in library.sessions),
        "played_tracks": len(played),
        "played_in_library": len(played & library.tracks.keys()),
        "playlists": len(library.playlists),
    }


def _usual() -> Path:
    """Where djay's library is by the settings, else where djay keeps it."""
    from crateline import settings  # noqa: PLC0415  # pydantic is not needed for a path that was named
    from crateline.clients.djay import places  # noqa: PLC0415

    return places.resolve(settings.load().djay_pro_db_path)


def _by_source(tracks: "Iterable[LibraryTrack]") -> dict[str, int]:
    from crateline.domain import origins  # noqa: PLC0415
    from crateline.domain.track import Platform  # noqa: PLC0415

    counted = Counter(origins.platform_of(one) for one in tracks)
    named = {platform.value: counted[platform] for platform in Platform if counted[platform]}
    return {**named, "unknown": counted[None]} if counted[None] else named


def _contents(library: "Library") -> "Table":
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    read = contents(library)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("found", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    shares = ", ".join(f"{count} {name}" for name, count in read["by_source"].items())
    having = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in read["with"].items() if count)
    table.add_row("tracks", str(read["tracks"]), talk.words(shares))
    table.add_row("", "", talk.words(f"with {having}" if having else "", "dim"))
    table.add_row("sets", str(read["sessions"]), talk.words(_span(library)))
    table.add_row("plays", str(read["plays"]), talk.words(_played(read)))
    table.add_row("playlists", str(read["playlists"]), talk.words(_listed(library)))
    table.caption = talk.words(library.source, "dim")
    return table


def _span(library: "Library") -> str:
    days = [moment.date() for one in library.sessions if (moment := one.start or one.end)]
    known = sum(one.start is not None for one in library.sessions)
    if not days:
        return "when is not known" if library.sessions else ""
    ends = "" if known == len(library.sessions) else f"; the start of {len(library.sessions) - known} is not known"
    return f"{min(days)} to {max(days)}{ends}"


def _played(read: Mapping[str, Any]) -> str:
    if not read["plays"]:
        return ""
    return f"of {read['played_tracks']} tracks, {read['played_in_library']} of them in the library"


def _listed(library: "Library") -> str:
    rows, nameless = sum(len(one.tracks) for one in library.playlists), sum(not one.name for one in library.playlists)
    return ", ".join(filter(None, (f"{rows} rows" if rows else "", f"{nameless} without a name" if nameless else "")))


def _findings(findings: "Iterable[Finding]") -> "Table":
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("finding", "where", "what"):
        table.add_column(name, overflow="fold")
    listed = list(findings)
    for kind in dict.fromkeys([*KINDS, *(one.kind for one in listed)]):
        own = [one for one in listed if one.kind == kind]
        for one in islice(own, SHOWN):
            table.add_row(talk.words(kind, KINDS.get(kind, "")), talk.words(one.where), talk.words(one.detail))
        if len(own) > SHOWN:
            table.add_row(
                talk.words(kind, KINDS.get(kind, "")), "", talk.words(f"and {len(own) - SHOWN} more; --json shows all", "dim")
            )
    return table

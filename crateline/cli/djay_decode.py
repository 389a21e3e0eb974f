"""`crateline djay decode`: what djay's files hold, as they are. One bad file among many does not end the reading."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from crateline import harmless
from crateline.cli import console, talk

LARGEST = 256 << 20
"""Bytes of a blob that is read at all."""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One object per line: a blob's value, or why it cannot be read and where.")
def decode(*, files: tuple[Path, ...], as_json: bool) -> int:
    """Show what FILE… hold: TSAF blobs, or MediaLibrary.db (or its folder) and every row in it.

    What cannot be read is said with the byte at which reading ended; the rest goes on, and the exit code is 1.
    """
    failed = 0
    for file in files:
        for row in _rows(file):
            failed += "error" in row
            (talk.answer if as_json else _show)(row)
    if failed:
        talk.say(f"{failed} could not be read")
    return console.FAILED if failed else console.OK


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    """What one file holds, row by row; an error is a row too."""
    from crateline.clients.djay import database, places  # noqa: PLC0415  # loads SQLite
    from crateline.errors import CratelineError  # noqa: PLC0415  # as above

    try:
        source = places.resolve(file) if file.is_dir() else file  # what Finder shows as a file is a folder
        if database.is_database(source):
            for row in database.rows(source):
                yield {"file": str(file), "collection": row.collection, "key": row.key, **_kept(_value(row.data), row.data)}
        else:
            yield {"file": str(file), **_value(_bytes(source))}
    except (OSError, CratelineError) as error:
        yield {"file": str(file), "error": str(error), "offset": None}


def _kept(value: dict[str, Any], blob: bytes) -> dict[str, Any]:
    """Add the bytes of what cannot be read: in a database nobody else can get at them."""
    from crateline.clients.djay import plain  # noqa: PLC0415  # only this command needs it

    return {**value, "data": plain.of(blob, size=len(blob))} if "error" in value else value


def _bytes(file: Path) -> bytes:
    if file.stat().st_size > LARGEST:
        raise OSError(f"{file} is larger than any blob: {file.stat().st_size} bytes")
    return file.read_bytes()


def _value(blob: bytes) -> dict[str, Any]:
    from crateline.clients.djay import plain, tsaf  # noqa: PLC0415  # only this command needs them

    if blob.startswith(b"bplist00"):  # what YapDatabase keeps of itself; no blob of djay's begins so
        return {"value": plain.of(blob, size=len(blob))}
    try:
        return {"value": plain.of(tsaf.decode(blob).value, size=len(blob))}
    except tsaf.TsafError as error:
        return {"error": error.reason, "offset": error.offset}


def _show(row: dict[str, Any]) -> None:
    """Print a row for people: the place, then the value with one field per line."""
    place = " ".join(str(row[name]) for name in ("file", "collection", "key") if name in row)
    if "error" in row:
        at = "" if row["offset"] is None else f" (byte {row['offset']})"
        click.secho(harmless.one_line(f"{place}: {row['error']}{at}"), fg="red")
        return
    click.secho(harmless.one_line(place), bold=True)
    for line in _lines(row["value"], "  "):
        click.echo(harmless.one_line(line))  # a database has half a million lines: rich would take minutes


def _lines(value: Any, margin: str, name: str = "") -> Iterator[str]:
    """A value as lines: what is inside another stands further to the right."""
    head = f"{margin}{name}: " if name else margin
    if isinstance(value, dict) and "fields" in value:
        yield head + value.get("class", "(no class)")
        for inner, one in value["fields"].items():
            yield from _lines(one, f"{margin}  ", inner)
    elif isinstance(value, dict) and "repeated" in value:
        for one in value["repeated"]:
            yield from _lines(one, margin, name)
    elif isinstance(value, list):
        yield f"{head}{len(value)}"
        for number, one in enumerate(value, 1):
            yield from _lines(one, f"{margin}  ", str(number))
    else:
        yield head + _short(value)


def _short(value: Any) -> str:
    if isinstance(value, dict) and "base64" in value:
        return f"{value['length']} bytes of data"
    if value == {"omitted": True}:
        return "(too long to be shown)"
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values())
    return value if isinstance(value, str) else json.dumps(value)

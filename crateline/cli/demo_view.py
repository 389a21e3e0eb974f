"""What the demo shows: what it will do, how far it is, and what came of it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from crateline.messages import LINE
from crateline.wiring import Wiring

STATION_NAMES = {"page": "page", "download": "download", "analyze": "analyse", "eagle": "Eagle", "finalise": "finalise"}
MINUTE_S = 60.0


class Going(Protocol):
    """What is shown of a demo that is going on."""

    tracks: int
    kills: list[tuple[str, int]]


def plain(words: object) -> Text:
    """Words from outside as text alone: no markup, no control characters."""
    return Text("".join(letter if letter.isprintable() else "·" for letter in str(words)))


def opening(tracks: int) -> RenderableType:
    """Say what will happen."""
    return Panel(
        f"A SoundCloud set of [b]{tracks}[/b] rows goes through the whole line: Notion page → download → analysis → Eagle → "
        "final page.\nThe outside world is simulated on loopback: no account is needed, and nothing of yours is touched.\n"
        "[dim]Among the rows: previews, DRM, deleted and blocked tracks, doubles, and titles that mean harm.[/dim]",
        title="crateline demo",
        border_style="cyan",
    )


def progress(wiring: Wiring, key: str, run: Going) -> RenderableType:
    """One frame: a bar per station, what waits, and what is stopped."""
    census = wiring.register.census(key)
    total = max(1, census.get("total", run.tracks))
    bars = Table.grid(padding=(0, 1))
    for station in LINE:
        sealed = census.get(f"station:{station}", 0)
        bars.add_row(STATION_NAMES[station], ProgressBar(total=total, completed=sealed, width=40), f"{sealed:>4}/{total}")
    states = "  ".join(f"{name} {census.get(name, 0)}" for name in ("done", "running", "waiting", "refused", "review", "failed"))
    budget = wiring.budgets["notion"]
    asked = f"Notion: {budget.used()} of {budget.limit.requests} requests in the last minute"
    rows: list[RenderableType] = [bars, Text(states), Text(asked, style="dim")]
    rows += [Text(f"paused: {p.service}: {p.reason} → {p.remedy}", style="yellow") for p in wiring.pauses.all()]
    if run.kills:
        rows.append(Text(f"killed with SIGKILL: {', '.join(name for name, _ in run.kills[-6:])}", style="red"))
    return Padding(Group(*rows), (0, 2))


def measure(stats: dict[str, Any], seconds: float, kills: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """The figures of the run, from what the simulated Notion saw."""
    requests = len(stats["arrivals"])
    limit = stats["per_minute"]
    share = requests / (limit * max(1.0, seconds / MINUTE_S))
    return {
        "seconds": round(seconds, 1),
        "notion": {
            "requests": requests,
            "fullest_minute": stats["fullest_window"],
            "limit": limit,
            "throttled": stats["refused_by_window"],
            "budget_share": round(share, 3),
        },
        "kills": len(kills),
    }


def djay_opening() -> RenderableType:
    """Say what comes after the playlist."""
    return Text("A djay library, in whose sets some of these tracks were played, is brought to Notion.", style="cyan")


def _djay(done: dict[str, Any]) -> RenderableType:
    """What came of the djay library."""
    read, pages, again = done["read"], done["pages"], done["again"]
    table = Table(box=None, padding=(0, 2), show_header=False, title="djay", title_justify="left")
    table.add_row("read", f"{read['tracks']} tracks, {read['sessions']} sets, {read['plays']} plays")
    found = sum(done["matched"].values())
    table.add_row("matched", f"{found} tracks have a page; {done['absent']} files and streams have none")
    sets, updated = pages["sessions"]["created"], pages["tracks"]["updated"]
    table.add_row("written", f"{sets} sets in the Calendar with {done['linked']} tracks played; {updated} tracks' pages")
    writes = again["created"] + again["updated"]
    table.add_row("requests", f"{done['requests']} in {done['seconds']:.0f} s; run again: {writes} writes")
    return table


def closing(summary: dict[str, Any], addresses: dict[str, str], folder: Path) -> RenderableType:
    """The summary a person reads."""
    djay = [_djay(summary["djay"])] if "djay" in summary else []
    return Group(_counts(summary), *_reasons(summary["tracks"]), _figures(summary), *djay, places(addresses, folder))


def _counts(summary: dict[str, Any]) -> RenderableType:
    good = Text(f"✔ {summary['done']} of {summary['total']} tracks are done", style="bold green")
    rest = [f"{summary[name]} {words}" for name, words in (("refused", "refused"), ("review", "to review"), ("failed", "failed"))]
    doubles = sum(1 for track in summary["tracks"] if track["state"] == "done" and not track["files"])
    rest += [f"{doubles} of the done are second uploads of a recording"] if doubles else []
    style = "red" if summary["failed"] else "default"
    return Group(Text(""), good, Text("  " + ", ".join(rest), style=style))


def _reasons(tracks: Sequence[dict[str, Any]]) -> list[RenderableType]:
    shown: list[RenderableType] = []
    for state, words in (("refused", "Refused"), ("review", "To review"), ("failed", "Failed")):
        rows = [track for track in tracks if track["state"] == state]
        if not rows:
            continue
        table = Table(title=words, title_justify="left", box=None, padding=(0, 2), show_header=False)
        table.add_column(max_width=48, no_wrap=True, overflow="ellipsis")
        table.add_column()
        for row in rows[:12]:
            table.add_row(plain(row["title"] or row["key"]), plain(row["reason"]))
        for reason, count in Counter(row["reason"] for row in rows[12:]).items():
            table.add_row(f"… and {count} more", plain(reason))
        shown.append(table)
    return shown


def _figures(summary: dict[str, Any]) -> RenderableType:
    asked, total = summary["notion"], max(1, summary["total"])
    table = Table(box=None, padding=(0, 2), show_header=False, title="Measured", title_justify="left")
    table.add_row("time", f"{summary['seconds']:.0f} s, {summary['total'] / summary['seconds']:.2f} tracks a second")
    table.add_row("Notion", f"{asked['requests']} requests, {asked['requests'] / total:.2f} per track")
    table.add_row("budget", f"{asked['budget_share']:.0%} used; fullest minute {asked['fullest_minute']} of {asked['limit']}")
    table.add_row("throttled", f"{asked['throttled']} times")
    if summary["kills"]:
        table.add_row("killed", f"{summary['kills']} workers with SIGKILL")
    twice = [f"{count} {what} are there twice" for what, count in summary["twice"].items() if count]
    table.add_row("lost", f"{lost(summary)} tracks" if lost(summary) else "nothing")
    table.add_row("done twice", ", ".join(twice) or "nothing: no page, no Eagle item, no download")
    return table


def lost(summary: dict[str, Any]) -> int:
    """How many tracks have come to no end."""
    ended = sum(int(summary[state]) for state in ("done", "refused", "review", "failed"))
    return int(summary["total"]) - ended


def places(addresses: dict[str, str], folder: Path) -> RenderableType:
    """Where to look while it runs and afterwards."""
    table = Table(box=None, padding=(0, 2), show_header=False, title="Where it is", title_justify="left")
    table.add_row("files", escape(str(folder / "music")))
    table.add_row("log", escape(str(folder / "workers.log")))
    table.add_row("Notion, simulated", f"{addresses['notion']}/")
    if "flower" in addresses:
        known = folder / "state" / "flower"
        table.add_row("Flower", addresses["flower"] + (f"   sign in as {known.read_text()}" if known.exists() else ""))
    return table

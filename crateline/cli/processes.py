"""The processes of this machine, for the demo that kills some of them."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """One process: its id, its parent's, and its command line."""

    pid: int
    parent: int
    words: str


def running() -> list[Process]:
    """Every process that can be seen: from /proc, or from `ps` where there is none (macOS)."""
    return _from_proc() if PROC.is_dir() else _from_ps()


def children(parent: int) -> list[Process]:
    """The processes that a process has started."""
    return [process for process in running() if process.parent == parent]


def _from_proc() -> list[Process]:
    found = []
    for folder in PROC.glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        found.append(Process(pid=int(folder.name), parent=int(after_name[1]), words=words.strip()))
    return found


def _from_ps() -> list[Process]:
    listed = subprocess.run(["/bin/ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (row.split(None, 2) for row in listed.splitlines())
    return [Process(pid=int(row[0]), parent=int(row[1]), words=row[2]) for row in rows if len(row) > 2]  # noqa: PLR2004

"""Flower behind a password, on loopback."""

import os
import secrets
import socket
import sys
from pathlib import Path

from crateline.wiring import Wiring

ADDRESS = "127.0.0.1"


def credentials(wiring: Wiring) -> str:
    """`user:password` for Flower: FLOWER_BASIC_AUTH, else one made once and kept in the state folder (mode 0600)."""
    given = wiring.settings.flower_basic_auth.get_secret_value()
    if given:
        return given
    kept = _kept(wiring)
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(f"crateline:{secrets.token_urlsafe(12)}")
    return kept.read_text().strip()


def address(wiring: Wiring) -> str:
    """Where a browser finds it."""
    return f"http://{ADDRESS}:{wiring.settings.crateline_flower_port}"


def keeps_password(wiring: Wiring) -> str:
    """Where a person finds user and password."""
    return "FLOWER_BASIC_AUTH" if wiring.settings.flower_basic_auth.get_secret_value() else str(_kept(wiring))


def taken(wiring: Wiring) -> bool:
    """Whether somebody else has Flower's port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((os.environ.get("FLOWER_ADDRESS", ADDRESS), wiring.settings.crateline_flower_port))
        except OSError:
            return True
    return False


def _kept(wiring: Wiring) -> Path:
    return wiring.settings.state_dir / "flower"


def environment(wiring: Wiring) -> dict[str, str]:
    """What Flower's process is told; secrets travel here and not in its arguments, which everyone can list."""
    return {
        **os.environ,
        "REDIS_URL": wiring.redis_url,
        "FLOWER_BASIC_AUTH": credentials(wiring),
        "FLOWER_ADDRESS": os.environ.get("FLOWER_ADDRESS", ADDRESS),
        "FLOWER_PORT": str(wiring.settings.crateline_flower_port),
        "FLOWER_NATURAL_TIME": "false",
        "FLOWER_TASKS_COLUMNS": "name,kwargs,state,received,started,runtime,worker",
    }


def command() -> list[str]:
    """The process to run."""
    return [sys.executable, "-m", "celery", "-A", "workers.app", "flower", "--logging=warning"]


def run_flower(wiring: Wiring) -> int:
    """Become Flower: replaces this process."""
    os.execve(sys.executable, command(), environment(wiring))  # noqa: S606  # no shell is the point

"""The operator's console."""

from crateline.cli.console import main

__all__ = ["main"]

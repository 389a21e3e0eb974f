"""The pages of the documentation taken apart, and the console they are held against."""

import re

import click

from crateline.cli import console
from givens.folders import DOCS, ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])


def name_of(page):
    return str(page.relative_to(ROOT))


def without_code(text):
    """A page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)


def sections(text):
    """The text under each heading, up to the next one, by the heading's words."""
    parts = re.split(r"^#{1,4} +(.+)$", without_code(text), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text):
    """The cells of every table row, without heads and rules; `\\|` is a bar inside a cell."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    cells = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0].startswith("`")]


def coded(text):
    """What stands between backquotes."""
    return re.findall(r"`([^`\n]+)`", text)


def code_files():
    """Every module of the product."""
    packages = ("crateline", "producers", "tasks", "workers")
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


def commands():
    """Every command of the console by its words."""
    found = {(): console.console}
    waiting = [((), console.console)]
    while waiting:
        words, group = waiting.pop()
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            found[(*words, name)] = command
            if isinstance(command, click.Group):
                waiting.append(((*words, name), command))
    return found


COMMANDS = commands()
REFERENCE = sections((DOCS / "reference" / "console.md").read_text())


def options(command):
    """The options of a command as they are typed, without --help."""
    own = {option for param in command.params for option in (*param.opts, *param.secondary_opts) if option.startswith("-")}
    return own - {"--help", "-h"}

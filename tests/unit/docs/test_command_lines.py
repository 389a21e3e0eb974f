"""Every command line that a reader is told to type can be typed as it stands."""

import re
import shlex
from pathlib import PurePath

import click
import pytest

from crateline.cli import console
from crateline.cli.operate import SERVICES
from crateline.messages import QUEUE_NAMES
from givens.documentation import PAGES, name_of
from givens.folders import ROOT

SOURCE = "https://soundcloud.com/name/sets/set"
PLACEHOLDERS = {"SOURCE…": SOURCE, "SOURCE": SOURCE, "SERVICE": SERVICES[0], "QUEUE…": QUEUE_NAMES[0], "QUEUE": QUEUE_NAMES[0]}
"""Words that stand for something else: what a command line is tried with in their place."""


def command_lines(text):
    """Every line that a reader is told to type, from the blocks marked `console`, with its continuations."""
    for block in re.findall(r"^ *```console\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL):
        joined = re.sub(r"^ +", "", block.replace("\\\n", " "), flags=re.MULTILINE)
        yield from (line.removeprefix("$ ") for line in joined.splitlines() if line.startswith("$ "))


def parse(words):
    """Parse a command line as the console would, without running it. Raises click's UsageError."""
    command, context = console.console, click.Context(console.console, info_name="crateline")
    while isinstance(command, click.Group) and (words or not command.invoke_without_command):
        found = command.get_command(context, words[0])
        assert found is not None, f"crateline has no command {words[0]!r}"
        context = found.make_context(words[0], list(words[1:]), parent=context)
        command, words = found, words[1:]
        if isinstance(found, click.Group) and found.invoke_without_command and words and words[0].startswith("-"):
            return  # options of the group itself, which have been read with its context


def typed(page):
    """The command lines of crateline in a page's blocks, each as words."""
    for line in command_lines(page.read_text()):
        for part in re.split(r"\s(?:&&|\||>|<<)\s?", line):
            words = shlex.split(part, comments=True)
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words = words[1:]
            if words and PurePath(words[0]).name == "crateline":
                yield [PLACEHOLDERS.get(word, word) for word in words[1:]]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_line_can_be_typed_as_it_stands(page):
    for words in typed(page):
        if words not in (["--version"], ["--help"]):
            parse(words)


def test_the_readme_shows_command_lines_at_all():
    assert len(list(typed(ROOT / "README.md"))) >= 8


@pytest.mark.parametrize("name", ["make demo", "make test"])
def test_the_two_commands_of_the_readme_are_those_of_the_makefile(name):
    typed_words = {" ".join(line.split()[:2]) for line in command_lines((ROOT / "README.md").read_text())}
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert name in typed_words
    assert name.removeprefix("make ") in targets


def test_the_readme_tests_as_the_machines_do():
    # Given
    machine = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.strip()]

    # I expect
    assert machine[-1] == "make test"
    assert "make test" in list(command_lines((ROOT / "README.md").read_text()))

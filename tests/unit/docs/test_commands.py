"""The console: every command is documented with its options and defaults, and no other is."""

import re

import click
import pytest

from crateline.cli import console
from givens.documentation import COMMANDS, PAGES, REFERENCE, code_files, coded, name_of, options, rows, without_code
from givens.folders import DOCS, ROOT


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_documented_with_every_option_and_no_other(words):
    # Given
    command = COMMANDS[words]
    section = REFERENCE[" ".join(("crateline", *words))]

    # When
    shown = {word for row in rows(section) for word in coded(row[0]) if word.startswith("-")}

    # I expect
    assert shown - {"--help", "-h"} == options(command)
    arguments = {param.name for param in command.params if isinstance(param, click.Argument)}
    assert all(any(word.casefold() in {name, name.rstrip("s")} for word in coded(section)) for name in arguments)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_defaults_that_are_documented_are_the_commands_own(words):
    shown = {coded(row[0])[0]: row[1] for row in rows(REFERENCE[" ".join(("crateline", *words))]) if len(row) > 2}
    for param in COMMANDS[words].params:
        if isinstance(param, click.Option) and param.show_default:
            default = param.default if isinstance(param.default, tuple) else (param.default,)
            assert shown[param.opts[0]] == " ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in default)


def test_the_reference_documents_no_command_that_is_not_there():
    documented = {tuple(heading.split()[1:]) for heading in REFERENCE if heading.split()[0] == "crateline"}
    assert documented == set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_named_in_passing_exists_with_its_options(page):
    for span in coded(without_code(page.read_text())):
        words = span.split()
        if words[0] != "crateline" or len(words) == 1:
            continue
        named = max((path for path in COMMANDS if tuple(words[1 : 1 + len(path)]) == path), key=len)
        assert named or words[1].startswith("-"), f"{span}: there is no such command"
        assert {word for word in words[1:] if word.startswith("-")} <= options(COMMANDS[named]) | {"--help"}, span


def test_every_command_that_a_sentence_of_the_console_names_exists():
    # Given
    spans = {
        (path.name, span)
        for path in code_files()
        for span in re.findall(r"`crateline ([a-z][^`{]*)", path.read_text())
        if not path.is_relative_to(ROOT / "crateline" / "sandbox")
    }

    # I expect
    assert len(spans) > 10
    assert not {(name, span) for name, span in spans if (span.split()[0],) not in COMMANDS}


def test_every_exit_code_is_documented():
    # Given
    codes = {
        str(value): name
        for name, value in vars(console).items()
        if name.isupper() and isinstance(value, int) and not isinstance(value, bool)
    }

    # When
    text = (DOCS / "reference" / "exit-codes.md").read_text()
    shown = dict(re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.MULTILINE))

    # I expect
    assert shown == codes

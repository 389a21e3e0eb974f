"""The front door: help is light, every command is there, and every error ends as a sentence with its exit code."""

import json
import os
import subprocess
import sys

import click
import pytest
import redis

from crateline import errors
from crateline.cli import console

HEAVY = (
    "numpy",
    "essentia",
    "celery",
    "kombu",
    "redis",
    "httpx",
    "yt_dlp",
    "spotipy",
    "notion_client",
    "pydantic",
    "rich",
    "structlog",
)
CLIENTS = ("crateline.wiring", "crateline.clients", "crateline.audio", "crateline.sandbox", "producers", "tasks", "workers")


def modules_after(*arguments: str) -> set[str]:
    code = (
        "import json, sys\nfrom crateline.cli import console\n"
        f"code = console.run({list(arguments)!r})\n"
        "print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0
    return set(modules)


def test_help_loads_no_client_no_numpy_and_no_celery():
    # When
    loaded = modules_after("--help")

    # I expect
    assert not loaded & {*HEAVY, *CLIENTS}


@pytest.mark.parametrize("command", ["enqueue", "status", "retry", "schema", "doctor", "worker"])
def test_the_help_of_a_command_loads_no_client_either(command):
    # When
    loaded = modules_after(command, "--help")

    # I expect
    assert not loaded & {"numpy", "essentia", "celery", "yt_dlp", "crateline.wiring", "crateline.clients", "crateline.sandbox"}


@pytest.mark.parametrize("name", console.COMMANDS)
def test_every_command_of_the_table_exists_and_explains_itself(name):
    # When
    command = console.console.get_command(click.Context(console.console), name)

    # I expect
    assert isinstance(command, click.Command)
    assert command.help
    assert command.name == name


def test_help_tells_every_command_once_in_the_section_where_it_is_looked_for(capsys):
    # I expect
    assert sorted(name for names in console.SECTIONS.values() for name in names) == sorted(console.COMMANDS)

    # When
    console.run(["--help"])

    # I expect
    shown = capsys.readouterr().out
    assert [shown.count(f"\n  {name} ") for name in console.COMMANDS] == [1] * len(console.COMMANDS)


@pytest.mark.parametrize("group", ["review", "schema", "login", "djay"])
def test_the_help_of_a_group_cuts_no_sentence(group, capsys):
    console.run([group, "--help"])
    shown = capsys.readouterr().out
    assert "..." not in shown.partition("Commands:")[2]
    assert "Commands:" in shown


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigurationError("NOTION_TOKEN is not set"), 2),
        (errors.CredentialsRefused("notion", "the token is not accepted"), 4),
        (errors.ServiceStopped("disk", "full", "free some space"), 1),
        (errors.Unavailable("spotify", "no answer"), 1),
        (errors.Gone("soundcloud:tracks:1", "deleted"), 1),
        (redis.AuthenticationError("invalid username-password pair"), 4),
        (redis.ConnectionError("connection refused"), 1),
        (OSError("no such thing"), 1),
        (ValueError("surprise"), 1),
        (KeyboardInterrupt(), 130),
        (click.UsageError("no such option"), 2),
        (click.Abort(), 130),
    ],
)
def test_every_error_ends_as_a_sentence_with_its_exit_code(error, code, monkeypatch, capsys):
    # Given
    def fail(**_):
        raise error

    monkeypatch.setattr(console.console, "main", fail)

    # When
    ended = console.run(["status"])

    # I expect
    shown = capsys.readouterr()
    assert ended == code
    assert shown.out == ""
    assert "Traceback" not in shown.err
    assert shown.err.strip()


def test_a_stopped_service_says_what_to_do():
    assert console.sentence(errors.ServiceStopped("disk", "it is full", "Free some space")) == "disk: it is full. Free some space"


def test_refused_credentials_say_what_to_do():
    said = console.sentence(errors.CredentialsRefused("notion", "401 unauthorized: API token is invalid."))
    assert said.startswith("notion: 401 unauthorized: API token is invalid. Check NOTION_TOKEN")


def test_a_redis_that_is_away_is_one_sentence_after_the_other():
    said = console.sentence(redis.ConnectionError("Error 111 connecting to 127.0.0.1:1. Connection refused."))
    assert "Connection refused. Is it running" in said


def test_a_command_that_is_mistyped_is_guessed(capsys):
    # When
    code = console.run(["statu"])

    # I expect
    assert code == 2
    assert "No such command 'statu'. Did you mean 'status'?" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_letter_that_the_terminal_cannot_show_costs_no_answer(encoding):
    # Given a command that answers with letters that this encoding does not have
    code = (
        "import sys, click\nfrom crateline.cli import console, talk\n"
        "console.console.main = lambda **_: talk.show(talk.words('Ω≈ 音楽 done'))\n"
        "sys.exit(console.run([]))"
    )

    # When
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
        timeout=60,
    )

    # I expect
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(encoding) == "?? ?? done\n"


def test_an_error_of_a_file_names_it_first():
    assert console.sentence(NotADirectoryError(20, "Not a directory", "/x/state")) == "/x/state: Not a directory"


def test_an_unforeseen_error_says_that_it_is_ours_and_how_to_see_more():
    said = console.sentence(KeyError("x"))
    assert "mistake in crateline" in said
    assert "LOG_LEVEL=DEBUG" in said


def test_an_error_from_outside_cannot_steer_the_terminal(monkeypatch, capsys):
    # Given
    def fail(**_):
        raise errors.NotFound("soundcloud-api", "\x1b[2J\x1b]0;owned\x07gone")

    monkeypatch.setattr(console.console, "main", fail)

    # When
    console.run(["status"])

    # I expect
    assert "\x1b" not in capsys.readouterr().err


def test_the_exit_code_of_a_command_is_what_it_gives(monkeypatch):
    monkeypatch.setattr(console.console, "main", lambda **_: console.SOME_TRACKS_FAILED)
    assert console.run([]) == 3
    monkeypatch.setattr(console.console, "main", lambda **_: None)
    assert console.run([]) == 0


def test_a_reader_that_goes_away_is_no_traceback():
    # Given a pipe that is closed at once, and more output than it holds
    code = (
        "import sys\nfrom crateline.cli import console, talk\n"
        "console.console.main = lambda **_: [talk.answer({'n': 'x' * 100}) for _ in range(9999)] and None\n"
        "sys.exit(console.run([]))"
    )

    # When
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        process.wait(20)

    # I expect
    assert process.returncode == 1
    assert said == ""

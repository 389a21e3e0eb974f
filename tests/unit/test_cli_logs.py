"""The log: on stderr, readable, and without a secret in any corner."""

import json
import logging
import sys

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from crateline import logs

TOKEN = "ntn_1234567890abcdefghij"


@pytest.fixture(autouse=True)
def _as_it_was():
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "event",
    [
        {"event": f"token {TOKEN}"},
        {"event": "x", "notion_token": "anything at all"},
        {"event": "x", "url": "redis://:anything at all@127.0.0.1:6379/0".replace(" ", "")},
        {"event": "x", "header": "Bearer abc.def-ghi"},
        {"event": "x", "nested": {"authorization": "abc.def-ghi", "list": ["refresh_token=abc.def-ghi"]}},
        {"event": "https://x.example/?access_token=abc.def-ghi&page=2"},
        {"event": "we know hunter22 by heart"},
        {"event": "x", "error": ValueError(f"bad {TOKEN}")},
    ],
)
def test_no_secret_is_ever_rendered(event):
    # Given
    redactor = logs.Redactor(["hunter22"])

    # When
    shown = json.dumps(redactor(None, "info", event))

    # I expect
    assert logs.STARS in shown
    for secret in (TOKEN, "anything", "abc.def-ghi", "hunter22"):
        assert secret not in shown


def test_plain_words_and_numbers_are_left_alone():
    event = {
        "event": "sealed",
        "station": "download",
        "key": "soundcloud:tracks:1",
        "n": 3,
        "url": "https://soundcloud.com/a/b",
        "ok": True,
    }
    assert logs.Redactor(["abc"])(None, "info", dict(event)) == event


@given(secret=st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=8), before=st.text(), after=st.text())
def test_a_known_secret_is_hidden_wherever_it_stands(secret, before, after):
    assert secret not in logs.Redactor([secret])(None, "info", {"event": f"{before} {secret} {after}"})["event"]


def test_events_go_to_stderr_for_people(capsys):
    # Given
    logs.configure("INFO", secrets=["hunter22"])

    # When
    structlog.get_logger("x").info("sealed hunter22", title="a\x1b[31mb")
    structlog.get_logger("x").debug("not shown")

    # I expect
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "sealed ***" in shown.err
    assert "\x1b" not in shown.err
    assert "not shown" not in shown.err


def test_events_can_be_json(capsys):
    # Given
    logs.configure("INFO", json=True)

    # When
    structlog.get_logger("x").info("sealed", action="sealed", key="k")

    # I expect
    row = json.loads(capsys.readouterr().err)
    assert {"event": "sealed", "action": "sealed", "key": "k", "level": "info"}.items() <= row.items()


def test_libraries_speak_in_the_same_form_and_hide_the_same(capsys):
    # Given
    logs.configure("INFO", secrets=["hunter22"])

    # When
    logging.getLogger("some.library").warning("connecting with %s", "hunter22")
    logging.getLogger("celery.worker").info("chatter")

    # I expect
    said = capsys.readouterr().err
    assert "connecting with ***" in said
    assert "chatter" not in said


def test_a_traceback_hides_secrets_too(capsys):
    # Given
    logs.configure("INFO")

    # When
    try:
        int(TOKEN)
    except ValueError:
        structlog.get_logger("x").exception("unexpected")

    # I expect
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert TOKEN not in said


def test_on_a_terminal_a_line_says_where_and_what_first(monkeypatch, capsys):
    # Given
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    logs.configure("INFO")

    # When
    log = structlog.get_logger("x")
    log.info("sealed", action="sealed", station="page", key="soundcloud:tracks:1", title="Ada - Night\x1b[2J")
    log.warning("ended: starting it again", action="restarted", process="download", code=-9)
    log.info("an old name stays", action="name-kept", key="k:1", reason="", moved=0, dry_run=False)

    # I expect
    lines = [line.partition(" ")[2] for line in capsys.readouterr().err.splitlines()]
    assert lines == [
        "page done: Ada - Night[2J",
        "[warning] ended: starting it again process=download code=-9",
        "an old name stays key=k:1",
    ]


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colours_where_none_are_wanted(name, value, monkeypatch, capsys):
    # Given
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    logs.configure("INFO")
    structlog.get_logger("x").warning("first")
    assert "\x1b[" in capsys.readouterr().err

    # When
    monkeypatch.setenv(name, value)
    logs.configure("INFO")
    structlog.get_logger("x").warning("second")

    # I expect
    assert "\x1b" not in capsys.readouterr().err

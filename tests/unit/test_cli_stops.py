"""Which services are paused is said once, and so is that they go on."""

from dataclasses import replace

import pytest

from crateline.cli import stops
from crateline.durable.pauses import Pause

REFUSED = Pause(
    service="notion",
    reason="NOTION_TOKEN is not accepted: 401 (request 1a).",
    remedy="Check it.",
    since="2026-01-01T00:00:00+00:00",
    cause="token",
)
SAID = "notion is paused: NOTION_TOKEN is not accepted: 401 (request 1a). Check it"


@pytest.fixture
def heard(capsys):
    """What was said since it was asked last."""

    def since() -> list[str]:
        return capsys.readouterr().err.splitlines()

    return since


def test_a_pause_is_said_once_with_what_to_do_and_once_that_it_is_over(heard):
    said = stops.Stops()

    # I expect
    said.look([REFUSED])
    assert heard() == [SAID]
    said.look([REFUSED])
    said.look([replace(REFUSED, reason="NOTION_TOKEN is not accepted: 401 (request 2b).", relapses=1)])
    assert heard() == []
    said.look([])
    assert heard() == ["notion goes on"]
    said.look([])
    assert heard() == []


def test_a_pause_that_is_for_something_else_now_is_said(heard):
    # Given
    said = stops.Stops([REFUSED])

    # When
    said.look([replace(REFUSED, reason="the integration may not do this", cause="own-work")])

    # I expect
    assert heard() == ["notion is paused: the integration may not do this. Check it"]


def test_what_was_said_before_is_not_said_again(heard):
    # When
    stops.Stops([REFUSED]).look([REFUSED])

    # I expect
    assert heard() == []


def test_two_services_do_not_stand_for_each_other(heard):
    # Given
    said = stops.Stops([REFUSED])

    # When
    said.look([replace(REFUSED, service="spotify")])

    # I expect
    assert sorted(heard()) == ["notion goes on", SAID.replace("notion", "spotify", 1)]

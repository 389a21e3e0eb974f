"""Everything that Notion, Eagle and SoundCloud can do wrong, and still the same end."""

import httpx
import pytest

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia"), pytest.mark.timeout(600)]

NOTION = (
    "429",
    "529",
    "500",
    "502-html",
    "503-before",
    "503-after",
    "504-after",
    "409",
    "reset-before",
    "reset-after",
    "slow-after",
)


def order(operator, service, rules):
    """Have a simulated service misbehave from now on."""
    answer = httpx.post(f"{operator.world.addresses[service]}/_sandbox/faults", json=rules, trust_env=False)
    assert answer.status_code == 200, answer.text


def rule(kind, rate):
    extra = {"retry_after": 2} if kind == "429" else {}
    return {"kind": kind, "rate": rate, **({"seconds": 3} if kind.startswith("slow") else {}), **extra}


def test_all_faults_of_all_services_at_once_change_nothing_in_the_end(operator):
    # Given a Notion that fails in every way for 30 % of all requests, and others that fail beside it
    order(operator, "notion", [rule(kind, 0.3 / len(NOTION)) for kind in NOTION])
    order(operator, "eagle", [rule("500", 0.05), rule("reset-after", 0.05)])
    order(operator, "soundcloud", [rule("503", 0.03)])
    operator.up()
    # When a set goes through
    key = operator.enqueue()["key"]
    # I expect the same end: no duplicate, and no track failed by a passing fault
    operator.until_finished(key, 500)
    operator.expect_the_end_state(key)
    assert operator.status()["playlists"][0]["failed"] == 0

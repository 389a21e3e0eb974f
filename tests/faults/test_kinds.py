"""Each way in which a service can fail, alone, for a fifth of all requests: the same end as without it."""

import pytest

pytestmark = [pytest.mark.real("redis"), pytest.mark.real("ffmpeg"), pytest.mark.real("essentia"), pytest.mark.timeout(600)]

thorough = pytest.mark.thorough

NOTION = {
    "429": {"kind": "429", "retry_after": 6},
    "529": {"kind": "529", "retry_after": 5},
    "500": {"kind": "500"},
    "502-html": {"kind": "502-html"},
    "503-before": {"kind": "503-before"},
    "503-after": {"kind": "503-after"},
    "503-after, no id": {"kind": "503-after", "body": {"object": "error", "status": 503, "code": "service_unavailable"}},
    "504-after": {"kind": "504-after"},
    "409": {"kind": "409"},
    "reset-before": {"kind": "reset-before"},
    "reset-after": {"kind": "reset-after"},
    "slow-after": {"kind": "slow-after", "seconds": 12},
}
EAGLE = {
    "500": {"kind": "500"},
    "reset-after": {"kind": "reset-after"},
    "timeout-after": {"kind": "timeout-after", "seconds": 25},
    "200-html": {"kind": "200-html"},
}
SOUNDCLOUD = {
    "503": {"kind": "503"},
    "429 of the API": {"kind": "429", "retry_after": 3, "path": "^/(resolve|tracks|media|search)"},
    "429 of the media": {"kind": "429", "retry_after": 3, "path": "(playlist|segment|\\.mp3)"},
    "truncate": {"kind": "truncate", "path": "(/media/\\d|\\.mp3$)"},
    "reset": {"kind": "reset"},
}
CASES = [
    *(("notion", name, rule) for name, rule in NOTION.items()),
    *(("eagle", name, rule) for name, rule in EAGLE.items()),
    *(("soundcloud", name, rule) for name, rule in SOUNDCLOUD.items()),
]
FAST = {("notion", "429")}


@pytest.mark.parametrize(
    ("service", "rule"),
    [pytest.param(s, rule, id=f"{s}: {name}", marks=() if (s, name) in FAST else thorough) for s, name, rule in CASES],
)
def test_a_fault_of_a_fifth_of_all_requests_changes_nothing_in_the_end(enter, service, rule):
    # Given a service that fails in one way for every fifth request
    tester = enter()
    tester.order(service, {"rate": 0.2, **rule})
    tester.up()
    # When a set goes through
    key = tester.enqueue()["key"]
    tester.until_finished(key, 400)
    # I expect the same end: nothing twice, nothing failed, and no request while silence was asked for
    tester.order(service)
    tester.expect_the_end_state(key)
    tester.expect_none_failed(key)
    tester.expect_silence_was_kept()
    tester.expect_no_second_download()

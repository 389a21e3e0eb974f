import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crateline.durable.claims import LANES
from crateline.messages import LINE, QUEUE_NAMES, QUEUES, TASKS, VERSION, Hint, Station

KEYS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1)


def test_task_names_are_a_contract_and_do_not_change():
    """A queued message names its task: a worker of the next version must still know the name."""
    assert {station: TASKS[station] for station in Station} == {
        "playlist": "notion.playlist",
        "page": "notion.page",
        "download": "download.track",
        "analyze": "analyze.track",
        "eagle": "eagle.import",
        "finalise": "notion.finalise",
        "library": "notion.library",
        "session": "notion.session",
        "play": "notion.play",
    }


def test_every_station_has_a_queue_a_task_and_a_lane():
    assert set(QUEUES) == set(TASKS) == set(LANES) == set(Station)
    assert set(QUEUES.values()) == set(QUEUE_NAMES)
    assert len(set(TASKS.values())) == len(Station)


def test_the_line_has_its_stations_in_order():
    assert LINE == ("page", "download", "analyze", "eagle", "finalise")


def test_what_writes_the_same_page_shares_a_lane():
    assert LANES[Station.PAGE] == LANES[Station.FINALISE]
    assert len({LANES[s] for s in (Station.PAGE, Station.DOWNLOAD, Station.ANALYZE, Station.EAGLE)}) == 4


@given(st.sampled_from(Station), KEYS)
def test_a_member_of_the_due_set_is_read_back_whatever_its_key(station, key):
    assert Hint.of(Hint(station=station, key=key).member) == Hint(station=station, key=key)


def test_what_is_no_hint_is_refused():
    with pytest.raises(ValueError, match="nowhere"):
        Hint.of("nowhere|soundcloud:tracks:1")


def test_a_message_is_plain_json_and_carries_its_version():
    # Given
    hint = Hint(station=Station.PAGE, key="soundcloud:tracks:1", title="Ada - Ärger")

    # I expect
    assert json.loads(json.dumps(hint.kwargs())) == {"key": hint.key, "title": hint.title, "version": VERSION}

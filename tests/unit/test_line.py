import itertools
import json

import pytest

from crateline.durable.item import Item
from crateline.messages import Station
from tasks import line

PAGE, DOWNLOAD, ANALYZE, EAGLE, FINALISE = (
    Station.PAGE,
    Station.DOWNLOAD,
    Station.ANALYZE,
    Station.EAGLE,
    Station.FINALISE,
)


def item(*sealed: Station, version: int = 1, written: int = 0, **fields: str) -> Item:
    stations = {f"s:{station}": "{}" for station in sealed}
    return Item("soundcloud:tracks:1", {"v": str(version), "w": str(written), **stations, **fields})


EVERYTHING = (PAGE, DOWNLOAD, ANALYZE, EAGLE)

FOLLOWING = [
    # what the ledger knows                                   after      what may begin
    (item(DOWNLOAD), DOWNLOAD, (ANALYZE,)),
    (item(DOWNLOAD, ANALYZE), ANALYZE, (EAGLE,)),
    (item(DOWNLOAD, ANALYZE), DOWNLOAD, (EAGLE,)),
    (item(DOWNLOAD, ANALYZE, EAGLE), EAGLE, (FINALISE,)),
    (item(DOWNLOAD, ANALYZE, EAGLE), DOWNLOAD, (FINALISE,)),
    (item(*EVERYTHING), FINALISE, (FINALISE,)),
    (item(*EVERYTHING, written=1), FINALISE, ()),
    (item(*EVERYTHING, written=1), DOWNLOAD, ()),
    (item(PAGE, written=1), PAGE, ()),
    (item(PAGE, DOWNLOAD, version=2, written=1), PAGE, ()),
    (item(DOWNLOAD, version=2), FINALISE, ()),
    # a page that was written before everything was learnt is written again
    (item(*EVERYTHING, version=3, written=1), PAGE, (FINALISE,)),
    # analysis was forgotten because the track joined another playlist
    (item(PAGE, DOWNLOAD, version=4, written=3), DOWNLOAD, (ANALYZE,)),
    # a verdict, or another upload of a known recording: only Notion has to hear of it
    (item(verdict="refused", version=2), DOWNLOAD, (FINALISE,)),
    (item(verdict="refused", version=2, written=2), DOWNLOAD, ()),
    (item(DOWNLOAD, alias="soundcloud:tracks:2", version=2), ANALYZE, (FINALISE,)),
    (item(DOWNLOAD, alias="soundcloud:tracks:2", version=2, written=2), ANALYZE, ()),
    # without audio the page is all there is
    (item(PAGE, want="page", written=1), PAGE, ()),
    (item(PAGE, want="page", version=2, written=1), PAGE, (FINALISE,)),
    # Eagle is away: it is not waited for
    (item(DOWNLOAD, ANALYZE, version=2, **{"p:eagle": "eagle"}), EAGLE, (FINALISE,)),
    (item(DOWNLOAD, ANALYZE, version=2, written=2, **{"p:eagle": "eagle"}), EAGLE, ()),
    # nothing follows what is parked itself
    (item(**{"p:download": "disk"}), DOWNLOAD, ()),
]


@pytest.mark.parametrize(("known", "after", "expected"), FOLLOWING)
def test_what_follows_is_decided_by_what_is_sealed(known, after, expected):
    assert line.following(known, after) == expected


READY = [
    (item(), False),
    (item(DOWNLOAD, ANALYZE), False),
    (item(DOWNLOAD, ANALYZE, EAGLE), True),
    (item(*EVERYTHING), True),
    (item(*EVERYTHING, version=2, written=2), False),
    (item(*EVERYTHING, version=3, written=2), True),
    (item(want="page"), False),
    (item(PAGE, want="page"), True),
    (item(PAGE, want="page", written=1), False),
    (item(verdict="failed"), True),
    (item(verdict="review", written=1), False),
    (item(alias="soundcloud:tracks:2"), True),
    (item(DOWNLOAD, ANALYZE, **{"p:eagle": "eagle"}), True),
    (item(DOWNLOAD, **{"p:eagle": "eagle"}), False),
    (item(DOWNLOAD, ANALYZE, **{"p:analyze": "disk"}), False),
]


@pytest.mark.parametrize(("known", "expected"), READY)
def test_finalise_waits_for_all_that_will_be_learnt(known, expected):
    assert line.ready_to_finalise(known) is expected


def test_the_line_always_moves_forward():
    """From any state that can arise, working off what follows ends with nothing to follow: it never goes in circles."""
    for count in range(len(EVERYTHING) + 1):
        for sealed in itertools.combinations(EVERYTHING, count):
            # Given
            known, after, steps = item(*sealed, DOWNLOAD), DOWNLOAD, 0

            # When each following station is sealed in turn
            while following := line.following(known, after):
                (after,) = following
                fields = {**known.fields, f"s:{after}": json.dumps({})}
                written = known.version if after is FINALISE else known.written
                known, steps = Item(known.key, {**fields, "w": str(written)}), steps + 1
                assert steps < 5

            # I expect
            assert known.made
            assert known.sealed(FINALISE)

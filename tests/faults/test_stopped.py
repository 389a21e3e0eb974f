"""What a person does in the middle of it: takes away the token, the database, Eagle. All waits, nothing is lost."""

from contextlib import ExitStack

import pytest

from crateline.sandbox import eagle
from crateline.sandbox.serving import serve

pytestmark = [
    pytest.mark.real("redis"),
    pytest.mark.real("ffmpeg"),
    pytest.mark.real("essentia"),
    pytest.mark.timeout(600),
    pytest.mark.thorough,
]


@pytest.mark.parametrize("name", ["tracks", "playlists"])
def test_a_database_that_is_no_longer_shared_pauses_and_costs_no_track(enter, name):
    # Given a set that is half catalogued, or not at all
    tester = enter(latency=0.2)
    database = tester.environment[f"{name.upper()}_DB_ID"]
    key = tester.enqueue()["key"]
    if name == "tracks":
        tester.up()
        tester.eventually(lambda: len(tester.pages()) >= 3)
    # When a database is taken away from the integration
    tester.notion("share", database=database, shared=False)
    if name == "playlists":
        tester.up()
    # I expect a pause that says so, and no track that is refused for it
    pause = tester.eventually(lambda: tester.status()["pauses"], 60)[0]
    assert pause["service"] == "notion"
    assert "share" in pause["remedy"]
    before = tester.playlist(key)
    tester.quiet(15)
    assert tester.playlist(key)["failed"] == 0
    # When it is shared again
    tester.notion("share", database=database, shared=True)
    # I expect the same end as without it
    tester.until_finished(key)
    tester.expect_the_end_state(key)
    tester.expect_none_failed(key)
    assert tester.playlist(key)["refused"] >= before["refused"]


def test_a_token_that_is_revoked_while_pages_are_made_makes_none_twice(enter):
    # Given a slow Notion
    tester = enter(latency=0.4)
    tester.up()
    key = tester.enqueue()["key"]
    tester.eventually(lambda: len(tester.pages()) >= 2)
    # When the token is revoked in the middle of that, and given back
    tester.notion("token", valid=False)
    tester.eventually(lambda: tester.status()["pauses"], 60)
    tester.notion("token", valid=True)
    # I expect the same end
    tester.until_finished(key)
    tester.expect_the_end_state(key)
    tester.expect_none_failed(key)


@pytest.mark.parametrize("how", ["ended", "failing"])
def test_pages_are_finished_without_eagle_and_told_of_it_later(enter, tmp_path_factory, how):
    # Given an Eagle that stops working in the middle
    with Library(tmp_path_factory.mktemp("eagle")) as library:
        tester = enter(environment={"EAGLE_URL": library.url}, latency=0.1)
        tester.world.addresses["eagle"] = library.url
        tester.up()
        key = tester.enqueue()["key"]
        tester.eventually(tester.items)
        library.leave(failing=how == "failing")
        # I expect every playable track to be complete in Notion nevertheless, a pause that says why, and no failure
        aliases = sum(e.end.value == "alias" for e in tester.world.world.expected())
        playable = sum(e.end.value == "done" for e in tester.world.world.expected()) - aliases
        tester.eventually(lambda: tester.complete() >= playable, 120)
        assert [pause["service"] for pause in tester.status()["pauses"]] == ["eagle"]
        assert any(not page["properties"].get("In Eagle") for page in tester.pages())
        tester.expect_none_failed(key)
        # When it works again
        library.come_back()
        # I expect the set to be finished, and each page to know its item
        tester.until_finished(key)
        tester.expect_the_end_state(key)
        complete = [page["properties"] for page in tester.pages() if page["properties"].get("Status") == "Complete"]
        assert all(says["In Eagle"] and says["Eagle ID"] for says in complete)


class Library:
    """An Eagle that can be ended, or made to fail, and started again where it was."""

    def __init__(self, folder):
        self.folder = folder
        self.port = 0

    def __enter__(self):
        self.come_back()
        self.port = int(self.url.rpartition(":")[2])
        return self

    def __exit__(self, *_):
        self.serving.close()

    def come_back(self):
        if self.port:
            self.serving.close()
        self._serve(eagle.app(self.folder, copy_delay=1.0))

    def leave(self, *, failing):
        self.serving.close()
        if failing:
            self._serve(busy)

    def _serve(self, app):
        self.serving = ExitStack()
        self.url = self.serving.enter_context(serve(app, port=self.port))


async def busy(scope, receive, send):
    """An app that takes every request and can do nothing with it."""
    await send({"type": "http.response.start", "status": 503, "headers": []})
    await send({"type": "http.response.body", "body": b"busy"})

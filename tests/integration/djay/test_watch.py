"""Watching djay's library: synced when it has changed and is quiet, once per cooldown, by one process."""

import pytest

from crateline.cli import chores
from producers import djay
from workers.watch import COOLDOWN, Watch


class Clock:
    def __init__(self):
        self.at = 100.0

    def __call__(self):
        return self.at


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "MediaLibrary.db"
    path.write_bytes(b"one")
    return path


@pytest.fixture
def eyes(booth, file):
    """A watch with a clock that is set by hand, and what it has synced."""
    synced = []
    clock = Clock()

    def sync(path):
        synced.append(path.read_bytes())
        return True

    watch = Watch(wiring=booth.wiring, file=file, mark=djay.mark, sync=sync, now=clock, quiet_s=60)
    return watch, clock, synced


def test_a_library_is_synced_when_it_has_been_quiet_for_a_while(eyes, file):
    # Given
    watch, clock, synced = eyes
    watch.look()

    # When djay writes into its WAL, again and again
    for _ in range(3):
        clock.at += 50
        with file.with_name("MediaLibrary.db-wal").open("ab") as wal:
            wal.write(b"more")
        watch.look()

    # I expect
    assert synced == []

    # When
    clock.at += 61
    watch.look()

    # I expect
    assert len(synced) == 1


def test_what_was_synced_is_not_synced_again(eyes, booth):
    # Given
    watch, clock, synced = eyes
    watch.look()
    clock.at += 61
    watch.look()

    # When
    booth.wiring.redis.delete(COOLDOWN)
    clock.at += 10_000
    watch.look()

    # I expect
    assert len(synced) == 1


def test_there_is_one_sync_per_cooldown_whoever_watches(eyes, booth, file):
    # Given
    watch, clock, synced = eyes
    watch.look()
    clock.at += 61
    watch.look()

    # When
    file.write_bytes(b"another night")
    watch.look()
    clock.at += 61
    watch.look()

    # I expect
    assert len(synced) == 1
    assert 0 < booth.wiring.redis.ttl(COOLDOWN) <= booth.wiring.settings.djay_sync_cooldown

    # When
    booth.wiring.redis.delete(COOLDOWN)
    watch.look()

    # I expect
    assert synced == [b"one", b"another night"]


def test_a_sync_that_failed_is_tried_again_soon(eyes, booth):
    # Given
    watch, clock, _ = eyes
    watch.sync = lambda _: False
    watch.look()
    clock.at += 61

    # When
    watch.look()

    # I expect
    assert booth.wiring.redis.ttl(COOLDOWN) <= 300


def test_a_scheduler_watches_only_what_the_user_has_named_or_synced_once(booth, file, monkeypatch):
    # Given
    looked = []
    monkeypatch.setattr("workers.watch.Watch.look", lambda self: looked.append(self.file))
    monkeypatch.setattr(djay, "database", lambda _: file)
    eyes = chores.Eyes()

    # When
    eyes(booth.wiring)

    # I expect
    assert looked == []

    # When it was synced by hand
    booth.wiring.redis.hset("crateline:library-synced", str(file), "x")
    eyes(booth.wiring)

    # I expect
    assert looked == [file]


def test_the_setting_turns_watching_off(booth):
    names = {chore.name for chore in chores.of(booth.wiring.settings)}
    booth.settings(djay_sync_on_disconnect=False)
    assert names - {chore.name for chore in chores.of(booth.wiring.settings)} == {"djay"}

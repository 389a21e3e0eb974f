import errno
import inspect
import os
import pickle

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from crateline import errors
from tasks import outcomes
from tasks.outcomes import Dropped, Ended, Later, Paused, Retry, Silenced

ANY_REMEDY = "Check its credentials"
KEY = "soundcloud:tracks:1"
TABLE = [
    (errors.StaleClaim("taken over"), Dropped(reason="taken over")),
    (redis.ConnectionError("away"), Dropped(reason="Redis: away")),
    (redis.BusyLoadingError("loading"), Dropped(reason="Redis: loading")),
    (errors.Interrupted("stopping"), Later(seconds=0, reason="stopping")),
    (errors.BudgetSpent("notion", 31.0), Later(seconds=31.0, reason="notion: the next request may go out in 31 s")),
    (errors.Throttled("notion", "429", 12.0), Silenced(service="notion", seconds=12.0, reason="notion: 429")),
    (errors.ServiceStopped("youtube", "bot check", "sign in"), Paused(service="youtube", reason="bot check", remedy="sign in")),
    (
        errors.NotAllowed("notion", "403", "allow it", "own-work"),
        Paused(service="notion", reason="403", remedy="allow it", cause="own-work"),
    ),
    (
        errors.CredentialsRefused("notion", "401"),
        Paused(service="notion", reason="401", remedy=outcomes.REMEDIES["notion"], cause="token"),
    ),
    (
        errors.CredentialsRefused("youtube", "401"),
        Paused(service="youtube", reason="401", remedy=outcomes.REMEDIES["youtube"], cause="work"),
    ),
    (errors.CredentialsRefused("tidal", "401"), Paused(service="tidal", reason="401", remedy=ANY_REMEDY, cause="work")),
    (errors.Unavailable("eagle", "refused"), Later(seconds=1, reason="eagle: refused", fault="eagle")),
    (errors.OutcomeUnknown("notion", "time-out"), Later(seconds=1, reason="notion: time-out", fault="notion")),
    (errors.NotFound("notion", "in the bin"), Ended(verdict="refused", reason="notion: in the bin")),
    (errors.Rejected("notion", "400"), Ended(verdict="failed", reason="notion: 400")),
    (errors.Gone(KEY, "deleted"), Ended(verdict="refused", reason="deleted")),
    (errors.RegionBlocked(KEY, "not here"), Ended(verdict="refused", reason="not here")),
    (errors.Protected(KEY, "DRM"), Ended(verdict="refused", reason="DRM")),
    (errors.Preview(KEY, "30 s"), Ended(verdict="refused", reason="30 s")),
    (errors.AnotherRecording(KEY, "it is silent"), Ended(verdict="refused", reason="it is silent")),
    (errors.MediaError("silent", "/a.mp3"), Retry(reason="silent: /a.mp3")),
    (errors.LibraryUnreadable("/a.db", "not SQLite"), Ended(verdict="failed", reason="/a.db: not SQLite")),
    (
        errors.ConfigurationError("NOTION_TOKEN is missing"),
        Paused(service="settings", reason="NOTION_TOKEN is missing", remedy=outcomes.RESTART, cause="settings"),
    ),
]
INNER = {errors.CratelineError, errors.ServiceError, errors.SourceError}
"""Branches of the tree that are never raised themselves."""

ALL = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.CratelineError)}


@pytest.mark.parametrize(("error", "outcome"), TABLE, ids=lambda value: type(value).__name__)
def test_each_error_comes_to_what_the_table_says(error, outcome):
    assert outcomes.of(error) == outcome
    assert outcomes.known(error)


def test_every_error_that_crateline_raises_stands_in_the_table():
    assert {type(error) for error, _ in TABLE if isinstance(error, errors.CratelineError)} == ALL - INNER


def test_no_row_of_the_table_is_hidden_by_one_above_it():
    kinds = [kind for kind, _ in outcomes.TABLE]
    for place, kind in enumerate(kinds):
        assert not any(issubclass(kind, above) for above in kinds[:place])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_stops_the_work_and_fails_no_track(number):
    # When
    outcome = outcomes.of(OSError(number, "No space left on device"))

    # I expect
    assert isinstance(outcome, Paused)
    assert (outcome.service, outcome.cause) == ("disk", "folder")


def test_a_full_disk_is_known_by_the_folder_that_could_not_be_written():
    # When
    outcome = outcomes.of(OSError(errno.ENOSPC, "No space left on device", "/backup/House/a.m4a"))

    # I expect
    assert outcome.cause == "folder:/backup/House"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_folder_that_nobody_may_write_stops_the_work_and_fails_no_track(number, tmp_path, monkeypatch):
    # Given a music folder in which no playlist's folder can be made
    monkeypatch.setattr(os, "access", lambda _folder, _mode: False)

    # When
    outcome = outcomes.of(OSError(number, os.strerror(number), str(tmp_path / "House" / "a.m4a")))

    # I expect
    assert isinstance(outcome, Paused)
    assert (outcome.service, outcome.cause) == ("disk", f"folder:{tmp_path}")
    assert outcome.reason == f"{tmp_path} cannot be written: {os.strerror(number)}"


def test_one_file_that_is_closed_in_an_open_folder_is_that_tracks_affair(tmp_path):
    assert isinstance(outcomes.of(PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "a.m4a"))), Retry)
    assert isinstance(outcomes.of(PermissionError(errno.EACCES, "Permission denied")), Retry)


@pytest.mark.parametrize("error", [KeyError("bpm"), OSError(errno.EIO, "input/output error"), RuntimeError("odd")])
def test_an_unknown_error_spends_an_attempt_and_names_itself(error):
    # When
    outcome = outcomes.of(error)

    # I expect
    assert isinstance(outcome, Retry)
    assert outcome.reason.startswith(type(error).__name__)


def test_what_nobody_foresaw_belongs_in_the_log():
    assert not outcomes.known(KeyError("bpm"))
    assert outcomes.known(OSError(errno.EIO, "input/output error"))


@pytest.mark.parametrize("error", [error for error, _ in TABLE], ids=lambda value: type(value).__name__)
def test_errors_survive_pickling(error):
    # When
    copy = pickle.loads(pickle.dumps(error))

    # I expect
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


BACKOFF = [
    # attempt, seconds without chance (half), with all of it (whole): 4 s doubling, at most 5 min
    (1, 2.0, 4.0),
    (2, 4.0, 8.0),
    (3, 8.0, 16.0),
    (4, 16.0, 32.0),
    (8, 150.0, 300.0),
    (30, 150.0, 300.0),
]


@pytest.mark.parametrize(("attempt", "least", "most"), BACKOFF)
def test_the_wait_after_an_attempt_doubles_up_to_five_minutes(attempt, least, most):
    assert outcomes.backoff(attempt, chance=lambda: 0.0) == least
    assert outcomes.backoff(attempt, chance=lambda: 1.0) == most


@given(st.integers(1, 60), st.floats(0, 1))
def test_the_wait_is_always_positive_and_bounded(attempt, chance):
    assert 0 < outcomes.backoff(attempt, chance=lambda: chance) <= outcomes.BACKOFF_CAP_S

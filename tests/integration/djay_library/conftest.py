"""A library that is known, and what the old script made of it."""

import pytest

from crateline.clients.djay import reading
from crateline.sandbox.djay import csv_exports, imagine


@pytest.fixture(scope="module")
def truth():
    return imagine(tracks=400, sessions=12, plays=180, playlists=6, seed=4)


@pytest.fixture(scope="module")
def exported(truth, tmp_path_factory):
    return csv_exports.write_legacy(truth, tmp_path_factory.mktemp("legacy"))


@pytest.fixture(scope="module")
def read(exported):
    return reading.read(exported)

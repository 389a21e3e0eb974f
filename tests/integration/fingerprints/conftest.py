"""A register of fingerprints in an empty Redis."""

import pytest

from givens.uploads import Uploads


@pytest.fixture
def uploads(client):
    return Uploads(client)

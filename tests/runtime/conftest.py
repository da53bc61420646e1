"""Fixtures of the tests of cells."""

import pytest

from tests.rooms import three_rooms


@pytest.fixture
def rooms():
    """Three parties over links in memory."""
    with three_rooms() as three:
        yield three

"""Fixtures of the tests of networks."""

import pytest

from tests.array.clear import clear
from tests.rooms import plain_room, three_rooms

__all__ = ["clear"]


@pytest.fixture
def plain():
    with plain_room() as one:
        yield one


@pytest.fixture
def three():
    with three_rooms() as rooms:
        yield rooms

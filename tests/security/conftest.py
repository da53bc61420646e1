"""A room whose links are watched."""

import pytest

from tests.security.wire import Wire


@pytest.fixture
def wire():
    wire = Wire()
    yield wire
    wire.rooms.close()

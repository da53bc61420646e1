"""A door, closed in the end with all that knocked at it."""

import pytest

from tests.transport.doors import Guest


@pytest.fixture
def guest():
    guest = Guest()
    yield guest
    guest.door.close()
    for line in guest.lines:
        line.close()

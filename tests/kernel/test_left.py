"""Secrets of a room that was left are refused in the next one."""

import numpy as np
import pytest

from mpckernel.array import reveal, share
from mpckernel.errors import UsageError
from mpckernel.kernel import faces
from mpckernel.kernel.listing import is_left
from tests.array.clear import alice
from tests.rooms import three_rooms

PRIVATE = [{"x": np.arange(3)}] * 3


def test_secrets_of_a_room_that_was_left() -> None:
    with three_rooms() as rooms:
        old = rooms.run(lambda _: (share(alice.x), reveal(share(alice.x))), PRIVATE)
        assert not is_left(old[0][0])
    with three_rooms() as rooms:
        with pytest.raises(UsageError, match="room that was left; run the cell"):
            rooms.run(lambda cell: old[cell.room.me][0] + 1, [{}] * 3)
        new = rooms.run(lambda _: share(alice.x), PRIVATE)
        shown = repr(faces.status(rooms.rooms[0], (), [("x", old[0][0]), ("y", new[0])]))
    assert "of no use in this one: x." in shown
    assert "y     sint" in shown
    np.testing.assert_array_equal(old[0][1], np.arange(3))  # what was opened stays

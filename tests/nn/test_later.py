"""Values of losses that are computed when somebody looks at them."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import OwnerName, settle
from tests.rooms import plain_room

ALICE = OwnerName("alice", 0)


def test_a_loss_that_a_failed_cell_has_looked_at_can_be_opened_later() -> None:
    with plain_room() as room:
        kept: list[Any] = []

        def made(_: Any) -> None:
            nn.manual_seed(0)
            x = mpckernel.share(ALICE.x, bound=4)
            kept.append(nn.CrossEntropyLoss()(nn.Linear(3, 2)(x), np.array([0, 1])))

        def fails(_: Any) -> None:
            _ = kept[0] * 2
            raise ZeroDivisionError

        data = [{"x": np.ones((2, 3))}]
        room.run(made, data)
        with pytest.raises(ZeroDivisionError):
            room.run(fails)
        first = settle(room.run(lambda _: mpckernel.reveal(kept[0]))[0])
        assert 0 < first < 4

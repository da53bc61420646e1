"""Which rows a step takes."""

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.errors import UsageError
from mpckernel.nn.batches import Batches


def test_an_epoch_takes_every_row_once_in_another_order_each_time():
    nn.manual_seed(3)
    batches = Batches(10, 3)
    first, second = [np.concatenate(list(batches.epoch())) for _ in range(2)]
    assert len(batches) == 3
    for order in (first, second):
        assert len(set(order.tolist())) == 9
    assert first.tolist() != second.tolist()
    nn.manual_seed(3)
    assert np.concatenate(list(Batches(10, 3).epoch())).tolist() == first.tolist()
    assert [s.stop for s in Batches(4, 8, shuffle=None).epoch()] == [4]
    for wrong in [(0, 3), (4, 0)]:
        with pytest.raises(UsageError):
            Batches(*wrong)

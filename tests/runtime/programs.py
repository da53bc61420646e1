"""Small joint programs for tests, written as the array layer writes them."""

from typing import Any

import numpy as np
import pytest

from mpckernel.errors import MpcError
from mpckernel.protocols import ideal
from mpckernel.ring.words import as_words
from mpckernel.runtime.announcing import announce
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import Cell, empty_operand


class Face:
    """Stands for the array that shows a call."""


def keep(call: Call) -> tuple[Call, Face]:
    """The call, with something that keeps its result."""
    face = Face()
    call.show(face)
    return call, face


def share(cell: Cell, values: Any, owner: int = 0, bound: int = 1000) -> Call:
    """An input of `owner`; only the owner's `values` are looked at."""

    def give() -> tuple[dict[str, Any], np.ndarray]:
        words = as_words(np.asarray(values))
        return {"shape": list(words.shape)}, words

    what, words = announce(cell, owner, give)
    call = cell.record(
        ideal.input_words, empty_operand(), owner=owner, shape=tuple(what["shape"]), bound=bound
    )
    call.private = words
    return call


def squares(cell: Cell) -> Call:
    """Opens the squares of alice's 0, 1, 2, 3."""
    x = share(cell, np.arange(4))
    return cell.record(ideal.open_words, cell.record(ideal.mul, x, x))


def errors(futures: Any) -> list[Any]:
    """What ended the cell at each party."""
    found = []
    for future in futures:
        with pytest.raises(MpcError) as caught:
            future.result(30)
        found.append(caught.value)
    return found


def works(rooms: Any) -> None:
    """The next cell commits, with the right result."""
    for call in rooms.run(squares):
        np.testing.assert_array_equal(call.result, [0, 1, 4, 9])

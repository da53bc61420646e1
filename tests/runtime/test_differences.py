"""Cells and public values that differ between parties: what is shown of them, and where."""

import numpy as np

from mpckernel.errors import CellsDiffer
from mpckernel.protocols import ideal
from mpckernel.ring.words import as_words
from tests.rooms import NAMES
from tests.runtime.programs import errors, share, squares, works


def test_different_cells_show_the_difference(rooms):
    texts = ["a = 1\nb = 2", "a = 1\nb = 2", "a = 1\nb = 3"]
    for error in errors(rooms.start(squares, texts=texts)):
        assert isinstance(error, CellsDiffer)
        assert "-b = " in str(error)
        assert "+b = " in str(error)
    works(rooms)


def test_a_public_number_that_differs_is_shown_where_it_is_and_nowhere_else(rooms):
    def program(cell):
        x = share(cell, [1, 2])
        return cell.record(ideal.open_words, cell.record(ideal.scale, x, as_words(60 + cell.me)))

    found = errors(rooms.start(program))
    assert all(isinstance(e, CellsDiffer) for e in found)
    for me, error in enumerate(found):
        assert f"a public value differs from {NAMES[me == 0]}'s, here {60 + me};" in str(error)
        assert not any(str(60 + other) in str(error) for other in range(3) if other != me)
    works(rooms)


def test_a_public_real_number_is_shown_as_it_was_written(rooms):
    from mpckernel.array.inputs import share as share_array
    from mpckernel.array.owners import OwnerName

    def program(cell):
        return share_array(OwnerName("alice", 0).x, bound=100) > 2.5 + cell.me

    spaces = [{"x": np.arange(3.0)}, {}, {}]
    found = errors(rooms.start(program, spaces))
    assert "differs from bob's, here 2.5;" in str(found[0])
    assert "3.5" not in str(found[0])


def test_a_public_array_that_differs_is_not_shown(rooms):
    def program(cell):
        secret = as_words(np.array([123456789 + cell.me, 5]))
        return cell.record(ideal.scale, share(cell, [1, 2]), secret)

    for error in errors(rooms.start(program)):
        assert isinstance(error, CellsDiffer)
        assert "1234567" not in str(error)

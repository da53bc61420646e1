"""Declared ranges: the bit is right up to what is known before, and a cell ends where it is 0."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mpckernel
from mpckernel.array import sfix, sfix16, share, sint
from mpckernel.array.functions.fused import declared
from mpckernel.errors import OutOfRange, RangeLeft, UsageError
from mpckernel.runtime.cell import current
from tests.array.clear import alice, few
from tests.rooms import plain_room, three_rooms

STEP = 2.0**-16


def _bit(clear: Any, x: Any, **asked: Any) -> bool:
    """The bit alone, without the contract of the cell (and of bounds, where it does not hold)."""

    def program(cell: Any) -> Any:
        _, flag = mpckernel.within(share(alice.x, dtype=sfix16, bound=8), **asked)
        cell.checks.clear()
        return mpckernel.reveal(flag)

    (opened,) = clear.rooms.run(program, [{"x": np.asarray(x, float)}])
    return bool(opened.value())


@few
@given(x=st.lists(st.integers(-4, 4), max_size=5), bound=st.integers(0, 5))
def test_elements(clear: Any, x: list[int], bound: int) -> None:
    inside = all(abs(v) <= bound for v in x)
    assert _bit(clear, x, bound=bound) == inside
    assert _bit(clear, x, bound=bound + STEP / 2) == inside
    assert _bit(clear, x, bound=bound, before=5) == inside
    if x and bound:
        assert _bit(clear, [bound + STEP], bound=bound) is False
        assert _bit(clear, [-bound - STEP], bound=bound) is False


@few
@given(data=st.data(), rows=st.integers(0, 3), n=st.integers(0, 4), norm=st.integers(0, 12))
def test_norms_of_rows(clear: Any, data: Any, rows: int, n: int, norm: int) -> None:
    values = st.lists(st.integers(-6, 6), min_size=rows * n, max_size=rows * n)
    x = np.array(data.draw(values), float).reshape(rows, n)
    squares = (x**2).sum(1)
    assert _bit(clear, x, norm=norm, axes=1) == (squares <= norm**2).all()
    assert _bit(clear, x.T, norm=norm, axes=(0,)) == (squares <= norm**2).all()
    assert _bit(clear, x, norm=norm) == (squares.sum() <= norm**2)


@pytest.mark.parametrize("rooms", [plain_room, three_rooms])
@pytest.mark.parametrize("size", [1.0, 63.9, 64.1, 4000.0, 32000.0])
def test_right_up_to_what_is_known_before(rooms: Any, size: float) -> None:
    """Norms of up to 2^15 at f = 16: their squares stay below 2^62."""
    x = np.full(100, size / 10)

    def program(cell: Any) -> Any:
        weights = declared(share(alice.x, dtype=sfix16, bound=4000), 2.0**40)  # as after a product
        y, flag = mpckernel.within(weights, norm=64, before=2.0**15 - 1)
        cell.checks.clear()
        assert y.bound == 64 << 16
        opened = mpckernel.reveal(flag)
        cell.flush()
        return opened.value()

    with rooms() as party:
        for got in party.run(program, [{"x": x}, {}, {}][: len(party.rooms)]):
            assert got == (size <= 64)


def _cell(rooms: Any, x: Any, program: Any) -> list[Any]:
    return rooms.run(program, [{"x": np.asarray(x, float)}, {}, {}])


def test_a_cell_that_leaves_its_range_ends_at_every_party() -> None:
    def program(cell: Any) -> Any:
        x = share(alice.x, dtype=sfix16, bound=100)
        y, _ = mpckernel.within(x, bound=4)
        z, _ = mpckernel.within(x, norm=8)
        y * z
        assert len(cell.checks) == 2

    with three_rooms() as rooms:
        _cell(rooms, [1, -4, 3], program)
        for wrong in ([1, 5, 3], [4, 4, 4, 4, 4]):
            ended = rooms.start(program, [{"x": np.array(wrong, float)}, {}, {}])
            for future in ended:
                with pytest.raises(RangeLeft):
                    future.result(20)
        _cell(rooms, [0], program)


def test_a_recorded_step_gives_the_bit_back() -> None:
    @mpckernel.recorded
    def step(w: Any) -> Any:
        w, fine = mpckernel.within(w, norm=4, before=16)
        return declared(2 * w, 4), fine

    def program(cell: Any) -> Any:
        w = declared(share(alice.x, dtype=sfix16, bound=8), 4)
        flags = []
        for _ in range(3):
            w, fine = step(w)
            flags.append(fine)
        assert not cell.checks
        opened = mpckernel.reveal(np.stack(flags))
        cell.flush()
        return opened.value().tolist()

    with three_rooms() as rooms:
        assert _cell(rooms, [1.0, 1.0], program)[0] == [True, True, False]


def test_what_is_refused(clear: Any) -> None:
    def asked(**how: Any) -> None:
        x = share(alice.x, dtype=how.pop("t", sfix16), bound=how.pop("known", 8))
        mpckernel.within(x, **how)

    def refused(why: type[Exception], **how: Any) -> None:
        with pytest.raises(why):
            clear.cell(lambda: asked(**how), {"x": np.ones(784)})

    refused(UsageError)
    refused(UsageError, bound=1, norm=1)
    refused(UsageError, bound=-1)
    refused(UsageError, norm=np.nan)
    refused(OutOfRange, norm=64, known=2.0**14)
    refused(OutOfRange, norm=64, known=2.0**14, before=2.0**15)
    refused(OutOfRange, norm=2.0**15)
    refused(OutOfRange, bound=2.0**31, t=sfix(30), known=2.0**31)


def test_booleans_and_integers(clear: Any) -> None:
    def program() -> Any:
        x = share(alice.x, dtype=sint, bound=100)
        flags = mpckernel.within(x, norm=5)[1], mpckernel.within(x > 3, norm=1)[1]
        current().checks.clear()
        return flags

    assert [bool(v) for v in clear.cell(program, {"x": np.array([3, 4])})] == [True, True]

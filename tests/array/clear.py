"""One party in the clear: what each rule computes, and whether the bounds of the plan are true."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.array.prepare import INTEGERS
from mpckernel.protocols.composed.claims import ANY
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import Cell
from mpckernel.runtime.plan import Plan
from tests.rooms import Rooms, plain_room

alice = OwnerName("alice", 0)
WIDE = 2**31 - 1  # bound of the widest integers whose products fit
few = settings(max_examples=20)  # each runs several cells; the table of rules is long
SHAPES = [(), (0,), (1,), (7,), (3, 0, 2), (2, 3), (4, 1, 3)]


class Clear:
    """Runs programs in one room in the clear; every word of every plan is held to its bound."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms

    def __call__(self, program: Callable[..., Any], bound: Any = None, **private: Any) -> Any:
        """program(shares of the private values, in order), revealed.

        bound: declared for all of them, or a dict of those for some.
        """
        bounds = bound if isinstance(bound, dict) else dict.fromkeys(private, bound)

        def shared() -> Any:
            return program(*(share(getattr(alice, k), bound=bounds.get(k)) for k in private))

        return self.cell(shared, private)

    def cell(self, program: Callable[[], Any], private: dict[str, Any] | None = None) -> Any:
        """program() in one cell, with what it returns revealed."""
        cells: list[Cell] = []

        def one(cell: Cell) -> Any:
            cells.append(cell)
            return reveal(program())

        with everything_kept():
            (result,) = self.rooms.run(one, [private or {}])
        for plan in cells[0].segments:
            check_bounds(plan)
        return settle(result)


def check_bounds(plan: Plan) -> None:
    """|signed word| <= bound for every call, but for those that may wrap on purpose."""
    for call in plan.calls:
        if call.kind == "word" and call.bound != ANY and call.result is not None:
            words = np.asarray(call.result).view(np.int64)
            if words.size:
                top = max(int(words.max()), -int(words.min()))
                assert top <= call.bound, f"{call.op and call.op.ideal.name}: {top} > {call.bound}"


@contextmanager
def everything_kept() -> Iterator[None]:
    """All results of a cell are kept meanwhile, so that all of them can be checked."""
    kept = Call.kept
    Call.kept = lambda self: True  # type: ignore[method-assign]
    try:
        yield
    finally:
        Call.kept = kept  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def clear() -> Any:
    """See Clear."""
    with plain_room() as rooms:
        yield Clear(rooms)


shapes = st.sampled_from(SHAPES)


def pairs_of_shapes() -> st.SearchStrategy[tuple[Any, ...]]:
    """Two shapes that broadcast."""
    drawn = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=4)
    return drawn.map(lambda s: s.input_shapes)


def loose(draw: Any, x: np.ndarray) -> np.ndarray:
    """The same values in another layout: reversed, transposed or strided memory."""
    match draw(st.sampled_from(["as is", "negative", "fortran", "strided"])):
        case "negative":
            return x[::-1] if x.ndim else x
        case "fortran":
            return np.asfortranarray(x) if x.ndim else x
        case "strided":
            return np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x
    return x


@st.composite
def ints(draw: Any, shape: Any = None, dtype: Any = np.int32, bound: int = INTEGERS) -> np.ndarray:
    """Signed integers with their extremes; `bound` is the default one, or to be declared."""
    s = draw(shapes) if shape is None else shape
    info = np.iinfo(dtype)
    least, most = max(int(info.min), -bound), min(int(info.max), bound)
    near = st.integers(-5, 5) | st.sampled_from([least, most])
    some = st.integers(least, most) | near
    return loose(draw, draw(hnp.arrays(dtype, s, elements=some)))


@st.composite
def bools(draw: Any, shape: Any = None) -> np.ndarray:
    s = draw(shapes) if shape is None else shape
    return loose(draw, draw(hnp.arrays(np.bool_, s)))


@st.composite
def reals(draw: Any, shape: Any = None, most: float = 1000.0, f: int = 20) -> np.ndarray:
    """Multiples of 2^-f, so that sharing them is exact."""
    s = draw(shapes) if shape is None else shape
    top = int(most * 2**f)
    near = st.integers(-3, 3) | st.sampled_from([2**f, -(2**f), top, -top])
    steps = draw(hnp.arrays(np.int64, s, elements=st.integers(-top, top) | near))
    return loose(draw, steps / 2.0**f)


def same(got: Any, want: Any) -> None:
    """Equal values, shape and type (integers as int64)."""
    want = np.asarray(want)
    kind = {"b": np.bool_, "i": np.int64, "u": np.int64, "f": np.float64}[want.dtype.kind]
    assert np.asarray(got).dtype == kind
    np.testing.assert_array_equal(np.asarray(got), want.astype(kind), strict=True)


def near(got: Any, want: Any, error: Any) -> None:
    """Within the error, everywhere."""
    assert np.shape(got) == np.shape(want)
    assert np.asarray(got).dtype == np.float64
    assert np.all(np.abs(np.asarray(got) - np.asarray(want)) <= error)

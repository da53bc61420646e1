"""Counting below, bins and membership against NumPy; by pairs, and by sorting together."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.array.functions import searching
from mpckernel.errors import UsageError
from tests.array.clear import bools, few, ints, reals, same
from tests.rooms import three_rooms


@pytest.fixture(params=["pairs", "sorted"], autouse=True)
def way(request: Any, monkeypatch: Any) -> None:
    """Both ways for all sizes."""
    cheaper = request.param == "pairs"
    monkeypatch.setattr(searching, "_pairs_are_cheaper", lambda *_, **__: cheaper)


SHAPES = [(), (0,), (1,), (6,), (2, 3)]
tables = st.sampled_from([0, 1, 2, 5, 8])


@few
@given(data=st.data())
def test_places_of_whole_numbers(clear: Any, data: Any) -> None:
    v = data.draw(ints(data.draw(st.sampled_from(SHAPES)), np.int16, 8))
    a = np.sort(data.draw(ints((data.draw(tables),), np.int16, 8)))
    side = data.draw(st.sampled_from(["left", "right"]))
    want = np.searchsorted(a, v, side=side)
    same(clear(lambda v: np.searchsorted(a, v, side=side), 8, v=v), want)
    same(clear(lambda a: np.searchsorted(a, v, side=side), 8, a=a), want)
    same(clear(lambda a, v: np.searchsorted(a, v, side=side), 8, a=a, v=v), want)


@few
@given(data=st.data())
def test_places_of_reals_and_edges_between_steps(clear: Any, data: Any) -> None:
    v = data.draw(reals((7,), most=4))
    halves = st.sampled_from([0.0, 2**-21, -(2**-21), 1 / 3, 1.5, 1e9, -1e9, 4.0])
    a = np.sort(np.array(data.draw(st.lists(halves, max_size=5))))
    for side in ("left", "right"):
        want = np.searchsorted(a, v, side=side)
        same(clear(lambda v, s=side: np.searchsorted(a, v, side=s), 4, v=v), want)
        edges = np.sort(v)
        want = np.searchsorted(edges, a, side=side)
        same(clear(lambda e, s=side: np.searchsorted(e, a, side=s), 4, e=edges), want)
    whole = np.arange(-3, 4)
    want = np.searchsorted(np.sort(v), whole)
    same(clear(np.searchsorted, {"v": 4, "w": 3}, v=np.sort(v), w=whole), want)


@few
@given(data=st.data())
def test_bins(clear: Any, data: Any) -> None:
    x = data.draw(reals(data.draw(st.sampled_from(SHAPES)), most=4))
    edges = np.unique(data.draw(ints((5,), np.int16, 5))) / 2
    right = data.draw(st.booleans())
    for bins in (edges, edges[::-1], np.array([False, True]), np.array([True, False])):
        want = np.digitize(x, bins, right=right)
        same(clear(lambda x, b=bins: np.digitize(x, b, right), 4, x=x), want)
    same(
        clear(lambda x, b: np.digitize(x, b, right), 5, x=x, b=edges), np.digitize(x, edges, right)
    )


@few
@given(data=st.data())
def test_histograms(clear: Any, data: Any) -> None:
    x = data.draw(reals(data.draw(st.sampled_from(SHAPES)), most=4))
    bins, limits = data.draw(st.sampled_from([(4, (-2, 2)), ([-1, 0.3, 2], None), (3, (0, 4))]))
    counts, edges = clear(lambda x: np.histogram(x, bins, limits), 4, x=x)
    want = np.histogram(x, bins, limits)
    same(counts, want[0])
    np.testing.assert_array_equal(edges, want[1])
    whole = x.astype(np.int64)
    same(
        clear(lambda w: np.histogram(w, [-2, 0, 3])[0], 4, w=whole),
        np.histogram(whole, [-2, 0, 3])[0],
    )


@few
@given(data=st.data())
def test_membership(clear: Any, data: Any) -> None:
    v = data.draw(ints(data.draw(st.sampled_from(SHAPES)), np.int16, 6))
    t = data.draw(ints((data.draw(tables),), np.int16, 6))
    invert = data.draw(st.booleans())
    want = np.isin(v, t, invert=invert)
    same(clear(lambda v, t: np.isin(v, t, invert=invert), 6, v=v, t=t), want)
    same(clear(lambda v: np.isin(v, t, invert=invert), 6, v=v), want)
    same(clear(lambda t: np.isin(v, t, invert=invert), 6, t=t), want)
    some = [0.5, 3.0, 1e9, -2, 1 / 3]
    same(clear(lambda v: np.isin(v, some), 6, v=v), np.isin(v, some))
    same(clear(lambda t: np.isin(some, t), 6, t=t), np.isin(some, t))
    b = data.draw(bools((4,)))
    same(clear(lambda b: np.isin(b, [True]), b=b), np.isin(b, [True]))


def test_three_parties() -> None:
    alice, bob = OwnerName("alice", 0), OwnerName("bob", 1)
    a, v = np.array([-2, 0, 0, 5]), np.array([0, 7, -3, 5, 1])

    def program(cell: Any) -> Any:
        t, x = share(alice.a, bound=9), share(bob.v, bound=9)
        return reveal(np.searchsorted(t, x), np.digitize(x, [0, 2.5]), np.isin(x, t))

    with three_rooms() as rooms:
        for result in rooms.run(program, [{"a": a}, {"v": v}, {}]):
            places, bins, among = settle(result)
            same(places, np.searchsorted(a, v))
            same(bins, np.digitize(v, [0, 2.5]))
            same(among, np.isin(v, a))


def test_refusals(clear: Any) -> None:
    with pytest.raises(UsageError, match="'left' or 'right'"):
        clear(lambda x: np.searchsorted(x, 1, side="middle"), x=np.arange(3))
    with pytest.raises(UsageError, match="one axis"):
        clear(lambda x: np.searchsorted(x, 1), x=np.ones((2, 2)))
    with pytest.raises(UsageError, match="rise or fall"):
        clear(lambda x: np.digitize(x, [0, 2, 1]), x=np.arange(3))

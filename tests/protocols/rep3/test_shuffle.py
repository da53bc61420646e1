"""Permutations nobody knows: unbiased, fresh, and what is opened of them says nothing."""

from itertools import permutations

import numpy as np
import pytest

from mpckernel.errors import Bug, PeerError
from mpckernel.protocols.rep3 import places, shuffle
from mpckernel.ring import bits, orders
from mpckernel.ring.prg import Prg
from tests.protocols import statistics
from tests.protocols.running import REP3, Run, Stream, run
from tests.protocols.views import LANES

N = 4
ALL = {p: k for k, p in enumerate(permutations(range(N)))}
ROWS = 24 * 250


def even(rows: np.ndarray) -> float:
    """How likely so uneven a choice among all permutations of N is."""
    from scipy import special

    counts = np.bincount([ALL[tuple(row)] for row in rows.tolist()], minlength=len(ALL))
    mean = len(rows) / len(ALL)
    return float(special.chdtrc(len(ALL) - 1, ((counts - mean) ** 2 / mean).sum()))


def opened(got: Run, k: int, n: int, xor: bool = False) -> np.ndarray:
    """The places that all learn in round k, from what role 1 hears then."""
    width = shuffle.place_width(n)
    x, y = (
        bits.unpack_low(got.transcript[k][sender].send[1][0], width, _size(got, k, sender, width))
        for sender in (0, 2)
    )
    return ((x ^ y) if xor else (x + y)) % np.uint64(2**width)


def _size(got: Run, k: int, sender: int, width: int) -> int:
    return 64 * got.transcript[k][sender].send[1][0].size // width


def _some_places(secret: int) -> np.ndarray:
    row = list(ALL)[secret]
    return np.tile(np.array(row, np.uint64), (ROWS, 1))


def check_opened_places_are_uniform(secret: int = 5) -> None:
    """Whatever permutation is hidden, each is opened as often."""
    to = _some_places(secret)
    x = np.arange(to.size, dtype=np.uint64).reshape(to.shape)
    p_values = []
    for name in ("permute", "unpermute"):
        got = run(name, to, x, call=secret)
        p_values.append(even(opened(got, 2, N)[: to.size].reshape(-1, N)))
    statistics.accept(p_values, "opened places")


def check_opened_numbers_are_uniform(kind: str = "equal") -> None:
    """The order of rows that a sort opens at its end does not depend on the keys."""
    keys = Stream(3).integers(0, 2, (1, ROWS, N)) == 1 if kind == "random" else None
    table = {"equal": np.zeros((1, ROWS, N), bool), "random": keys,
             "ordered": np.broadcast_to(np.arange(N) >= N // 2, (1, ROWS, N))}  # fmt: skip
    got = run("places", table[kind], digits=(1,), n=N)
    numbers = opened(got, 5, N, xor=True)[: ROWS * N].reshape(-1, N)
    statistics.accept([even(numbers)], f"numbers of {kind} keys")


def check_calls_differ() -> None:
    """Two calls on the same parts shuffle in different ways."""
    to = np.arange(LANES, dtype=np.uint64)
    one, two = (opened(run("permute", to, to, call=k), 2, LANES) for k in (1, 2))
    assert (one == two).mean() < 0.01


def check_opened_summands_are_fresh() -> None:
    """Role 1 would know its own words again, in the order that it must not know."""
    to = np.arange(LANES, dtype=np.uint64)
    got = run("permute", to, to)
    width = shuffle.place_width(LANES)
    gave = bits.unpack_low(got.transcript[1][1].send[0][0], width, LANES)
    heard = bits.unpack_low(got.transcript[2][0].send[1][0], width, LANES)
    assert (np.sort(gave) != np.sort(heard)).any()


def check_generator() -> None:
    """Rows of random orders, and one draw that would favour some place."""
    draws = Prg(bytes(16)).words(orders.draws_for(ROWS * N), 1, 1)
    rows = orders.random_order(draws, ROWS, N).reshape(ROWS, N) % N
    statistics.accept([even(rows)], "random orders")
    half = np.uint64(2**63)
    draws = np.full(orders.draws_for(3), half)
    without = orders.random_order(draws, 1, 3)
    draws[1:] = draws[:-1]
    draws[0] = 0  # 2^64 mod 3 = 1: this one is drawn again
    np.testing.assert_array_equal(orders.random_order(draws, 1, 3), without)


@pytest.mark.parametrize("secret", [0, 9, 23])
def test_opened_places_are_uniform(secret: int) -> None:
    check_opened_places_are_uniform(secret)


@pytest.mark.parametrize("kind", ["equal", "ordered", "random"])
def test_opened_numbers_are_uniform(kind: str) -> None:
    check_opened_numbers_are_uniform(kind)


def test_calls_differ() -> None:
    check_calls_differ()


def test_opened_summands_are_fresh() -> None:
    check_opened_summands_are_fresh()


def test_the_generator_is_not_biased() -> None:
    check_generator()


def test_a_shuffle_gives_every_order_as_often() -> None:
    rows = [run("shuffle", np.arange(N, dtype=np.uint64), call=k).value for k in range(24 * 40)]
    statistics.accept([even(np.array(rows))], "shuffles")


def test_columns_of_a_row_stay_together() -> None:
    x = np.arange(60, dtype=np.uint64).reshape(20, 3)
    rows = run("shuffle", x).value
    np.testing.assert_array_equal(rows[np.argsort(rows[:, 0])], x)


def test_each_pair_keeps_an_order_from_the_third() -> None:
    seen: list = []
    original = shuffle.orders_of

    def remembering(p, rows, n):
        seen.append(original(p, rows, n))
        return seen[-1]

    with pytest.MonkeyPatch.context() as m:
        m.setattr(shuffle, "orders_of", remembering)  # where the op of this name looks
        run("shuffle", np.arange(100, dtype=np.uint64))
    lacking = [[k for k, by in enumerate(three) if by is None] for three in seen]
    assert lacking == [[1], [2], [0]]
    known = [next(three[k] for three in seen if three[k] is not None) for k in range(3)]
    for three in seen:
        for k, by in enumerate(three):
            assert by is None or (by == known[k]).all()
    assert len({tuple(by.tolist()) for by in known}) == 3


@pytest.mark.parametrize("wrong", [[0, 0, 1], [0, 1, 3], [0, 1, 2**63], [[0, 1, 2], [2, 2, 0]]])
@pytest.mark.parametrize("name", ["permute", "unpermute"])
def test_places_that_are_no_permutation_end_the_run(name: str, wrong: list) -> None:
    to = np.array(wrong, np.uint64)
    with pytest.raises(PeerError):
        run(name, to, np.arange(to.size, dtype=np.uint64).reshape(to.shape))


def test_orders_of_other_lengths_are_refused() -> None:
    with pytest.raises(Bug):
        orders.random_order(np.zeros(10, np.uint64), 1, 10)


@pytest.mark.parametrize("digits", [(1,), (3, 2), (2, 1, 4), (3,) * 25, (8, 8, 5)])
@pytest.mark.parametrize("shape", [(1,), (2,), (5,), (64,), (3, 7), (2, 0), (300,), (2, 3, 65)])
def test_places_of_awkward_keys(digits: tuple[int, ...], shape: tuple[int, ...]) -> None:
    b = Stream(sum(digits)).integers(0, 2, (sum(digits), *shape)) == 1
    op, n = REP3["places"], shape[-1]
    b[:, ..., n // 2 :] = b[:, ..., n // 2 : n // 2 + 1]  # equal keys keep their order
    got = run("places", b, digits=digits, n=n)
    np.testing.assert_array_equal(got.value, op.ideal.compute(b, digits=digits, n=n))
    assert got.cost == op.cost(shape, b.shape, digits=digits, n=n)


@pytest.mark.parametrize("shape", [(300,), (3, 150), (150, 3), (2, 2, 64)])
def test_places_piece_by_piece(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "FLAGS", 2**8)
    test_places_of_awkward_keys((2, 3), shape)


@pytest.mark.parametrize("columns", [(), (0,), (3,), (2, 2), (70,)])
@pytest.mark.parametrize("shape", [(1,), (0,), (65,), (3, 7), (2, 3, 5)])
def test_rows_of_awkward_shapes(shape: tuple[int, ...], columns: tuple[int, ...]) -> None:
    rng = Stream(len(columns))
    to = np.argsort(rng.integers(0, 2**64, shape), axis=-1).astype(np.uint64)
    x = rng.integers(0, 2**64, (*shape, *columns))
    for name, value in (("permute", x), ("unpermute", x), ("permute_bits", x % 2 == 1)):
        op, got = REP3[name], run(name, to, value)
        np.testing.assert_array_equal(got.value, op.ideal.compute(to, value))
        assert got.cost == op.cost(value.shape, shape, value.shape)

"""Truncation: floor or floor + 1 and nothing else, exactly F_trunc; exact floor exhaustively."""

# ruff: noqa: TID251 (tests bring their own generator)

import numpy as np
import pytest
from scipy import stats

from mpckernel.protocols.rep3.mul import product_share
from mpckernel.runtime.lockstep import three_parties
from mpckernel.sharing.rep3 import Rep3, deal, reconstruct
from tests.protocols.running import REP3, Stream, run, run_parts

SEED = 20240501
PRODUCTS = ("mul_trunc", "mul_trunc few")
ONE = np.uint64(1)


def floor(x: np.ndarray, f: int) -> np.ndarray:
    return x.view(np.int64) >> np.int64(f)


def wide(n: int, rng: np.random.Generator) -> np.ndarray:
    """Signed words of every magnitude below 2^62, both signs, with the ends."""
    x = rng.integers(-(2**62) + 1, 2**62, n) >> rng.integers(0, 62, n)
    x[:4] = (2**62 - 1, 1 - 2**62, 2**61, -(2**61))
    return x.view(np.uint64)


def check_never_off(n: int = 2**16, f: int = 20) -> None:
    """n truncations of every magnitude: floor or floor + 1."""
    x = wide(n, np.random.default_rng(SEED + f))
    up = run("trunc", x, f=f, turn=f).value.view(np.int64) - floor(x, f)
    assert ((up == 0) | (up == 1)).all(), f"{np.sum((up != 0) & (up != 1))} catastrophic results"


@pytest.mark.parametrize("f", [1, 8, 16, 20, 40, 61])
def test_a_quarter_million_truncations_each_are_floor_or_floor_plus_one(f):
    check_never_off(2**18, f)  # six times: 1.5 million


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_million_products_up_to_2_to_the_62_are_floor_or_floor_plus_one(name):
    rng = np.random.default_rng(SEED)
    x, y = (rng.integers(-(2**31) + 1, 2**31, 2**20).view(np.uint64) for _ in range(2))
    up = run(name, x, y, f=20).value.view(np.int64) - floor(x * y, 20)
    assert ((up == 0) | (up == 1)).all()


def check_unbiased(name: str = "mul_trunc") -> None:
    """The mean of (result - exact) is zero within four standard errors."""
    rng = np.random.default_rng(SEED)
    n, f = 2**18, 20
    x, y = (rng.integers(-(2**28), 2**28, n).view(np.uint64) for _ in range(2))
    values = (x, y) if name in PRODUCTS else (x,)
    got = run(name, *values, f=f).value.view(np.int64)
    exact = (x * y if name in PRODUCTS else x).view(np.int64) / 2.0**f
    error = got - exact
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(n)


@pytest.mark.parametrize("name", ["trunc", *PRODUCTS])
def test_rounding_is_unbiased(name):
    check_unbiased(name)


def check_input_rounds_both_ways(owner: int) -> None:
    """A fresh input has a public third share; its truncation must still go up and down."""
    n, f = 2**14, 16
    x = np.full(n, 12345, np.uint64)
    given = run("input_words", x, owner=owner, shape=(n,), bound=2**61)
    for turn in range(3):
        parties = [p.at(9, turn) for p in three_parties()]
        up = run_parts(REP3["trunc"], [given.parts], {"f": f}, parties).value
        p = stats.binomtest(int(up.sum()), n, 12345 / 2**f).pvalue
        assert p > 1e-7, f"owner {owner}, turn {turn}: {up.mean()}"


@pytest.mark.parametrize("owner", range(3))
def test_truncating_a_fresh_input_rounds_both_ways(owner):
    check_input_rounds_both_ways(owner)


def rho_of(i: int, part: Rep3, f: int) -> np.ndarray:
    """What party i can tell from its own part: the rho that F_trunc uses (SECURITY.md)."""
    if i == 0:
        c = part.i + part.j + np.uint64(2**62 - 1)
        return ~c & np.uint64(2**f - 1)
    r = part.j if i == 1 else part.i
    return ~r & np.uint64(2**f - 1)


@pytest.mark.parametrize("i", range(3))
@pytest.mark.parametrize("f", [1, 7, 20, 61])
def test_the_result_is_f_trunc_of_the_rho_each_party_knows(i, f):
    """floor((x + rho_i) / 2^f), exactly, for the rho_i of every party."""
    x = wide(2**14, np.random.default_rng(SEED))
    parts = deal(x, Stream(4))
    got = run_parts(REP3["trunc"], [parts], {"f": f}).value
    rho = rho_of(i, parts[i], f)
    high = floor(x, f) + ((x & np.uint64(2**f - 1)) + rho >> np.uint64(f)).view(np.int64)
    np.testing.assert_array_equal(got.view(np.int64), high)


def assert_rho(rho: np.ndarray, f: int, got: np.ndarray) -> None:
    """Uniform, and that of the result, for products 9."""
    assert stats.chisquare(np.bincount(rho.astype(int), minlength=2**f)).pvalue > 1e-6
    np.testing.assert_array_equal(got, np.uint64(9) + rho >> np.uint64(f))


@pytest.mark.parametrize("i", range(3))
def test_rho_is_uniform_whatever_the_product(i):
    """mul_trunc cuts fresh shares: rho from party i's view, for a fixed product."""
    n, f = 2**14, 8
    x = np.full(n, 3, np.uint64)
    parts = [deal(x, Stream(1)), deal(x, Stream(2))]
    got = run_parts(REP3["mul_trunc"], parts, {"f": f})
    first = got.transcript[0]
    z_1, z_2 = first[1].send[0][0], first[2].send[1][0]
    if i == 0:  # c = 9 + 2^62 - 1 - z_2, of which P_0 knows z_0 and heard z_1
        rho = ~(np.uint64(9 + 2**62 - 1) - z_2) & np.uint64(2**f - 1)
    else:
        rho = ~z_2 & np.uint64(2**f - 1)
    assert z_1.size == n
    assert_rho(rho, f, got.value)


@pytest.mark.parametrize("i", [1, 2])
def test_rho_is_uniform_whatever_the_product_of_few(i):
    """The same in two rounds: rho from what party i has of a fixed product."""
    n, f = 2**14, 8
    x = np.full(n, 3, np.uint64)
    parts = [deal(x, Stream(1)), deal(x, Stream(2))]
    got = run_parts(REP3["mul_trunc few"], parts, {"f": f})
    z = [
        product_share(p.at(7), first, second)
        for p, first, second in zip(three_parties(), *parts, strict=True)
    ]
    np.testing.assert_array_equal(got.transcript[0][0].send[1][0], z[0])
    u = z[0] + z[1] if i == 1 else z[2] + np.uint64(2**62 - 1)
    assert_rho(~u & np.uint64(2**f - 1), f, got.value)


def every_sharing(f: int) -> tuple[np.ndarray, list[Rep3]]:
    """All x of f + 2 signed bits, with all low f bits of x_2, and x_2's top two bits, crossed."""
    x = np.arange(-(2 ** (f + 1)), 2 ** (f + 1))
    low, top = np.arange(2**f), np.arange(4) << 62
    x, low, top = (g.ravel() for g in np.meshgrid(x, low, top))
    x_2 = (low | top).astype(np.uint64)
    x_0 = np.random.default_rng(f).integers(0, 2**64, x.size, np.uint64)
    x = x.view(np.uint64)
    s = [x_0, x - x_0 - x_2, x_2]
    return x, [Rep3(s[k], s[(k + 1) % 3]) for k in range(3)]


@pytest.mark.parametrize("f", range(1, 7))
def test_exact_floor_exhaustively(f):
    x, parts = every_sharing(f)
    got = run_parts(REP3["floor"], [parts], {"f": f}).value
    np.testing.assert_array_equal(got.view(np.int64), floor(x, f))


@pytest.mark.parametrize("f", range(1, 7))
def test_truncation_exhaustively(f):
    x, parts = every_sharing(f)
    up = run_parts(REP3["trunc"], [parts], {"f": f}).value.view(np.int64) - floor(x, f)
    assert set(up.tolist()) == {0, 1}


@pytest.mark.parametrize("f", range(1, 62))
def test_exact_floor_at_the_ends_of_the_domain(f):
    ends = [2**62 - 1, 1 - 2**62, 0, 1, -1, 2**f - 1, -(2**f), 2**61, -(2**61)]
    x = np.array([e for e in ends if abs(e) < 2**62] * 20, np.int64).view(np.uint64)
    got = run("floor", x, f=f, seed=f, turn=f)
    np.testing.assert_array_equal(got.value.view(np.int64), floor(x, f))


def test_multiples_of_the_unit_are_never_rounded():
    x = np.arange(-500, 500).view(np.uint64) << np.uint64(16)
    got = run("trunc", x, f=16)
    np.testing.assert_array_equal(got.value.view(np.int64), np.arange(-500, 500))


def test_sharing_survives_repeated_truncation():
    """The share of P_1 and P_2 is a shifted one; cutting it again is as good as the first time."""
    x = wide(2**14, np.random.default_rng(SEED))
    parts, want = deal(x, Stream(8)), x.view(np.int64)
    for k in range(3):
        parts = run_parts(
            REP3["trunc"], [parts], {"f": 8}, [p.at(k) for p in three_parties()]
        ).parts
        want = want >> 8
        up = reconstruct(parts).view(np.int64) - want
        assert ((up >= 0) & (up <= 2)).all()

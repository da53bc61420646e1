"""Comparison and conversion, exhaustively: every small value under every low part of a share."""

import numpy as np
import pytest

from mpckernel.protocols import fitting, ideal
from mpckernel.sharing.rep3 import Bits3, Rep3, deal
from tests.protocols.running import REP3, Stream, run, run_parts

WIDTHS = (2, 3, 4, 5, 6)


def every_sharing(width: int, low: int) -> tuple[np.ndarray, list[Rep3]]:
    """All x in [low, 2^(width-1) or 2^width), all low bits of x_2; the rest at random."""
    top = 2**width if low == 0 else 2 ** (width - 1)
    x, r = (g.ravel() for g in np.meshgrid(np.arange(low, top), np.arange(2**width)))
    rng = Stream(width)
    x_0 = rng.integers(0, 2**64, x.size)
    x_2 = (rng.integers(0, 2**64, x.size) << np.uint64(width)) | r.astype(np.uint64)
    x = x.astype(np.int64).view(np.uint64)
    s = [x_0, x - x_0 - x_2, x_2]
    return x, [Rep3(s[k], s[(k + 1) % 3]) for k in range(3)]


@pytest.mark.parametrize("name", ["msb", "is_zero"])
@pytest.mark.parametrize("width", WIDTHS)
def test_comparisons_exhaustively(name, width):
    x, parts = every_sharing(width, 1 - 2 ** (width - 1))
    got = run_parts(REP3[name], [parts], {"width": width}).value
    np.testing.assert_array_equal(got, ideal.IDEALS[name].compute(x, width=width))


@pytest.mark.parametrize("name", ["to_bits", "headroom"])
@pytest.mark.parametrize("width", [1, *WIDTHS])
def test_decompositions_exhaustively(name, width):
    x, parts = every_sharing(width, 0)
    x = np.where(x < 2**width, x, np.uint64(0))
    got = run_parts(REP3[name], [parts], {"width": width}).value
    np.testing.assert_array_equal(got, ideal.IDEALS[name].compute(x, width=width))


@pytest.mark.parametrize("width", range(1, 62))
def test_headroom_of_every_width(width):
    x = np.array([0, 1, 2**width - 1, 2 ** (width - 1), 2 ** (width // 2)] * 13, np.uint64)
    got = run("headroom", x, width=width, turn=width)
    np.testing.assert_array_equal(got.value, ideal.headroom.compute(x, width=width))


def test_every_sharing_of_a_bit_becomes_the_word():
    shares = np.array([[k >> 2 & 1, k >> 1 & 1, k & 1] for k in range(8)] * 9, bool).T
    packed = [np.asarray(ideal_pack(s.ravel())) for s in shares]
    parts = [Bits3(packed[k], packed[(k + 1) % 3], (72,)) for k in range(3)]
    got = run_parts(REP3["bit_to_word"], [parts], {})
    np.testing.assert_array_equal(got.value, np.bitwise_xor.reduce(shares))


def test_every_sharing_of_two_bits_is_weighed():
    k = np.arange(64)
    first, second = (k >> 3, k & 7)
    shares = [np.stack([first >> s & 1, second >> s & 1]) == 1 for s in range(3)]
    packed = [np.asarray(ideal_pack(s.ravel())) for s in shares]
    parts = [Bits3(packed[i], packed[(i + 1) % 3], (2, 64)) for i in range(3)]
    weights = ((3, -5), (2**40, 2**20), (-(2**61), 0))
    got = run_parts(REP3["weigh"], [parts], {"weights": weights}).value
    want = np.array(weights, np.int64) @ np.bitwise_xor.reduce(shares).astype(np.int64)
    np.testing.assert_array_equal(got, want.view(np.uint64))


def test_low_zeros_of_weights_are_not_sent():
    narrow, wide = (
        REP3["weigh"].cost((1, 64), (2, 64), weights=w).bits for w in (((2**40, 16),), ((1, 1),))
    )
    assert (narrow, wide) == (64 * (24 + 60 + 128), 64 * (128 + 128))


def ideal_pack(bools: np.ndarray) -> np.ndarray:
    """Packed by definition, in Python."""
    words = [0] * -(-bools.size // 64)
    for k, b in enumerate(bools.tolist()):
        words[k // 64] |= int(b) << k % 64
    return np.array(words, np.uint64)


@pytest.mark.parametrize("j", range(63))
def test_signs_and_zeros_around_powers_of_two(j):
    values = sorted({s * (2**j + d) for s in (1, -1) for d in (-1, 0, 1)})
    x = np.array([v for v in values if abs(v) < 2**62] * 3, np.int64).view(np.uint64)
    for name in ("msb", "is_zero"):
        got = run(name, x, width=64, seed=j, turn=j).value
        np.testing.assert_array_equal(got, ideal.IDEALS[name].compute(x, width=64))


def test_bits_moved_by_rows_are_the_bits_moved_one_by_one():
    b = Stream(3).integers(0, 2, (5, 2, 64)) == 1
    for how in (
        ("index", 3),
        ("index", ("slice", 1, None, 2)),
        ("index", ("slice", None, 3, None)),
    ):
        got = run("move_bits", b, b, how=("concatenate", 0)).value
        np.testing.assert_array_equal(got, np.concatenate([b, b]))
        op = REP3["move_bits"]
        parts = _bit_parts(b)
        moved = run_parts(op, [parts], {"how": how}).value
        np.testing.assert_array_equal(moved, ideal.move_bits.compute(b, how=how))


def _bit_parts(b: np.ndarray) -> list[Bits3]:
    from mpckernel.sharing.rep3 import deal_bits

    return deal_bits(b, Stream(9))


@pytest.mark.parametrize("how", [("transpose", (1, 0)), ("reshape", (5, 13)), ("flip", 0),
                                 ("index", ("many", 0, ("slice", 1, 5, None))),
                                 ("expand_dims", 1), ("stack", 1), ("stack", 0)])  # fmt: skip
@pytest.mark.parametrize("name", ["move", "move_bits"])
def test_movements(name, how):
    rng = Stream(1)
    x = rng.integers(0, 2**64, (13, 5)) if name == "move" else rng.integers(0, 2, (13, 5)) == 1
    parts = deal(x, rng) if name == "move" else _bit_parts(x)
    got = run_parts(REP3[name], [parts], {"how": how}).value
    np.testing.assert_array_equal(got, ideal.IDEALS[name].compute(x, how=how))


def test_every_sharing_of_a_place_reads_the_table():
    shares = np.array([[k >> s & 1 for s in range(6)] for k in range(64)], bool).T
    packed = [ideal_pack(np.concatenate([shares[s], shares[s + 3]])) for s in range(3)]
    parts = [Bits3(packed[k], packed[(k + 1) % 3], (2, 64)) for k in range(3)]
    table = ((5, -7, 2**61, 0), (1, 2, 3, 4))
    got = run_parts(REP3["lookup"], [parts], {"table": table}).value
    low, high = np.bitwise_xor.reduce(shares[:3]), np.bitwise_xor.reduce(shares[3:])
    np.testing.assert_array_equal(got.view(np.int64), np.array(table)[:, low + 2 * high])


@pytest.mark.parametrize("skip", [1, 3])
def test_rough_bits_are_those_of_what_is_less_by_the_low_share(skip):
    """All low parts of both summands: rho is the low part of x_2, and nothing else counts."""
    x, parts = every_sharing(5, 0)
    less = x - (parts[2].i & np.uint64(2**skip - 1))
    got = run_parts(REP3["rough_bits"], [parts], {"skip": skip, "width": 5 - skip}).value
    np.testing.assert_array_equal(got, fitting.rough_bits.compute(less, skip=skip, width=5 - skip))
    got = run_parts(REP3["rough_sign"], [parts], {"skip": skip, "width": 64 - skip}).value
    np.testing.assert_array_equal(got, less.view(np.int64) < 0)

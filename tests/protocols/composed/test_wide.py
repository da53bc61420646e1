"""Wide products against Python integers, on truncations that round at random."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import wide
from mpckernel.ring.words import as_words
from tests.protocols.composed.loose import Bench

PUBLIC = st.sampled_from(["none", "x", "y"])


def _draw(data: st.DataObject, bound: int, n: int) -> list[int]:
    edges = st.sampled_from([0, 1, -1, bound, -bound, bound - 1, bound // 2 + 1])
    return data.draw(st.lists(edges | st.integers(-bound, bound), min_size=n, max_size=n))


@given(data=st.data(), f=st.integers(1, 75), bits_x=st.integers(1, 61), bits_y=st.integers(1, 61))
def test_mul_trunc_is_within_one_unit(
    data: st.DataObject, f: int, bits_x: int, bits_y: int
) -> None:
    bits_y = min(bits_y, 61 + f - bits_x)
    if bits_y < 1:
        return
    bench, public = Bench(), data.draw(PUBLIC)
    x, y = _draw(data, 2**bits_x - 1, 4), _draw(data, 2**bits_y - 1, 4)
    left, right = bench.secret(x, 2**bits_x - 1), bench.secret(y, 2**bits_y - 1)
    call = wide.mul_trunc(
        bench.do,
        as_words(np.array(x)) if public == "x" else left,
        as_words(np.array(y)) if public == "y" else right,
        f,
    )
    (got,) = bench.run(call)
    for a, b, c in zip(x, y, got.tolist(), strict=True):
        assert abs((c << f) - a * b) < (1 << f) + (1 << f - f // 2), (a, b, c)


@given(data=st.data(), bits_x=st.integers(1, 61), bits_y=st.integers(1, 61))
def test_one_limb_gives_floor_or_the_next(data: st.DataObject, bits_x: int, bits_y: int) -> None:
    f = data.draw(st.integers(1, 20))
    bits_y = min(bits_y, 61 + f - bits_x)
    if bits_y < 1:
        return
    bench = Bench()
    x, y = _draw(data, 2**bits_x - 1, 4), _draw(data, 2**bits_y - 1, 4)
    call = wide.mul_trunc(
        bench.do, bench.secret(x, 2**bits_x - 1), bench.secret(y, 2**bits_y - 1), f
    )
    (got,) = bench.run(call)
    for a, b, c in zip(x, y, got.tolist(), strict=True):
        assert c - (a * b >> f) in (0, 1)


@pytest.mark.parametrize("public", ["none", "x", "y"])
@pytest.mark.parametrize("f", [1, 7, 20, 24, 31, 40])
@pytest.mark.parametrize("n", [1, 3, 300])
def test_dot_and_matmul_trunc(n: int, f: int, public: str) -> None:
    rng = np.random.default_rng([n, f])  # noqa: TID251
    bound = 2 ** ((60 + f - n.bit_length()) // 2)
    x = rng.integers(-bound, bound, (2, n), endpoint=True)
    y = rng.integers(-bound, bound, (2, n), endpoint=True)
    x[0], y[0] = bound, -bound
    bench = Bench()
    left = as_words(x) if public == "x" else bench.secret(x, bound)
    right = as_words(y) if public == "y" else bench.secret(y, bound)
    turned = as_words(y.T.copy()) if public == "y" else bench.secret(y.T, bound)
    dots, matrix = bench.run(
        wide.dot_trunc(bench.do, left, right, n, f), wide.matmul_trunc(bench.do, left, turned, n, f)
    )
    exact = x.astype(object) @ y.T.astype(object)
    slack = (1 << f) + (1 << f - f // 2)
    for i in range(2):
        assert abs((int(dots[i]) << f) - exact[i, i]) < slack
        for j in range(2):
            assert abs((int(matrix[i, j]) << f) - exact[i, j]) < slack


def test_a_product_that_fits_costs_what_the_fused_product_costs() -> None:
    bench = Bench()
    x = bench.secret([3], 2**30)
    wide.mul_trunc(bench.do, x, x, 20)
    assert [c.op.ideal.name for c in bench.plan.calls[1:]] == ["mul_trunc"]


def test_a_result_that_might_not_fit_is_refused() -> None:
    bench = Bench()
    x = bench.secret([3], 2**45)
    with pytest.raises(OutOfRange, match=r"^this product could reach 2\^71 on the ring") as caught:
        wide.mul_trunc(bench.do, x, x, 20)
    assert str(caught.value).endswith(ideal.SMALLER)
    with pytest.raises(OutOfRange, match=r"^a product summed over 7 terms could reach 2\^73"):
        wide.dot_trunc(bench.do, x, x, 7, 20)
    assert len(bench.plan.calls) == 1


@pytest.mark.parametrize("bits", [25, 33, 34, 40, 50])
def test_a_proven_bound_is_the_bound_of_the_result(bits: int) -> None:
    """Also where a small public factor lies in its limbs as a whole."""
    bench, f = Bench(), 37
    factor = as_words(round(2**f / 212))
    bound = (2**bits // 212) + 2
    call = wide.mul_trunc(bench.do, bench.secret([2**bits - 1], 2**bits), factor, f, bound)
    assert call.bound <= bound

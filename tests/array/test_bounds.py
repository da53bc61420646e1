"""Random programs on extreme values: the exact result, or OutOfRange, and never a wrapped word.

Every word of every call is held to its bound as well (clear.check_bounds).
"""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mpckernel.array import sfix, share
from mpckernel.errors import OutOfRange, Unsupported
from tests.array.clear import Clear, alice

FIRST = "add sub mul neg abs sum cumsum square matmul"
SECOND = "max min clip where scale shift floordiv mod concat"
INTEGER = st.sampled_from(FIRST.split() + SECOND.split())


def step(name: str, x: Any, y: Any, k: int) -> Any:
    """One step of a program, for secrets and for arrays of Python integers alike."""
    match name:
        case "add":
            return x + y
        case "sub":
            return x - y
        case "mul":
            return x * y
        case "neg":
            return -x
        case "abs":
            return abs(x)
        case "sum":
            return x + x.sum()
        case "cumsum":
            return np.cumsum(x)
        case "square":
            return x * x
        case "matmul":
            return y + x @ y
        case "max":
            return np.max(x) - y
        case "min":
            return np.min(x) + y
        case "clip":
            return np.minimum(np.maximum(x, -abs(k)), abs(k))
        case "where":
            return np.where(x < y, x, y)
        case "scale":
            return x * k
        case "shift":
            return x - k
        case "floordiv":
            return x // 8
        case "mod":
            return x % 16
        case "concat":
            return np.concatenate([x, y])[::2][:3]
    raise ValueError(name)


@given(data=st.data())
@settings(max_examples=150)
def test_integers_are_exact_or_refused(clear: Clear, data: Any) -> None:
    bound = 2 ** data.draw(st.integers(0, 61))
    values = st.sampled_from([-bound, bound, bound - 1, 0, 1, -1])
    x = np.array(data.draw(st.lists(values, min_size=3, max_size=3)), object)
    names = data.draw(st.lists(INTEGER, min_size=1, max_size=6))
    k = data.draw(st.integers(-(2**40), 2**40))
    want, before = x, x
    for name in names:
        want, before = step(name, want, before, k), want

    def program() -> Any:
        got = other = share(alice.x, bound=bound)
        for name in names:
            try:
                got, other = step(name, got, other, k), got
            except Unsupported:  # of a sum that took two words; of nothing else
                assert "w" in (got.dtype.kind, other.dtype.kind), name
                raise
        return got

    try:
        got = clear.cell(program, {"x": x.astype(np.int64)})
    except (OutOfRange, Unsupported):
        return
    assert np.asarray(got).tolist() == want.tolist()


@given(data=st.data())
@settings(max_examples=60)
def test_small_integers_are_never_refused(clear: Clear, data: Any) -> None:
    """The refusals are no excuse: within 2^62 by its own arithmetic, a program runs."""
    values = st.integers(-4, 4)
    x = np.array(data.draw(st.lists(values, min_size=3, max_size=3)), object)
    names = data.draw(st.lists(INTEGER, min_size=1, max_size=3))
    want, before = x, x
    for name in names:
        want, before = step(name, want, before, 5), want

    def program() -> Any:
        got = other = share(alice.x, bound=4)
        for name in names:
            got, other = step(name, got, other, 5), got
        return got

    got = clear.cell(program, {"x": x.astype(np.int64)})
    assert np.asarray(got).tolist() == want.tolist()


@given(data=st.data())
@settings(max_examples=150)
def test_products_of_reals_are_near_or_refused(clear: Clear, data: Any) -> None:
    """Any two scales, bounds up to the ring, secret or public: the stated error holds."""
    f, g = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 30))
    a = data.draw(st.integers(0, 61 - f))
    b = data.draw(st.integers(0, 61 - g))
    tops = st.sampled_from([-1.0, 1.0, 0.75, -0.3, 2.0**-9, 0.0])
    x = np.rint(np.array([data.draw(tops) for _ in range(3)]) * 2.0 ** min(a + f, 52)) * 2.0 ** (
        a - min(a + f, 52)
    )
    y = np.rint(np.array([data.draw(tops) for _ in range(3)]) * 2.0 ** min(b + g, 52)) * 2.0 ** (
        b - min(b + g, 52)
    )
    public = data.draw(st.booleans())

    def program() -> Any:
        s = share(alice.x, dtype=sfix(f), bound=2**a)
        return s * y if public else s * share(alice.y, dtype=sfix(g), bound=2**b)

    try:
        got = clear.cell(program, {"x": x, "y": y})
    except OutOfRange:
        assert a + b + max(f, g) >= 61 or (public and a + b + f >= 60)
        return
    fine = 2.0 ** -(f if public else max(f, g))
    error = (np.abs(x) / 2 + 2) * fine if public else 1.01 * fine
    assert np.all(np.abs(got - x * y) <= error + np.abs(x * y) * 2.0**-51)


@given(data=st.data())
@settings(max_examples=60)
def test_sums_of_products_are_near_or_refused(clear: Clear, data: Any) -> None:
    f = data.draw(st.integers(1, 30))
    a, n = data.draw(st.integers(0, (61 - f))), data.draw(st.sampled_from([1, 2, 5, 64]))
    public = data.draw(st.booleans())
    tops = st.sampled_from([-1.0, 1.0, 0.75, 2.0**-9])
    bits = min(a + f, 52)
    row = np.array([data.draw(tops) for _ in range(n)])
    x = np.rint(row * 2.0**bits) * 2.0 ** (a - bits)

    def program() -> Any:
        s = share(alice.x, dtype=sfix(f), bound=2**a)
        return s @ x if public else s @ s

    try:
        got = clear.cell(program, {"x": x})
    except OutOfRange:
        assert (2 * a + f >= 60 - int(n).bit_length()) or a + f + int(n).bit_length() >= 61
        return
    error = (np.abs(x).sum() / 2 + 3) if public else 1.01
    assert abs(got - x @ x) <= error * 2.0**-f + (x @ x) * 2.0**-50

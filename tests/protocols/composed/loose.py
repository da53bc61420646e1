"""A scheme for tests: values in the clear, truncations rounded at random as rep3 rounds them.

trunc gives floor((x + rho) / 2^f) with rho uniform in [0, 2^f): floor or floor + 1, and exact
multiples exactly. `rounding("floor")` and `rounding("up")` fix rho at its ends for a while, "ends"
takes either end at random. All other functionalities are computed as defined.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from mpckernel.protocols.fitting import ROUGH, polynomial, spline_at
from mpckernel.protocols.ideal import IDEALS, STOCHASTIC, floor_cut
from mpckernel.protocols.op import OPS, op
from mpckernel.ring import words
from mpckernel.ring.words import signed
from mpckernel.runtime.call import Call
from mpckernel.runtime.plan import Plan
from mpckernel.runtime.schedule import Frame, Schedule

RNG = np.random.default_rng(20240607)  # noqa: TID251
LIMIT = 2**62
FULL = {
    "trunc": lambda x, f: x,
    "mul_trunc": lambda x, y, f: x * y,
    "blend": lambda d, *x, f: polynomial(d, *x),  # noqa: PLW0108 (without f)
    "dot_trunc": lambda x, y, n, f: np.asarray((x * y).sum(-1, dtype=np.uint64)),
    "matmul_trunc": lambda x, y, n, f: words.matmul(x, y),
    "matmul_plus": lambda x, y, c, n, f: words.matmul(x, y) + c,
}
ROUNDINGS = {
    "random": lambda f, shape: RNG.integers(0, 2**f, shape, dtype=np.uint64),
    "floor": lambda f, shape: np.zeros(shape, np.uint64),
    "up": lambda f, shape: np.full(shape, 2**f - 1, np.uint64),
    "ends": lambda f, shape: RNG.integers(0, 2, shape, dtype=np.uint64) * np.uint64(2**f - 1),
}
_mode = "random"


@contextmanager
def rounding(mode: str) -> Iterator[None]:
    """All truncations round like this meanwhile."""
    global _mode  # noqa: PLW0603
    before, _mode = _mode, mode
    try:
        yield
    finally:
        _mode = before


def _loose(name: str) -> Any:
    def run(_: Any, *operands: Any, **params: Any) -> Any:
        x = FULL[name](*operands, **params)
        f = params["f"]
        assert 0 < f < 62
        if name == "blend":  # beyond the ring it is some word, which must not matter
            fits = (signed(x) < LIMIT) & (signed(x) > -LIMIT)
            x = np.where(fits, x, RNG.integers(0, 2**61, x.shape, dtype=np.uint64))
        assert x.size == 0 or max(int(signed(x).max()), -int(signed(x).min())) < LIMIT
        rho = ROUNDINGS[_mode](f, x.shape)
        return floor_cut(np.asarray(x + rho), f)

    return run


def _plain(name: str) -> Any:
    return lambda _, *operands, **params: IDEALS[name].compute(*operands, **params)


def _rough(name: str) -> Any:
    """Of x - rho, rho as the truncations round: none at "floor", the most at "up"."""

    def run(_: Any, x: Any, *, skip: int, width: int) -> Any:
        less = np.asarray(x - ROUNDINGS[_mode](skip, x.shape))
        return IDEALS[name].compute(less, skip=skip, width=width)

    return run


def _spline(_: Any, x: Any, *, skip: int, fine: int, f: int, **params: Any) -> Any:
    """Of the piece of x + rho, at x rounded down or up where fine, and cut as truncations are."""
    rho, up = (ROUNDINGS[_mode](k, x.shape) for k in (skip, f))
    carry = ROUNDINGS[_mode](1, x.shape) if fine else 1
    x, shape, rho, up = x.reshape(-1), x.shape, rho.reshape(-1), up.reshape(-1)
    carry = carry.reshape(-1) if fine else 1
    whole = spline_at(x, fine=fine, f=0, rho=rho, carry=carry, **params | {"slopes": ()})
    assert x.size == 0 or max(int(signed(whole).max()), -int(signed(whole).min())) < LIMIT
    return spline_at(x, fine=fine, f=f, rho=rho, carry=carry, up=up, **params).reshape(shape)


def _way(name: str) -> Any:
    if name == "spline":
        return _spline
    if name in ROUGH:
        return _rough(name)
    return _loose(name) if name in STOCHASTIC else _plain(name)


for _name, _ideal in IDEALS.items():
    if f"loose.{_name}" not in OPS:
        _run = _way(_name)
        op(_ideal, rounds=0, bits=0, leaks="all", source="tests", scheme="loose")(_run)


class Bench:
    """A plan of the loose (or plain) scheme, run in one process."""

    def __init__(self, scheme: str = "loose") -> None:
        self.plan = Plan(scheme, ("alice",))
        self.do = self.plan.add

    def secret(self, value: Any, bound: int) -> Call:
        """An input of these words, with a public bound that they must respect."""
        value = words.as_words(value)
        assert value.size == 0 or max(int(signed(value).max()), -int(signed(value).min())) <= bound
        leaf = Call(None, (), {}, value.shape, "word", bound)
        leaf.result = value
        return self.plan._append(leaf)

    def run(self, *calls: Call) -> tuple[np.ndarray, ...]:
        """The signed words of these results; every bound of the plan is checked on the way."""
        for call in calls:
            call.show(self)
        for _ in Checked(self.plan, None).run(_nothing, _nothing):
            raise AssertionError
        return tuple(signed(np.asarray(c.result)) for c in calls)


def _nothing(*_: Any) -> None:
    """Nobody else takes part."""


class Checked(Schedule):
    """A schedule that holds every result to its bound before it may be forgotten."""

    def _done(self, frame: Frame, k: int, value: Any) -> list[int]:
        call = frame.body.steps[k].call
        if call.kind == "word" and call.bound < LIMIT - 1 and value.size:
            s = signed(value)
            largest = max(int(s.max()), -int(s.min()))
            assert largest <= call.bound, (call.op.ideal.name, call.params, largest, call.bound)
        return super()._done(frame, k, value)

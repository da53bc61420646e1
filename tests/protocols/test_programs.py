"""Random programs: results of operations are operands of the next, next to the same in the clear.

Every call has its own number and its own turn, as in a plan.
"""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mpckernel.protocols.ideal import IDEALS, LIMIT, STOCHASTIC
from mpckernel.runtime.lockstep import three_parties
from mpckernel.sharing.rep3 import deal, deal_bits
from tests.protocols.running import REP3, Stream, functionality, run_parts

N = 67
WORDS = (
    "add",
    "sub",
    "neg",
    "mul",
    "floor",
    "trunc",
    "mul_trunc",
    "mul_trunc few",
    "select",
    "bit_to_word",
)
BITS = ("msb", "is_zero", "xor", "and", "or", "invert")


class Program:
    """Secrets so far: parts, value in the clear, bound."""

    def __init__(self, seed: int) -> None:
        rng = Stream(seed)
        self.calls, self.words, self.bits = 0, [], []
        for bound in (2**6, 2**30, 2**61):
            x = rng.integers(1 - bound, bound, N)
            self.words.append((deal(x, rng), x, bound))
        for _ in range(2):
            b = rng.integers(0, 2, N) == 1
            self.bits.append((deal_bits(b, rng), b, 1))

    def step(self, name: str, pick: list[int], f: int) -> None:
        """One more call, unless its bound does not fit."""
        kinds = {"select": "bww", "bit_to_word": "b", "neg": "w", "floor": "w", "trunc": "w",
                 "msb": "w", "is_zero": "w", "invert": "b", "xor": "bb", "and": "bb",
                 "or": "bb"}.get(name, "ww")  # fmt: skip
        pools = [self.words if k == "w" else self.bits for k in kinds]
        taken = [pool[p % len(pool)] for pool, p in zip(pools, pick, strict=False)]
        what = functionality(name)
        params: dict[str, Any] = {"f": f} if what in STOCHASTIC | {"floor"} else {}
        params |= {"width": 64} if name in ("msb", "is_zero") else {}
        bounds = [b for _, _, b in taken]
        if what in ("mul", "mul_trunc") and bounds[0] * bounds[1] >= LIMIT:
            return
        if name in ("add", "sub", "select") and sum(bounds[-2:]) >= LIMIT:
            return
        self._call(name, taken, params, IDEALS[what].bound(*bounds, **params))

    def _call(self, name: str, taken: list[Any], params: dict[str, Any], bound: int) -> None:
        self.calls += 1
        parties = [p.at(self.calls, self.calls) for p in three_parties()]
        got = run_parts(REP3[name], [parts for parts, _, _ in taken], params, parties)
        what = functionality(name)
        want = IDEALS[what].compute(*(value for _, value, _ in taken), **params)
        value = got.value
        if what in STOCHASTIC:
            up = value - want
            assert (up <= 1).all(), name
        else:
            np.testing.assert_array_equal(value, want, name)
        signed = value.view(np.int64) if value.dtype == np.uint64 else value
        assert all(abs(int(v)) <= bound for v in signed), f"{name} exceeds its bound"
        (self.bits if value.dtype == bool else self.words).append((got.parts, value, bound))


STEP = st.tuples(
    st.sampled_from(WORDS + BITS),
    st.lists(st.integers(0, 30), min_size=3, max_size=3),
    st.sampled_from([1, 8, 20, 45]),
)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), steps=st.lists(STEP, min_size=3, max_size=15))
def test_a_random_program_agrees_with_the_clear(seed, steps):
    program = Program(seed)
    for name, pick, f in steps:
        program.step(name, pick, f)

"""Where functions of one word are tried: every power of two and its neighbours, then at random."""

import numpy as np
from numpy.typing import NDArray

Exact = np.longdouble  # 64 bits of mantissa: exact integers, errors below 2^-63


def positive(bound: int, n: int, seed: int) -> NDArray[np.int64]:
    """Edges of 1..bound, and n points spread evenly over the orders of magnitude."""
    rng = np.random.default_rng([bound.bit_length(), n, abs(seed)])  # noqa: TID251
    near = {2**k + d for k in range(63) for d in (-1, 0, 1)} | {bound, bound - 1, 3, 5}
    edges = np.array(sorted(v for v in near if 1 <= v <= bound), np.int64)
    spread = np.exp2(rng.uniform(0, np.log2(bound), n)).astype(np.int64)
    return np.concatenate([edges, np.clip(spread, 1, bound)])


def paired(bound_x: int, bound_y: int, n: int, seed: int) -> tuple[NDArray[np.int64], ...]:
    """Pairs of both signs with y != 0, the extreme ones among them."""
    rng = np.random.default_rng([n, abs(seed)])  # noqa: TID251
    x = rng.permutation(positive(bound_x, n, seed))[:n] * rng.choice([-1, 1], n)
    y = positive(bound_y, n, seed + 1)[:n] * rng.choice([-1, 1], n)
    ends = [(a, b) for a in (0, 1, -1, bound_x, -bound_x) for b in (1, -1, bound_y, -bound_y)]
    return tuple(
        np.concatenate([np.array(e), v])
        for e, v in zip(zip(*ends, strict=True), (x, y), strict=True)
    )

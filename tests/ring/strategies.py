"""Words for property tests: edges first, odd shapes always."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

EDGES = [0, 1, 2, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1]
SIZES = [0, 1, 2, 63, 64, 65, 127, 128, 1000, 1023, 1024, 1025, 2049]

word = st.sampled_from(EDGES) | st.integers(0, 2**64 - 1)
shapes = st.sampled_from([(), (0,), (1,), (63,), (64,), (65,), (2, 0), (3, 1, 5)]) | (
    hnp.array_shapes(min_dims=0, max_dims=4, max_side=9)
)


def words(shape):
    """Arrays of a given shape, or of shapes from a strategy."""
    return hnp.arrays(np.uint64, shape, elements=word)


def draw_words(shape, seed):
    """Many words from a seed, with the edges sprinkled in."""
    rng = np.random.default_rng(seed)  # noqa: TID251
    out = rng.integers(0, 2**64, shape, np.uint64)
    return np.where(rng.random(shape) < 0.1, rng.choice(np.array(EDGES, np.uint64), shape), out)


def numbers(array):
    """The same values as Python integers, which never wrap."""
    return array.astype(object)

"""Secret powers of two against bit lengths, for every place and both signs."""

import numpy as np
import pytest

from mpckernel.protocols.composed.normalise import (
    FOUND,
    NEGATIVE,
    leading_of_positive,
    leading_of_signed,
    leading_pair,
)
from tests.protocols.composed.loose import Bench


def _edges(width: int) -> list[int]:
    near = {2**k + d for k in range(width) for d in (-1, 0, 1)} | {2**width - 1}
    return sorted(v for v in near if 0 < v < 2**width)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 15, 16, 17, 41, 60, 61])
def test_a_signed_number_times_its_power_lies_in_the_upper_half(width: int) -> None:
    edges = _edges(width)
    values = np.array([0, *edges, *(-v for v in edges)], np.int64)
    bench = Bench()
    x = bench.secret(values, 2**width - 1)
    lead = leading_of_signed(bench.do, x, width)
    down, found, negative = bench.run(*lead.read(lead.down(), FOUND, NEGATIVE))
    assert down[0] == found[0] == 0
    assert (found[1:] == 1).all()
    assert negative.tolist() == (values < 0).astype(int).tolist()
    for v, a in zip(values[1:].tolist(), down[1:].tolist(), strict=True):
        assert 2 ** (width - 1) <= abs(v) * a <= 2**width


@pytest.mark.parametrize("width", [1, 2, 4, 5, 16, 41, 61])
def test_a_positive_number_its_power_and_its_length(width: int) -> None:
    edges = _edges(width)
    bench = Bench()
    x = bench.secret([0, -1, 1 - 2**width, *edges], 2**width - 1)
    lead = leading_of_positive(bench.do, x, width)
    down, length = bench.run(*lead.read(lead.down(), lead.length()))
    assert not np.stack([down, length])[:, :3].any()
    assert length[3:].tolist() == [v.bit_length() for v in edges]
    assert [v * a >> width - 1 for v, a in zip(edges, down[3:].tolist(), strict=True)] == [1] * len(
        edges
    )


@pytest.mark.parametrize("m", [1, 2, 4, 5, 7, 16, 17, 30, 31])
def test_a_positive_number_times_its_power_of_four(m: int) -> None:
    edges = _edges(2 * m)
    values = np.array([0, -1, -(4**m), *edges], np.int64)
    bench = Bench()
    x = bench.secret(values, 4**m)
    lead = leading_pair(bench.do, x, m)
    root, square, up = bench.run(*lead.read(lead.down(1), lead.down(2), lead.up(1)))
    assert not np.stack([root, square, up])[:, :3].any()
    for v, a, b, c in zip(
        edges, root[3:].tolist(), square[3:].tolist(), up[3:].tolist(), strict=True
    ):
        assert 4 ** (m - 1) <= v * b < 4**m
        assert b == a * a
        assert a * c == 1 << m - 1 + lead.spare


def test_rows_of_an_array_are_independent() -> None:
    values = np.array([[1, 5, 0], [100, 64, 63]], np.int64)
    bench = Bench()
    lead = leading_of_signed(bench.do, bench.secret(values, 127), 7)
    (down,) = bench.run(*lead.read(lead.down()))
    assert down.tolist() == [[64, 16, 0], [1, 1, 2]]


@pytest.mark.parametrize("width", [1, 2, 4, 15, 16, 17, 40])
def test_the_power_and_its_inverse(width: int) -> None:
    edges = _edges(width)
    bench = Bench()
    lead = leading_of_signed(bench.do, bench.secret([0, *edges], 2**width - 1), width)
    down, up = bench.run(*lead.read(lead.down(), lead.up()))
    assert down[0] == up[0] == 0
    assert (down[1:] * up[1:] == 1 << width + lead.spare).all()

"""Every operation of the registry against its ideal functionality and its claims."""

import inspect
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mpckernel.protocols.fitting import ROUGH, spline_at
from mpckernel.protocols.ideal import IDEALS, RANDOM, STOCHASTIC
from mpckernel.protocols.op import OPS
from mpckernel.sharing.rep3 import Bits3, Rep3
from tests.protocols import cases
from tests.protocols.running import REP3, Run, Stream, functionality, run, run_parts, share

SHAPES = [(), (0,), (1,), (63,), (64,), (65,), (3, 0, 2), (2, 3, 11), (1, 128)]


def check(name: str, case: cases.Case, turn: int = 0) -> Run:
    """The result is the ideal's, of its shape; the measured cost is the declared one."""
    op = REP3[name]
    before = [v.copy() for v in case.values]
    got = run(name, *case.values, turn=turn, **case.params)
    want = op.ideal.compute(*case.values, **case.params)
    shape = op.ideal.shape(*(v.shape for v in case.values), **case.params)
    assert got.value.shape == np.shape(want) == shape
    if op.ideal.name in STOCHASTIC:
        up = (got.value - want).view(np.int64)
        assert ((up == 0) | (up == 1)).all(), "neither floor nor floor + 1"
    elif name == "spline":
        assert _is_near(got.value, case).all(), "of no piece it could be of"
    elif name in ROUGH:
        less = case.values[0] - np.uint64(1 << case.params["skip"])
        below = op.ideal.compute(less, **case.params)
        axis = () if name == "rough_sign" else (0,)
        either = [(got.value == v).all(axis) for v in (want, below)]
        assert (either[0] | either[1]).all(), "neither of x nor of x - 2^skip"
    elif name not in RANDOM:
        np.testing.assert_array_equal(got.value, want)
    assert got.cost == op.cost(shape, *(v.shape for v in case.values), **case.params)
    assert len({p._uses for p in got.parties}) == 1, "the parties count their draws differently"
    for v, b in zip(case.values, before, strict=True):
        np.testing.assert_array_equal(v, b)
    return got


def _is_near(got: np.ndarray, case: cases.Case) -> np.ndarray:
    """Floor or floor + 1 of the pieces at either end of rho, for either carry."""
    skip, fine, (x,) = case.params["skip"], case.params["fine"], case.values
    near = np.zeros(got.shape, bool)
    for rho, carry in product((0, (1 << skip) - 1), (0, 1) if fine else (1,)):
        base = spline_at(x, rho=rho, carry=carry, **case.params)
        near |= (got == base) | (got == base + np.uint64(1))
    return near


def test_every_functionality_has_an_operation():
    assert {op.ideal.name for op in REP3.values()} == set(IDEALS)
    assert {f"plain.{name}" for name in IDEALS} <= set(OPS)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", REP3)
def test_value_and_cost_for_awkward_shapes(name, shape):
    for seed in range(4):
        check(name, cases.make(name, cases.shapes_like(name, shape), seed), turn=seed % 3)


EXACT = [n for n in REP3 if functionality(n) not in RANDOM | STOCHASTIC | ROUGH]
ELEMENTWISE = [name for name, op in REP3.items() if op.ideal.elementwise]


@pytest.mark.parametrize("name", ELEMENTWISE)
@settings(max_examples=25)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_value_and_cost_when_shapes_broadcast(name, data, seed):
    n = cases.arity(name)
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=n, max_side=5)).input_shapes
    check(name, cases.make(name, list(shapes), seed), turn=seed % 3)


def _twisted(part):
    """The same part with other strides."""
    if isinstance(part, Rep3):
        return part.map(lambda s: np.asfortranarray(np.repeat(s, 2, axis=-1))[..., ::2])
    return part


@pytest.mark.parametrize("name", [n for n in REP3 if n not in cases.FREE_SHAPE])
def test_non_contiguous_parts(name):
    op, case = REP3[name], cases.make(name, cases.shapes_like(name, (3, 4)), 5)
    parts = share(op, case.values, Stream(5))
    plain = run_parts(op, parts, case.params)
    for x in parts:
        for k, part in enumerate(x):
            x[k] = _twisted(part)
            if isinstance(x[k], Rep3):
                x[k].i.flags.writeable = x[k].j.flags.writeable = False
    twisted = run_parts(op, parts, case.params)
    np.testing.assert_array_equal(plain.value, twisted.value)


@pytest.mark.parametrize("name", EXACT)
def test_roles_rotate_without_changing_the_result(name):
    case = cases.make(name, cases.shapes_like(name, (70,)), 11)
    results = [check(name, case, turn).value for turn in range(3)]
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_price_of_chunks_adds_up(name):
    """What a plan announces for a large call is what its chunks of 2^17 elements cost."""
    op, chunk = REP3[name], 2**17
    for seed in range(4):
        params = cases.make(name, [(1,)] * cases.arity(name), seed).params

        def bits(n, params=params):
            return op.cost((n,), *[(n,)] * cases.arity(name), **params).bits

        assert bits(2 * chunk + 65) == 2 * bits(chunk) + bits(65)


@pytest.mark.parametrize("name", ["select", "mul", "and", "bit_to_word"])
def test_a_party_without_elements_still_keeps_step(name):
    got = check(name, cases.make(name, [(0, 3)] * cases.arity(name), 0))
    assert got.cost.bits == 0


@pytest.mark.parametrize("name", OPS)
def test_colour_matches_claim(name):
    op = OPS[name]
    assert inspect.iscoroutinefunction(op.run) == (callable(op.rounds) or op.rounds > 0)


@pytest.mark.parametrize("name", OPS)
def test_an_operation_names_its_source_and_what_it_leaks(name):
    assert OPS[name].source
    assert OPS[name].leaks


@pytest.mark.parametrize("name", REP3)
def test_results_are_words_or_packed_bits_of_the_right_kind(name):
    case = cases.make(name, cases.shapes_like(name, (65,)), 3)
    got = run(name, *case.values, **case.params)
    kind = {"word": Rep3, "bit": Bits3, "public": np.ndarray}[REP3[name].ideal.gives]
    for part in got.parts:
        assert part is None or isinstance(part, kind)
        if isinstance(part, Rep3 | Bits3):
            assert all(isinstance(s, np.ndarray) and s.dtype == np.uint64 for s in part)

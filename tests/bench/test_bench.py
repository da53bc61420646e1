"""The measuring command: its lines have the promised keys, and counts that repeat exactly."""

import json

import numpy as np
import pytest

from mpckernel.bench.cases import Allowed
from mpckernel.bench.command import main
from mpckernel.bench.growth import GROWING
from mpckernel.bench.run import _wrong
from mpckernel.bench.workloads import CASES, find, known
from mpckernel.protocols.op import OPS

KEYS = {
    "name", "n", "seconds", "range", "sent_bytes", "rounds", "numpy_seconds", "scheme",
    "parties", "encrypted", "network", "planned_bits", "record_seconds", "work_seconds",
    "wire_seconds", "waiting_seconds", "error", "asks", "load",
}  # fmt: skip
DECLARED = {  # an operation of each workload, and its parameters
    "W3a": ("msb", {"width": 64}, (10**5,)),
    "W4b": ("matmul_trunc", {"n": 784, "f": 16}, (128, 128)),
}  # fmt: skip
SMALL = [c for c in CASES.values() if c.n <= 10**5]


@pytest.mark.parametrize("case", SMALL, ids=[c.name for c in SMALL])
def test_inputs_are_within_their_declared_bounds(case):
    for k, column in enumerate(case.columns):
        values = column.values(k)
        assert values.shape == column.shape
        assert np.abs(values).max() <= column.top
        if column.low is not None:
            assert values.min() >= column.low
        np.testing.assert_array_equal(values, column.values(k))


@pytest.mark.parametrize("case", SMALL, ids=[c.name for c in SMALL])
def test_the_plain_program_runs_on_what_is_shared(case):
    result = case.plain(*(c.shared(k) for k, c in enumerate(case.columns)))
    parts = result if isinstance(result, tuple) else (result,)
    assert all(np.isfinite(np.asarray(p, float)).all() for p in parts if p is not None)


def test_an_error_is_a_share_of_what_is_allowed():
    allowed = Allowed(0.5, 0.1)
    assert allowed.used(np.array([1.0, 10.0]), np.array([1.0, 10.0])) == 0
    assert allowed.used(np.array([1.3]), np.array([1.0])) == pytest.approx(0.5)
    assert allowed.used(np.array([11.5, 0.0]), np.array([10.0, 1.0])) > 1
    assert allowed.used(np.array([np.nan]), np.array([1.0])) == np.inf
    assert allowed.used(np.zeros(2), np.zeros(3)) == np.inf
    assert Allowed().used(np.array([1]), np.array([2])) == np.inf


def test_names_of_growing_workloads():
    for kind in GROWING:
        case = find(f"{kind}@1000")
        assert case.n == 1000
        assert known(case.name)
        five = find(f"{kind}@1000x5")
        assert (five.n, known(five.name)) == (5000, True)
    assert not known("product@")
    assert not known("product@10x")
    assert not known("nothing@10")


def test_a_name_that_nobody_knows(capsys):
    with pytest.raises(SystemExit):
        main(["W99"])
    assert "no such case: W99" in capsys.readouterr().err


@pytest.mark.slow
def test_three_processes_measure_and_count(capsys):
    names = ["empty", "W3a", "W4b"]
    assert main([*names, "--json", "--repeats", "1"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in lines] == names
    for line in lines:
        assert set(line) >= KEYS
        assert line["encrypted"]
        assert not line["failed"]
        assert len(line["sent_bytes"]) == line["parties"] == 3
    assert (lines[0]["rounds"], lines[0]["planned_bits"]) == (0, 0)
    for line in lines[1:]:
        name, params, shape = DECLARED[line["name"]]
        cost = OPS[f"rep3.{name}"].fit(shape).cost(shape, shape, **params)
        assert (line["rounds"], line["planned_bits"]) == cost
        assert cost.bits / 8 <= sum(line["sent_bytes"]) <= 1.02 * cost.bits / 8


def test_what_makes_a_figure_worthless():
    right = {"error": 0.9, "content_bits": 4, "planned_bits": 12, "rounds": 2, "planned_rounds": 2}
    assert _wrong([right] * 3) == ""
    assert "times what is allowed" in _wrong([right | {"error": 1.5}, right, right])
    assert "bits were sent" in _wrong([right, right | {"content_bits": 5}, right])
    assert "rounds" in _wrong([right | {"rounds": 3}, right, right])

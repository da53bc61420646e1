"""What workloads cost by today's plans, and that the tables say which figures are older."""

from pathlib import Path

import pytest

from mpckernel.bench import declared, results, tables
from mpckernel.bench.growing import growth
from mpckernel.bench.workloads import CASES
from mpckernel.protocols.op import OPS
from mpckernel.runtime.work import work

BENCH = Path(__file__).parents[2] / "bench"
KEPT = [
    row
    for section in ("loopback", "lan", "wan", "growth")
    for row in results.load(BENCH, section).values()
    if not row["failed"]
]


def test_costs_are_those_of_the_operations_asked_for():
    for name, op, shape, params in (
        ("W3a", "msb", (10**5,), {"width": 64}),
        ("W4b", "matmul_trunc", (128, 128), {"n": 784, "f": 16}),
        ("W11", "mul", (), {}),
    ):
        rounds, bits = OPS[f"rep3.{op}"].fit(shape).cost(shape, shape, **params)
        times = 1000 if name == "W11" else 1
        assert declared.declared(name) == (times * rounds, times * bits)


@pytest.mark.parametrize("name", CASES)
def test_every_workload_has_a_price(name: str) -> None:
    rounds, bits = declared.declared(name)
    assert (rounds > 0) == (bits > 0) == (name != "empty")
    assert work([declared.recorded(CASES[name]).plan]).rounds == rounds


def test_results_of_another_cost_are_marked():
    """So that figures do not grow old in silence: see test_results.py for the page itself."""
    rounds, bits = declared.declared("W3a")
    row = next(r for r in KEPT if r["name"] == "W3a") | {"rounds": rounds, "planned_bits": bits}
    assert not declared.is_old(row)
    assert declared.is_old(row | {"rounds": rounds + 1})
    assert declared.is_old(row | {"planned_bits": bits + 1})
    assert declared.old([row, row | {"rounds": 0}]) == ["W3a"]
    fresh, aged = tables._short({"W3a": row}), tables._short({"W3a": row | {"rounds": 0}})
    assert declared.MARK not in fresh
    assert "| W3a † |" in aged
    assert aged.endswith(declared.NOTE)


def test_growth_says_how_flat_it_is():
    rows = {
        f"product@{n}": {
            "name": f"product@{n}", "n": n, "seconds": n * s, "work_seconds": n * w,
            "wire_seconds": 0.0, "system_seconds": n * w / 2, "peak_bytes": [2**30], "load": 0.5,
            "failed": "", "rounds": 0, "planned_bits": 0, "adds": n * w,
        }
        for n, s, w in (
            (10**4, 9e-7, 9e-7), (10**5, 3e-8, 4e-8), (10**6, 1e-8, 4e-8), (10**7, 1.4e-8, 4e-8)
        )
    }  # fmt: skip
    text = growth(rows)
    assert "| product | 1e+07 | 1.00 | 1.00 | 3.00 (!) | 1.40 | 1.00 | 1.00 |" in text
    assert "| product † | 1e+07 | 0.14 | 14.0 | 40.0 | 40.0 | 20.0 |" in text

"""The measuring command: its lines have the promised keys, and counts that repeat exactly."""

import json

import numpy as np
import pytest

from mpckernel.bench.cases import CASES
from mpckernel.bench.command import main

KEYS = {
    "name", "n", "seconds", "range", "sent_bytes", "rounds", "numpy_seconds", "scheme",
    "parties", "encrypted",
}  # fmt: skip
ROUNDS = {"empty": 0, "W1": 3, "W2": 1, "W3a": 6, "W3b": 6, "W3n": 5, "W4a": 3, "W4b": 3}
BITS = {"W1": 240, "W2": 192, "W3a": 380, "W3b": 380, "W3n": 183}  # of all parties, an element


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_inputs_are_within_their_declared_bounds(case):
    for k, column in enumerate(case.columns):
        values = column.values(k)
        assert values.shape == column.shape
        assert np.abs(values).max() <= column.top
        np.testing.assert_array_equal(values, column.values(k))


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
        assert line["rounds"] == ROUNDS[line["name"]]
        assert line["encrypted"]
        assert len(line["sent_bytes"]) == line["parties"] == 3
    content = lines[1]["n"] * BITS["W3a"] / 8
    assert content <= sum(lines[1]["sent_bytes"]) <= 1.02 * content

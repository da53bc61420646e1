"""Demo 03: its tables are scikit-learn's, and what it compares with is a trained network."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from mpckernel.demo import digits

FOLDER = Path(__file__).parents[2] / "demo_notebooks" / "03_joint_digits"


def test_shipped_tables_are_scikit_learns(tmp_path: Path) -> None:
    prepare = runpy.run_path(str(FOLDER / "prepare.py"))
    for path in prepare["write"](tmp_path):
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()


def test_the_pooled_network_learns_to_read() -> None:
    losses, accuracy, counts = digits.expected(FOLDER)
    assert len(losses.value) == 16
    assert losses.value[0] > 2 > 0.2 > losses.value[-1]
    assert accuracy.value > 0.93
    assert counts.value.sum() == 360
    assert losses.bound.max() < 0.02 * losses.value.max()


def test_a_step_is_down_the_gradient_of_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "REPORT", 1)
    x, y = digits.pooled(FOLDER, test=False)
    (before, _), rows = digits.start(64), np.arange(50)

    def loss(weights: list[np.ndarray]) -> float:
        z = digits.scores(weights, x[rows])
        z = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        return float(-z[rows, y[rows]].mean())

    after = [v.copy() for v in before]
    digits.trained(after, x, y, [rows])
    for k, place in ((0, (3, 20)), (1, (5,)), (2, (7, 7)), (3, (0,))):
        ends = []
        for way in (1e-5, -1e-5):
            moved = [v.copy() for v in before]
            moved[k][place] += way
            ends.append(loss(moved))
        step = digits.RATE * (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(before[k][place] - after[k][place], step, atol=1e-8)

"""The demo's tables and what it compares with, against scikit-learn and SciPy."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mpckernel.demo import folders, health
from mpckernel.demo.kernels import Executed
from mpckernel.demo.summary import compare, failures


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return health.pooled(folders.source())


@pytest.fixture(scope="module")
def expected(table: pd.DataFrame) -> list[health.Expected]:
    return health.of_table(table)


def test_shipped_tables_are_scikit_learns(tmp_path: Path) -> None:
    prepare = runpy.run_path(str(folders.source() / "prepare.py"))
    for path in prepare["write"](tmp_path):
        assert path.read_bytes() == (folders.source() / path.name).read_bytes()


def test_pooled_t_is_scipys(table: pd.DataFrame) -> None:
    from scipy.stats import ttest_ind

    x, sick = table[list(health.COLUMNS)].to_numpy(), table["malignant"].to_numpy()
    want = ttest_ind(x[sick], x[~sick], equal_var=False).statistic
    np.testing.assert_allclose(health.welch(x, sick), want, rtol=1e-12)


def test_bounds_would_notice_something(expected: list[health.Expected]) -> None:
    for item in expected:
        size = np.abs(item.value).max()
        assert (item.bound <= 0.002 * size).all(), f"{item.name}: a bound this wide says nothing"


def run(values: dict[str, object], error: str = "") -> Executed:
    return Executed("alice", Path("alice.ipynb"), {"values": values}, 1.0, error)


def right(expected: list[health.Expected]) -> dict[str, object]:
    return {item.name: item.value.copy() for item in expected}


def test_equal_results_pass(expected: list[health.Expected]) -> None:
    assert failures([run(right(expected))], expected) == []


@pytest.mark.parametrize("by", [2.0, np.nan])
def test_one_wrong_entry_is_found(expected: list[health.Expected], by: float) -> None:
    for item in expected:
        values = right(expected)
        wrong = np.atleast_1d(values[item.name]).astype(float)
        wrong.flat[-1] += by
        values[item.name] = wrong.reshape(item.value.shape)
        assert len(failures([run(values)], expected)) == 1, item.name


def test_a_result_of_another_shape_is_found(expected: list[health.Expected]) -> None:
    values = {**right(expected), "means": np.zeros(4)}
    assert failures([run(values)], expected)


def test_a_notebook_that_failed_is_a_failure(expected: list[health.Expected]) -> None:
    assert failures([run({}, "it stopped")], expected) == ["alice: it stopped"]


def test_tables_show_the_worst_entry(expected: list[health.Expected]) -> None:
    values = right(expected)
    values["correlation"] = values["correlation"] + np.eye(5) * 1e-6  # type: ignore[operator]
    (line,) = [k for k in compare(values, expected) if k.label.startswith("correlation")]
    assert line.good
    assert line.error == pytest.approx(1e-6)

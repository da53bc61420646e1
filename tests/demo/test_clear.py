"""What the demos with models are compared with, against scikit-learn and statsmodels."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import linear_model
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score

from mpckernel.demo import clear, credit, health, risk
from mpckernel.demo.catalogue import DEMOS
from mpckernel.demo.folders import source
from mpckernel.learn.selection import KFold


def of_risk() -> tuple[Any, Any, list[health.Expected]]:
    folder = source(DEMOS["02"].folder)
    table = health.pooled(folder)
    return table[list(risk.COLUMNS)], table["malignant"], risk.expected(folder)


def of_credit() -> tuple[Any, Any, list[health.Expected]]:
    folder = source(DEMOS["04"].folder)
    table = credit.pooled(folder)
    return table.drop(columns=["id", "bad"]), table["bad"] == 1, credit.expected(folder)


@pytest.mark.parametrize("load", [of_risk, of_credit])
def test_what_is_expected_is_what_others_compute(load: Any) -> None:
    import statsmodels.api as sm

    x, y, expected = load()
    named = {item.name: item.value for item in expected}
    z = clear.standard(x.to_numpy(float))
    model = sm.Logit(y.to_numpy(), sm.add_constant(z)).fit(disp=0)
    np.testing.assert_allclose(named["coefficients"], model.params, atol=1e-6)
    np.testing.assert_allclose(named["errors"], model.bse, rtol=1e-6)
    assert named["auc"] == pytest.approx(roc_auc_score(y, model.predict()), abs=1e-4)
    folds = list(KFold(5, shuffle=True, random_state=1).split(z))
    clean = linear_model.LogisticRegression(tol=1e-8, max_iter=1000)
    np.testing.assert_allclose(named["scores"], cross_val_score(clean, z, y, cv=folds), atol=1e-12)


@pytest.mark.parametrize("load", [of_risk, of_credit])
def test_bounds_would_notice_something(load: Any) -> None:
    for item in load()[2]:
        size = np.abs(item.value).max()
        assert (item.bound <= 0.02 * size).all(), f"{item.name}: a bound this wide says nothing"


@pytest.mark.parametrize("number", ["02", "04"])
def test_shipped_tables_are_those_that_prepare_writes(number: str, tmp_path: Path) -> None:
    folder = source(DEMOS[number].folder)
    for path in runpy.run_path(str(folder / "prepare.py"))["write"](tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_rows_of_bank_and_shop_stand_in_different_orders() -> None:
    import pandas as pd

    folder = source(DEMOS["04"].folder)
    bank, shop = (pd.read_csv(folder / f"{name}.csv")["id"] for name in ("alice", "bob"))
    assert sorted(bank) == sorted(shop)
    assert (bank == shop).mean() < 0.01

"""Linear regression beside scikit-learn and statsmodels on the pooled rows."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn import datasets, linear_model

from mpckernel.array import reveal, sfix24, share
from mpckernel.errors import UsageError
from mpckernel.learn.metrics import mean_squared_error
from mpckernel.learn.regression import LinearRegression, Ridge
from tests.learn.pooled import ALICE, one, three
from tests.learn.tables import Table, of_statsmodels


def diabetes() -> Table:
    data = datasets.load_diabetes(scaled=False)
    return data.data, data.target, list(data.feature_names)


SETS: dict[str, Callable[[], Table]] = {
    "diabetes": diabetes,
    "randhie": lambda: of_statsmodels("randhie", "mdvis", 2000),
    "engel": lambda: of_statsmodels("engel", "foodexp", 235),
    "statecrime": lambda: of_statsmodels("statecrime", "murder", 51),
}


@pytest.mark.parametrize("name", SETS)
def test_least_squares_are_those_of_statsmodels(name: str) -> None:
    import statsmodels.api as sm

    x, y, names = SETS[name]()
    want = sm.OLS(y, sm.add_constant(x)).fit()

    def program(_):
        values = share(ALICE.x, dtype=sfix24), share(ALICE.y, dtype=sfix24)
        model = LinearRegression().fit(*values)
        found = model.predict(values[0])
        judged = model.score(*values), mean_squared_error(values[1], found)
        return model.summary(names).reveal(), *reveal(found, *judged, model.converged_)

    table, found, r2, square, converged = one(program, x=x, y=y)
    sizes = np.array([y.std(), *(y.std() / x.std(axis=0))])
    most = np.abs(want.params[1:] / sizes[1:]).max()
    assert converged
    assert (np.abs((table.coefficients - want.params)[1:] / sizes[1:]) < 1e-4 * most).all()
    assert abs(table.coefficients[0] - want.params[0]) < 2e-3 * want.bse[0]
    assert np.abs(table.errors / want.bse - 1).max() < 1e-3
    assert np.abs(table.p_values - want.pvalues).max() < 1e-3
    assert np.abs(found - want.fittedvalues).max() < 1e-3 * y.std()
    assert abs(r2 - want.rsquared) < 2**-13
    assert abs(square / np.mean(want.resid**2) - 1) < 1e-3


@pytest.mark.parametrize("alpha", [0.0, 1.0, 50.0])
@pytest.mark.parametrize("name", ["diabetes", "engel", "statecrime"])
def test_ridge_is_scikit_learns(name: str, alpha: float) -> None:
    x, y, _ = SETS[name]()
    want = linear_model.Ridge(alpha).fit(x, y)

    def program(_):
        model = Ridge(alpha).fit(share(ALICE.x, dtype=sfix24), share(ALICE.y, dtype=sfix24))
        return reveal(model.coef_, model.intercept_, model.converged_)

    slopes, intercept, converged = one(program, x=x, y=y)
    assert converged
    apart = np.abs(slopes - want.coef_) * x.std(axis=0)
    assert apart.max() < 1e-4 * np.abs(want.coef_ * x.std(axis=0)).max() + 1e-4
    assert abs(intercept - want.intercept_) < 1e-3 * y.std()


def test_least_squares_of_longley() -> None:
    """Columns so nearly dependent that float32 loses them: found, to a hundredth of the errors."""
    import statsmodels.api as sm

    x, y, _ = of_statsmodels("longley", "TOTEMP", 16)
    want = sm.OLS(y / 1000, sm.add_constant(x)).fit()

    def program(_):
        values = share(ALICE.x, dtype=sfix24, bound=2**20)
        return (LinearRegression().fit(values, share(ALICE.y, dtype=sfix24)).summary().reveal(),)

    (table,) = one(program, x=x, y=y / 1000)
    assert table.converged
    assert np.abs((table.coefficients - want.params) / want.bse).max() < 0.01
    assert np.abs(table.errors / want.bse - 1).max() < 0.01


def test_what_has_no_answer_is_not_answered() -> None:
    x, y, _ = SETS["statecrime"]()
    twins = np.column_stack([x, x[:, 0]])

    def program(_):
        return (LinearRegression().fit(ALICE.x, ALICE.y).summary().reveal(),)

    (table,) = one(program, x=twins, y=y)
    assert not table.converged
    assert "did NOT converge" in repr(table)
    with pytest.raises(UsageError, match="so few rows"):
        one(program, x=x[:5], y=y[:5])


def test_three_parties() -> None:
    x, y, _ = SETS["statecrime"]()
    want = linear_model.LinearRegression().fit(x, y)

    def program(_):
        model = LinearRegression().fit(share(ALICE.x, dtype=sfix24), ALICE.y)
        return reveal(model.coef_, model.score(ALICE.x, ALICE.y))

    slopes, r2 = three(program, x=x, y=y)
    apart = np.abs(slopes - want.coef_) * x.std(axis=0)
    assert apart.max() < 1e-3 * np.abs(want.coef_ * x.std(axis=0)).max()
    assert abs(r2 - want.score(x, y)) < 2**-12


@pytest.mark.parametrize("name", ["diabetes", "engel"])
def test_without_an_intercept_least_squares_are_those_of_statsmodels(name: str) -> None:
    import statsmodels.api as sm

    x, y, names = SETS[name]()
    want = sm.OLS(y, x).fit()

    def program(_):
        values = share(ALICE.x, dtype=sfix24), share(ALICE.y, dtype=sfix24)
        model = LinearRegression(fit_intercept=False).fit(*values)
        opened = reveal(model.intercept_, model.converged_, model.predict(values[0]))
        return model.summary(names).reveal(), *opened

    table, intercept, converged, found = one(program, x=x, y=y)
    assert converged
    assert intercept == 0
    assert table.names == tuple(names)
    sizes = np.sqrt(np.mean(y**2) / np.mean(x**2, axis=0))
    assert (np.abs(table.coefficients - want.params) / sizes).max() < 1e-4
    assert np.abs(table.errors / want.bse - 1).max() < 1e-3
    assert np.abs(found - want.fittedvalues).max() < 1e-3 * y.std()


@pytest.mark.parametrize("alpha", [0.0, 50.0])
def test_without_an_intercept_ridge_is_scikit_learns(alpha: float) -> None:
    x, y, _ = SETS["diabetes"]()
    x = np.column_stack([x, np.zeros(len(x)), np.full(len(x), 3.0)])
    want = linear_model.Ridge(alpha, fit_intercept=False).fit(x[:, np.arange(12) != 10], y)

    def program(_):
        model = Ridge(alpha, fit_intercept=False)
        model.fit(share(ALICE.x, dtype=sfix24), share(ALICE.y, dtype=sfix24))
        return reveal(model.coef_, model.intercept_, model.converged_)

    slopes, intercept, converged = one(program, x=x, y=y)
    sizes = np.sqrt(np.mean(y**2) / np.mean(x**2, axis=0)[np.arange(12) != 10])
    assert converged
    assert (intercept, slopes[10]) == (0, 0)
    assert (np.abs(np.delete(slopes, 10) - want.coef_) / sizes).max() < 2e-4

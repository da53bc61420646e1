"""Logistic regression beside scikit-learn and statsmodels on the pooled rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import linear_model

from mpckernel.array import reveal, sfix24, share
from mpckernel.errors import UsageError
from mpckernel.learn import logistic
from mpckernel.learn.logistic import LogisticRegression
from mpckernel.learn.regression import LinearRegression
from mpckernel.learn.selection import order_of
from tests.learn.pooled import ALICE, one, price, three
from tests.learn.tables import FOUR, Table, breast_cancer, credit, fair, spector, standard

SETS: dict[str, Callable[[], Table]] = {
    "credit": credit,
    "four columns": lambda: breast_cancer(FOUR),
    "fair": fair,
    "spector": spector,
}


def reference(x: Any, y: Any, penalty: str | None, C: float = 1.0) -> Any:
    model = linear_model.LogisticRegression(
        C=C if penalty else np.inf, tol=1e-12, max_iter=10000, solver="newton-cholesky"
    )
    return model.fit(x, y)


def fitted(model: LogisticRegression) -> Any:
    model.fit(share(ALICE.x, dtype=sfix24), ALICE.y)
    return reveal(model.coef_[0], model.intercept_[0], model.converged_)


@pytest.mark.parametrize("name", [*SETS, "thirty columns"])
def test_with_a_penalty_coefficients_are_scikit_learns(name: str) -> None:
    x, y, _ = breast_cancer() if name == "thirty columns" else SETS[name]()
    x = standard(x)
    want = reference(x, y, "l2")

    def program(_):
        model = LogisticRegression()
        found = fitted(model)
        return *found, reveal(model.predict_proba(ALICE.x)[:, 1])

    slopes, intercept, converged, p = one(program, x=x, y=y)
    assert converged
    assert np.abs(slopes - want.coef_[0]).max() < 2e-4
    assert abs(intercept - want.intercept_[0]) < 2e-4
    assert np.abs(p - want.predict_proba(x)[:, 1]).max() < 1e-4


@pytest.mark.parametrize("C", [0.1, 10.0])
def test_columns_as_they_are_are_penalised_as_they_are(C: float) -> None:
    x, y, _ = credit()
    want = reference(x, y, "l2", C)
    slopes, intercept, converged = one(lambda _: fitted(LogisticRegression(C=C)), x=x, y=y)
    assert converged
    assert np.abs((slopes - want.coef_[0]) * x.std(axis=0)).max() < 2e-4
    assert abs(intercept - want.intercept_[0]) < 1e-3


@pytest.mark.parametrize("name", SETS)
def test_summary_is_that_of_statsmodels(name: str) -> None:
    import statsmodels.api as sm

    x, y, names = SETS[name]()
    want = sm.Logit(y, sm.add_constant(x)).fit(disp=0)

    def program(_):
        model = LogisticRegression(penalty=None).fit(share(ALICE.x, dtype=sfix24), ALICE.y)
        return model.summary(names).reveal()

    table = one(lambda cell: (program(cell),), x=x, y=y)[0]
    assert table.converged
    assert table.names == ("intercept", *names)
    assert np.abs((table.coefficients - want.params) / want.bse).max() < 2e-3
    assert np.abs(table.errors / want.bse - 1).max() < 1e-3
    assert np.abs(table.p_values - want.pvalues).max() < 1e-3
    near = np.abs(table.intervals() - want.conf_int()) / want.bse[:, None]
    assert near.max() < 5e-3
    assert "did NOT" not in repr(table)


@pytest.mark.parametrize("C", [0.1, 1e6])
def test_without_an_intercept(C: float) -> None:
    x, y, _ = credit()
    want = linear_model.LogisticRegression(
        C=C, fit_intercept=False, tol=1e-12, max_iter=10000, solver="newton-cholesky"
    ).fit(x, y)

    def program(_):
        model = LogisticRegression(C=C, fit_intercept=False)
        found = fitted(model)
        table = model.summary().reveal()
        return *found, reveal(model.predict_proba(ALICE.x)[:, 1]), table.names

    slopes, intercept, converged, p, names = one(program, x=x, y=y)
    assert converged
    assert intercept == 0
    assert names == tuple(f"x{k}" for k in range(x.shape[1]))
    assert (np.abs(slopes - want.coef_[0]) * np.sqrt(np.mean(x**2, axis=0))).max() < 1e-3
    assert np.abs(p - want.predict_proba(x)[:, 1]).max() < 1e-4


def test_descent_without_an_intercept() -> None:
    x, y, _ = credit()
    want = linear_model.LogisticRegression(fit_intercept=False, tol=1e-10).fit(standard(x), y)
    model = LogisticRegression(
        solver="sgd", fit_intercept=False, max_iter=10, learning_rate=0.5, batch_size=125
    )
    slopes, intercept, converged = one(lambda _: fitted(model), x=standard(x), y=y)
    assert converged
    assert intercept == 0
    assert np.abs(slopes - want.coef_[0]).max() < 0.1


@pytest.mark.parametrize(("name", "C"), [("spector", 1e6), ("four columns", 1e4), ("fair", 1.0)])
def test_newton_gains_nothing_by_more_steps_than_it_takes(
    name: str, C: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y, _ = SETS[name]()
    found = [one(lambda _: fitted(LogisticRegression(C=C, max_iter=1000)), x=x, y=y)]
    for most in (25, 80):
        monkeypatch.setattr(logistic, "ENOUGH", most)
        found.append(one(lambda _: fitted(LogisticRegression(C=C, max_iter=1000)), x=x, y=y))
    assert all(converged for *_, converged in found)
    for slopes, intercept, _ in found[1:]:
        assert np.abs((slopes - found[0][0]) * x.std(axis=0)).max() < 2**-14
        assert abs(intercept - found[0][1]) < 2**-10


def test_a_thousand_steps_of_newton_cost_what_fifty_do() -> None:
    x, y, _ = spector()
    costs = [
        price(lambda _, k=k: LogisticRegression(max_iter=k).fit(ALICE.x, ALICE.y).coef_, x=x, y=y)
        for k in (49, 50, 1000)
    ]
    assert costs[0] < costs[1] == costs[2]


def test_separable_classes_do_not_count_as_converged() -> None:
    x, y, _ = breast_cancer()

    def program(_):
        model = LogisticRegression(penalty=None)
        found = fitted(model)
        return *found, model.summary().reveal()

    *_, converged, table = one(program, x=standard(x), y=y)
    assert not converged
    assert "did NOT converge" in repr(table)
    assert "did NOT converge" in table._repr_html_()


def test_twin_columns_do_not_count_as_converged() -> None:
    x, y, _ = spector()
    x = np.column_stack([x, x[:, 0]])
    assert not one(lambda _: fitted(LogisticRegression(penalty=None)), x=x, y=y)[2]


@pytest.mark.parametrize("apart", [2.0**-20, 0.006])  # the inverse is not found, or too large
@pytest.mark.parametrize("linear", [False, True])
def test_an_inverse_is_within_its_bound_or_zero(apart: float, linear: bool) -> None:
    rng = np.random.default_rng(1)  # noqa: TID251  (test data)
    z = rng.normal(size=60)
    x = np.c_[z, z + apart * rng.normal(size=60)]
    y = z + 2 * rng.normal(size=60) > 0

    def program(_):
        model = LinearRegression() if linear else LogisticRegression(C=1e6)
        model.fit(share(ALICE.x, dtype=sfix24), share(ALICE.y).astype(int) if linear else ALICE.y)
        return model._v_.bound / 2.0**20, reveal(model._v_), reveal(model.converged_)

    bound, v, converged = one(program, x=x, y=y)
    assert np.abs(v).max() <= bound
    assert converged == v.any()


def test_a_constant_column_has_no_coefficient() -> None:
    x, y, _ = spector()
    want = reference(x, y, "l2")
    wide = np.column_stack([x, np.full(len(x), 3.0)])
    slopes, _, converged = one(lambda _: fitted(LogisticRegression()), x=wide, y=y)
    assert converged
    assert slopes[-1] == 0
    assert np.abs(slopes[:-1] - want.coef_[0]).max() < 1e-3


def test_three_parties() -> None:
    x, y, names = spector()
    want = reference(x, y, "l2")

    def program(_):
        model = LogisticRegression()
        found = fitted(model)
        return *found, reveal(model.score(ALICE.x, ALICE.y)), model.summary(names).reveal().p_values

    slopes, intercept, converged, accuracy, p = three(program, x=x, y=y)
    assert converged
    assert np.abs(slopes - want.coef_[0]).max() < 1e-3
    assert abs(intercept - want.intercept_[0]) < 5e-3
    assert abs(accuracy - want.score(x, y)) < 2**-16
    assert ((p > 0) & (p < 1)).all()


def test_a_step_takes_few_rounds() -> None:
    x, y, _ = spector()
    costs = [
        price(lambda _, k=k: LogisticRegression(max_iter=k).fit(ALICE.x, ALICE.y).coef_, x=x, y=y)
        for k in (2, 12)
    ]
    assert costs[1][0] - costs[0][0] <= 10 * 45
    assert costs[0][0] <= 500


def descended(x: Any, y: Any, epochs: int, size: int, rate: float) -> Any:
    """The same steps in float64: the constant first."""
    n = len(x)
    a, b = np.column_stack([np.ones(n), x]), np.zeros(x.shape[1] + 1)
    decay = np.concatenate([[0], np.ones(x.shape[1])]) / n
    for epoch in range(epochs):
        order = order_of(n, epoch)
        for k in range(0, n - size + 1, size):
            rows = order[k : k + size]
            p = 1 / (1 + np.exp(-a[rows] @ b))
            b = b + rate * (a[rows].T @ (y[rows] - p) / size - decay * b)
    return b


def test_descent_takes_the_steps_of_the_clear_one_and_comes_near() -> None:
    x, y, _ = credit()
    x = standard(x)
    best = reference(x, y, "l2")
    plan = {"max_iter": 15, "learning_rate": 0.5, "batch_size": 125}
    model = LogisticRegression(solver="sgd", **plan)

    def program(_):
        return *fitted(model), reveal(model.score(ALICE.x, ALICE.y))

    slopes, intercept, converged, accuracy = one(program, x=x, y=y)
    want = descended(x, y, 15, 125, 0.5)
    assert converged
    assert np.abs(np.concatenate([[intercept], slopes]) - want).max() < 2e-3
    assert np.abs(slopes - best.coef_[0]).max() < 0.1
    assert abs(accuracy - best.score(x, y)) < 0.02


def test_what_is_not_there_is_said() -> None:
    model = LogisticRegression(C=2.0)
    assert repr(model) == "LogisticRegression(C=2.0)"
    with pytest.raises(UsageError, match="not fitted"):
        model.predict(np.zeros((2, 2)))
    with pytest.raises(UsageError, match="no parameter"):
        model.set_params(gamma=1)
    x, y, _ = spector()
    for wrong in (LogisticRegression("l1"), LogisticRegression(solver="sgd", batch_size=99)):
        with pytest.raises(UsageError):
            one(lambda _, m=wrong: fitted(m), x=x, y=y)
    sgd = LogisticRegression(solver="sgd", max_iter=1)
    with pytest.raises(UsageError, match="solver"):
        one(lambda _: (fitted(sgd), sgd.summary()), x=x, y=y)


def test_a_cell_that_fails_leaves_the_model_as_it_was() -> None:
    x, y, _ = spector()
    model = LogisticRegression()

    def program(_):
        fitted(model)
        raise UsageError("later")

    with pytest.raises(UsageError, match="later"):
        one(program, x=x, y=y)
    assert not [name for name in vars(model) if name.endswith("_")]

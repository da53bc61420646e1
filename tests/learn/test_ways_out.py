"""What somebody who knows scikit-learn, statsmodels or PyTorch writes first: it works, or one
sentence says what to write."""

from typing import Any

import numpy as np
import pytest

from mpckernel import learn, nn
from mpckernel.array import reveal, share, within
from mpckernel.errors import ImplicitReveal, OutOfRange, UsageError
from mpckernel.learn import metrics
from mpckernel.learn.selection import order_of
from tests.learn.pooled import ALICE, one, three
from tests.rooms import three_rooms

X = np.stack([order_of(30, 3), order_of(30, 4)], axis=1) / 15 - 0.95
Y = X[:, 0] + X[:, 1] / 2 + order_of(30, 5) / 30 > 0.5


def fitted() -> Any:
    return learn.LogisticRegression().fit(ALICE.x, ALICE.y)


def test_a_summary_is_revealed_as_anything_else() -> None:
    def program(_: Any) -> Any:
        summary = fitted().summary(["age", "dose"])
        table, more = reveal(summary, [summary])
        return table.coefficients, more[0].coefficients, summary.reveal().coefficients

    first, *others = one(program, x=X, y=Y)
    assert all(np.array_equal(first, other) for other in others)


def test_a_table_that_is_printed_in_its_cell_is_there() -> None:
    def program(cell: Any) -> Any:
        table = fitted().summary(["age", "dose"]).reveal()
        assert "to be revealed" in repr(table)
        assert "to be revealed" in table._repr_html_()
        assert cell.segments_run == 0
        text = f"{table}"
        assert cell.segments_run == 1
        return text, str(table), table.pvalues, table.p_values

    text, again, *p = three(program, x=X, y=Y)
    assert text == again
    assert "std err" in text
    assert "dose" in text
    assert np.array_equal(*p)


def test_a_table_for_one_party_is_not_printed_in_the_cell() -> None:
    def program(_: Any) -> Any:
        str(reveal(fitted().summary(), to="bob"))

    with pytest.raises(ImplicitReveal, match="bob only"):
        one(program, three_rooms, x=X, y=Y)


def test_a_model_is_opened_attribute_by_attribute() -> None:
    def program(_: Any) -> Any:
        reveal(fitted())

    with pytest.raises(UsageError, match=r"reveal\(model.coef_, model.intercept_, model.conv"):
        one(program, x=X, y=Y)
    with pytest.raises(UsageError, match="not fitted yet"):
        one(lambda _: reveal([learn.GaussianNB()]))


def test_metrics_take_tensors() -> None:
    scores = np.stack([-X[:, 0], X[:, 0]], axis=1)
    truth = (Y * 1, X[:, 0] > 0)

    def program(_: Any) -> Any:
        t = nn.Tensor(share(ALICE.scores), requires_grad=True)
        found, y = t.argmax(dim=1), nn.Tensor(share(ALICE.y))
        p = t.softmax(dim=1)
        exact = learn.accuracy_score(y, found), learn.f1_score(y, found)
        more = learn.roc_auc_score(y, p[:, 1]), learn.log_loss(y, p)
        return reveal(*exact, *more, learn.confusion_matrix(ALICE.y, found))

    def plain(_: Any) -> Any:
        found, p = share(ALICE.scores)[:, 1] > 0, share(ALICE.p)
        exact = learn.accuracy_score(ALICE.y, found), learn.f1_score(ALICE.y, found)
        more = learn.roc_auc_score(ALICE.y, p), learn.log_loss(ALICE.y, p)
        return reveal(*exact, *more, learn.confusion_matrix(ALICE.y, found))

    p = 1 / (1 + np.exp(-2 * X[:, 0]))
    got = one(program, scores=scores, y=truth[0])
    for a, b in zip(got, one(plain, scores=scores, y=truth[0], p=p), strict=True):
        assert np.abs(a - b).max() < 2**-12


def test_models_take_tensors() -> None:
    def program(_: Any) -> Any:
        x, y = nn.Tensor(share(ALICE.x)), nn.Tensor(share(ALICE.y) * 1)
        both = learn.LogisticRegression().fit(x, y), fitted()
        return reveal(*(model.score(x, y) for model in both))

    first, second = one(program, x=X, y=Y)
    assert first == second


def test_columns_of_a_table_by_name() -> None:
    table = one(lambda _: fitted().summary().reveal(), x=X, y=Y)
    np.testing.assert_array_equal(table["p"], table.p_values)
    with pytest.raises(KeyError, match="there are coefficient, std err, z, p"):
        table["P>|z|"]
    with pytest.raises(AttributeError, match=r"pd\.DataFrame\(t\.as_dict\(\), index=t\.names\)"):
        table.to_csv("here.csv")


def test_scikit_learn_s_functions_on_our_models() -> None:
    from sklearn.model_selection import cross_val_score

    with pytest.raises(UsageError, match=r"mpckernel\.learn has cross_val_score"):
        cross_val_score(learn.LogisticRegression(), X, Y)


def test_names_are_public() -> None:
    for names in (ALICE.names, "ab"):
        with pytest.raises(UsageError, match=r"names are public text.*summary\(\["):
            one(lambda _, names=names: fitted().summary(names), x=X, y=Y, names=["a", "b"])


def test_keywords_of_functions() -> None:
    with pytest.raises(UsageError, match=r"cross_val_score has no scoring: .*KFold"):
        learn.cross_val_score(learn.GaussianNB(), X, Y, scoring="f1")
    with pytest.raises(UsageError, match="cross_val_score has no n_jobs: "):
        learn.cross_val_score(learn.GaussianNB(), X, Y, n_jobs=2)
    with pytest.raises(UsageError, match=r"f1_score has no average: .*confusion_matrix"):
        learn.f1_score(Y, Y, average="macro")
    with pytest.raises(UsageError, match="recall_score has no y_predict: did you mean y_pred"):
        learn.recall_score(Y, y_predict=Y)
    with pytest.raises(UsageError, match=r"thresholds=np.linspace\(0, 1, 21\)"):
        metrics.roc_curve(Y, X[:, 0])


def test_rows_are_weighed_by_keeping_them() -> None:
    with pytest.raises(UsageError, match=r"compress\(mask, x, y, reveal_count=True\)"):
        learn.LogisticRegression().fit(X, Y, sample_weight=np.ones(30))


def test_names_that_are_missing() -> None:
    with pytest.raises(ImportError, match="no SVC; instead: LogisticRegression"):
        from mpckernel.learn import SVC  # noqa: F401
    with pytest.raises(ImportError, match=r"no make_pipeline; instead: .*fit_transform"):
        learn.make_pipeline
    for name in learn._INSTEAD:
        assert name not in learn.__all__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        learn.nothing


def test_of_a_merged_table_a_bound_is_declared_in_the_merge_or_promised() -> None:
    ids = np.arange(300)
    data = {"a": {"id": ids, "age": ids % 60}, "b": {"id": ids, "y": ids % 7 * 100}}

    def program(limits: Any = None, promised: float | None = None) -> Any:
        t = ALICE.a.merge(ALICE.b, on="id", how="left", fill=0, bounds=limits)
        y = t.y if promised is None else within(t.y, promised)[0]
        return reveal(learn.LinearRegression().fit(t[["age"]], y).coef_)

    with pytest.raises(OutOfRange, match=r"merge\(\.\.\., bounds=.*within\(x, bound\)\[0\]"):
        one(lambda _: program(), **data)
    want = np.polyfit(ids % 60, ids % 7 * 100, 1)[0]
    assert abs(one(lambda _: program({"y": 600}), **data) - want) < 1e-3
    assert abs(one(lambda _: program(promised=600), **data) - want) < 1e-3


def test_numbers_of_parts_are_whole() -> None:
    scores = one(
        lambda _: reveal(
            learn.cross_val_score(learn.LogisticRegression(), ALICE.x, ALICE.y, cv=np.int64(2))
        ),
        x=X,
        y=Y,
    )
    assert scores.shape == (2,)
    for fit in (
        lambda: learn.PCA(2.0).fit(ALICE.x),
        lambda: learn.KMeans(2.0).fit(ALICE.x),
        lambda: learn.cross_val_score(learn.LogisticRegression(), ALICE.x, ALICE.y, cv=2.0),
    ):
        with pytest.raises(UsageError, match="whole number"):
            one(lambda _, fit=fit: fit(), x=X, y=Y)

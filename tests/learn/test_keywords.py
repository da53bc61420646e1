"""Keywords of scikit-learn's constructors: each is there, or one sentence says what to do."""

from inspect import signature
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn import cluster, decomposition, ensemble, linear_model, naive_bayes, preprocessing, tree

from mpckernel import learn
from mpckernel.errors import UsageError
from mpckernel.learn.keywords import INSTEAD

HOMES = (cluster, decomposition, ensemble, linear_model, naive_bayes, preprocessing, tree)
THEIRS: dict[str, Any] = {
    name: getattr(home, name)
    for name in learn.__all__
    for home in HOMES
    if hasattr(getattr(learn, name), "get_params") and hasattr(home, name)
}
MISSING = [
    (name, word)
    for name, theirs in THEIRS.items()
    for word in signature(theirs).parameters
    if word not in signature(getattr(learn, name)).parameters
]


def test_every_estimator_is_looked_at() -> None:
    estimators = {n for n in learn.__all__ if hasattr(getattr(learn, n), "get_params")}
    assert set(THEIRS) == estimators


@pytest.mark.parametrize(("name", "word"), MISSING)
def test_a_keyword_of_scikit_learns_is_there_or_says_why_not(name: str, word: str) -> None:
    with pytest.raises(UsageError, match=f"^{name} has no {word}: ") as caught:
        getattr(learn, name)(**{word: 1})
    assert isinstance(caught.value, TypeError)
    if sklearn.__version__.startswith("1.9."):
        assert str(caught.value).endswith(INSTEAD[word])


def test_no_sentence_is_left_over() -> None:
    if sklearn.__version__.startswith("1.9."):
        assert {word for _, word in MISSING} | {"sample_weight"} == set(INSTEAD)


def test_others_are_compared_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="did you mean n_components"):
        learn.PCA(n_component=2)
    with pytest.raises(UsageError, match="Ridge has no gamma: it has alpha, fit_intercept"):
        learn.Ridge(gamma=1)
    with pytest.raises(UsageError, match="KMeans has no sample_weight: rows count alike"):
        learn.KMeans().fit(np.zeros((2, 2)), sample_weight=[1, 1])
    with pytest.raises(UsageError, match="did you mean x"):
        learn.Ridge().fit(X=np.zeros((2, 2)), y=[1, 1])


def test_signatures_stay_as_written() -> None:
    assert list(signature(learn.Ridge).parameters) == ["alpha", "fit_intercept"]
    assert learn.Ridge(2.0).get_params() == {"alpha": 2.0, "fit_intercept": True}
    assert repr(learn.LinearRegression(fit_intercept=False)) == (
        "LinearRegression(fit_intercept=False)"
    )

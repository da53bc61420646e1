"""scikit-learn's keywords that models on secrets do not have, and what to do instead.

Most of them steer what cannot be steered in secret: when to stop, how large a tree may grow, what
is done on which core.
Source: the constructors of scikit-learn 1.9.
"""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from mpckernel.errors import Unsupported

_EARLY = "when to stop would tell of the data; leave it out, as steps are always as many"
_FULL = "the form of a tree would tell of the data; max_depth says how large all of them are"
_COPY = "secrets are never changed in place; leave it out"
_ONE_WAY = "there is one way that works on secrets; leave it out"
_DIGITS = "squarings says how exact the components are"
_COLUMNS = "a tree may split every column; random forests choose from some"
_SCALED = "both are done; z * model.scale_ or z + model.mean_ / model.scale_ takes one back"

INSTEAD = {
    "algorithm": _ONE_WAY,
    "alpha": "the loss is the squared error; leave it out",
    "ccp_alpha": _FULL,
    "class_weight": "classes count alike; compare predict_proba(x)[:, 1] with another threshold",
    "copy": _COPY,
    "copy_X": _COPY,
    "copy_x": _COPY,
    "criterion": "it is the Gini impurity for classes and the squared error for numbers",
    "dual": _ONE_WAY,
    "init": "the first score is the mean, or the odds, of y; leave it out",
    "intercept_scaling": "the intercept is not penalised; leave it out",
    "iterated_power": _DIGITS,
    "l1_ratio": 'what there is, is penalty="l2" or penalty=None',
    "loss": "it is the log loss for classes and the squared error for numbers",
    "max_features": _COLUMNS,
    "max_iter": "it is solved at once, without steps; leave it out",
    "max_leaf_nodes": _FULL,
    "max_samples": "as many rows are drawn as there are; leave it out",
    "min_impurity_decrease": _FULL,
    "min_samples_leaf": _FULL,
    "min_samples_split": _FULL,
    "min_weight_fraction_leaf": _FULL,
    "monotonic_cst": "thresholds follow the data alone; leave it out",
    "n_iter_no_change": _EARLY,
    "n_jobs": "a joint cell uses the cores there are; leave it out",
    "n_oversamples": _DIGITS,
    "oob_score": "keep rows for testing with train_test_split, or use cross_val_score",
    "positive": "coefficients of either sign are all there is; leave it out",
    "power_iteration_normalizer": _DIGITS,
    "random_state": "nothing is drawn; leave it out",
    "sample_weight": "rows count alike; keep rows with compress(mask, x, y, reveal_count=True)",
    "solver": _ONE_WAY,
    "splitter": "the best split is taken; leave it out",
    "subsample": "every tree looks at all rows; leave it out",
    "svd_solver": _ONE_WAY,
    "tol": _EARLY,
    "validation_fraction": _EARLY,
    "verbose": "a long cell says how far it is by itself; leave it out",
    "warm_start": "every fit starts anew; leave it out",
    "whiten": "divide by np.sqrt(model.explained_variance_) after transform",
    "with_mean": _SCALED,
    "with_std": _SCALED,
}


_TWO = "it is of two classes; of more, reveal(confusion_matrix(y, found, n_classes=k)) says all"
OF_FUNCTIONS = {
    "average": _TWO,
    "drop_intermediate": "thresholds are those that you give; leave it out",
    "error_score": "a fit that cannot be done ends the cell; leave it out",
    "fit_params": "give the parameters to the estimator; leave it out",
    "groups": "folds are of row numbers; give cv= something with split(x)",
    "labels": "n_classes says how many there are, 0 .. n_classes - 1",
    "max_fpr": "the whole curve counts; leave it out",
    "multi_class": _TWO,
    "multioutput": "one column at a time",
    "normalize": "counts are exact; divide what reveal gives",
    "params": "give the parameters to the estimator; leave it out",
    "pos_label": "1 is what is looked for; y == label makes it so",
    "pre_dispatch": INSTEAD["n_jobs"],
    "scoring": "scores are those of estimator.score; another metric is measured in a loop, "
    "for train, test in KFold(5).split(x)",
    "zero_division": "a ratio of nothing is 0; leave it out",
}
F = TypeVar("F", bound=Callable[..., Any])


def explained(method: F) -> F:
    """The method of an estimator, or a function, and a sentence where it is given a keyword that
    it does not have.

    Raises Unsupported, which is a TypeError as well. The signature stays as it is written.
    """
    names = list(signature(method).parameters)
    known = [name for name in names if name != "self"]

    @wraps(method)
    def call(*args: Any, **keywords: Any) -> Any:
        for name in keywords:
            if name not in known:
                who = type(args[0]).__name__ if known != names else method.__name__
                ways = INSTEAD if known != names else INSTEAD | OF_FUNCTIONS
                raise Unsupported(f"{who} has no {name}: {_instead(name, known, ways)}")
        return method(*args, **keywords)

    return call  # type: ignore[return-value]  # of the same signature


def _instead(name: str, known: Iterable[str], ways: Mapping[str, str]) -> str:
    if name in ways:
        return ways[name]
    known = list(known)
    near = get_close_matches(name.lower(), known, 1)
    has = f"it has {', '.join(known)}" if known else "it has no parameters"
    return f"did you mean {near[0]}?" if near else has

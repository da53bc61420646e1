"""Models fitted to secret-shared data, with scikit-learn's interface.

What is learned stays secret until it is revealed. Names are loaded when they are used.
Source of the names: scikit-learn, statsmodels for summaries, and SciPy for tests.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "association": "pearsonr ttest_ind",
    "base": "check_is_fitted clone",
    "joining": "align",
    "logistic": "LogisticRegression",
    "metrics": "accuracy_score confusion_matrix f1_score log_loss mean_squared_error "
    "precision_score r2_score recall_score roc_auc_score roc_curve",
    "regression": "LinearRegression Ridge",
    "scaling": "StandardScaler",
    "selection": "KFold cross_val_score train_test_split",
    "bayes": "GaussianNB",
    "clusters": "KMeans",
    "components": "PCA",
    "boosting": "GradientBoostingClassifier GradientBoostingRegressor",
    "trees": "DecisionTreeClassifier DecisionTreeRegressor RandomForestClassifier "
    "RandomForestRegressor",
}
_EACH = "do one step after the other: z = StandardScaler().fit_transform(x); model.fit(z, y)"
_LOOP = "a loop: for c in (0.1, 1, 10): cross_val_score(LogisticRegression(C=c), x, y), and reveal"
_LINE = "LogisticRegression separates two classes by a line, too"
_FOLDS = "KFold, after mpckernel.shuffle where rows are in an order"
_BOOST = "GradientBoosting{} splits at edges of histograms, too"
_INSTEAD = {
    "classification_report": "precision_score, recall_score and f1_score give its numbers",
    "cross_val_predict": "a loop: for train, test in KFold(5).split(x)",
    "cross_validate": "cross_val_score",
    "ElasticNet": "Ridge",
    "GridSearchCV": _LOOP,
    "HistGradientBoostingClassifier": _BOOST.format("Classifier"),
    "HistGradientBoostingRegressor": _BOOST.format("Regressor"),
    "KNeighborsClassifier": "GaussianNB or RandomForestClassifier",
    "LabelEncoder": "an owner makes numbers 0 .. k - 1 of words before they are shared",
    "Lasso": "Ridge",
    "LinearSVC": _LINE,
    "MLPClassifier": "mpckernel.nn has networks",
    "MLPRegressor": "mpckernel.nn has networks",
    "MinMaxScaler": "StandardScaler",
    "OneHotEncoder": "mpckernel.one_hot(x, n)",
    "Pipeline": _EACH,
    "RandomizedSearchCV": _LOOP,
    "SGDClassifier": 'LogisticRegression(solver="sgd")',
    "SVC": _LINE,
    "StratifiedKFold": _FOLDS,
    "make_pipeline": _EACH,
    "mean_absolute_error": "np.mean(np.abs(y - found))",
}
_NAMES = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_NAMES)  # noqa: PLE0605  (from the table)


def __getattr__(name: str) -> Any:
    """A public name, loaded now. Of scikit-learn's that are missing, ImportError says what to do:
    an AttributeError would be put into other words by `from mpckernel.learn import SVC`."""
    if name in _INSTEAD:
        raise ImportError(f"mpckernel.learn has no {name}; instead: {_INSTEAD[name]}")
    if name not in _NAMES:
        raise AttributeError(f"module 'mpckernel.learn' has no attribute {name!r}")
    return getattr(import_module(f"mpckernel.learn.{_NAMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})

"""Models fitted to secret-shared data, with scikit-learn's interface.

What is learned stays secret until it is revealed. Names are loaded when they are used.
Source of the names: scikit-learn, and statsmodels for summaries.
"""

from importlib import import_module
from typing import Any

_HOMES = {
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
_NAMES = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_NAMES)  # noqa: PLE0605  (from the table)


def __getattr__(name: str) -> Any:
    """A public name, loaded now."""
    if name not in _NAMES:
        raise AttributeError(f"module 'mpckernel.learn' has no attribute {name!r}")
    return getattr(import_module(f"mpckernel.learn.{_NAMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})

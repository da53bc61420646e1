"""What models take beside what base.py reads: numbers as fixed point, and labels as flags."""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import DEFAULT
from mpckernel.array.functions.indexing import one_hot
from mpckernel.array.publics import as_number
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.base import column, table


def reals(x: Any) -> SecretArray:
    """A table as fixed point: integers become f = 20, fixed point keeps its fraction bits."""
    rows = table(x)
    return rows if rows.dtype.kind == "f" else rows.astype(DEFAULT)


def real_column(y: Any, rows: int) -> SecretArray:
    """A value for each row as fixed point, likewise."""
    return reals(column(y, rows)[:, None])[:, 0]


def class_flags(y: Any, rows: int, classes: int) -> SecretArray:
    """(rows, classes) integers: 1 at the class of each row. y: booleans or 0 .. classes - 1.

    A label outside belongs to no class. Free for booleans; else mpckernel.one_hot.
    """
    if not isinstance(classes, int) or classes < 2:
        raise UsageError("n_classes is a public whole number, at least 2")
    labels = column(y, rows)
    if labels.dtype.kind == "f":
        raise UsageError("labels are whole numbers or booleans; y.astype(int) makes them so")
    if labels.dtype.kind == "b" and classes == 2:
        one = as_number(labels)
        return np.stack([1 - one, one], -1)
    return one_hot(as_number(labels), classes)


def right(predicted: SecretArray, y: Any) -> SecretArray:
    """The mean accuracy: how many predictions are the label, over how many there are."""
    found = as_number(column(y, len(predicted)))
    return np.mean(predicted == found)

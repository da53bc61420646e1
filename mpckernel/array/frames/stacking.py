"""Rows of several owners under each other, by the names of columns.

Source: pandas.concat, by the order of rows and columns.
"""

from collections.abc import Sequence

import numpy as np

from mpckernel.array.frames.joint import JointFrame
from mpckernel.array.operators import here
from mpckernel.errors import UsageError


def stacked(tables: Sequence[JointFrame], names: Sequence[str]) -> JointFrame:
    """One table with the rows of all, in the order given; columns in the order of the first.

    names: how a refusal calls each. UsageError if one lacks a column of another, or a column is
    text in one and numbers in another.
    """
    first = tables[0]
    for table, name in zip(tables, names, strict=True):
        for one, other, short in ((first, table, name), (table, first, names[0])):
            if lacking := [column for column in one if column not in other]:
                raise UsageError(
                    f"{here()}concat: {short} has no column {lacking[0]!r}; choose those that all "
                    "have: columns = [...]; concat(alice.df[columns], bob.df[columns])"
                )
        if uneven := table._words ^ first._words:
            raise UsageError(
                f"{here()}concat: column {min(uneven)!r} of {name} and {names[0]}: text in one "
                "and numbers in the other"
            )
    columns = {c: np.concatenate([t._columns[c] for t in tables]) for c in first}
    return JointFrame(columns, first._words)

"""The notebook a party starts with in a classroom: a few cells that show the whole idea."""

from collections.abc import Sequence
from typing import Any

from mpckernel.kernel.progress import listed

_PRIVATE = """\
# Private: only {me} has this.
import numpy as np
ages = np.array({ages})
ages.mean()"""

_JOINT = """\
%%mpc
# The same cell in all {n} notebooks.
age = concat({columns})
old = age > 60
reveal(age.mean(), age.std(), old.sum())"""

_AGES = ([34, 61, 45, 72], [29, 66, 58], [81, 43, 39, 64, 50], [33, 48], [57, 62], [70, 26, 41])


def party_notebook(me: str, names: Sequence[str]) -> dict[str, Any]:
    """A notebook file for one party, with our kernel."""
    k, others = names.index(me), listed(tuple(name for name in names if name != me))
    columns = ", ".join(f"{name}.ages" for name in names)
    cells = [
        _text(
            f"# You are {me}\n\nThe other notebooks are {others}. Run the cells from top to bottom "
            "in every notebook. A joint cell (`%%mpc`) waits until all parties have run it; in it, "
            "a party's name stands for that party's private variables. After a restart of one "
            "kernel, restart the others too: a new room opens by itself."
        ),
        _code("%mpc status"),
        _code(_PRIVATE.format(me=me, ages=_AGES[k % len(_AGES)])),
        _code(_JOINT.format(n=len(names), columns=columns)),
        _text("`age` is a secret now: each party holds shares of it, nobody has the values."),
        _code("age"),
        _code("%mpc inspect age"),
        _code("%mpc log"),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    spec = {"name": "mpckernel", "display_name": "MPC (Python 3)", "language": "python"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": spec, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }

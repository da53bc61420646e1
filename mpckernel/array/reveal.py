"""reveal: the only way from a secret to a public value.

`reveal(x)` records the opening and gives an Opened (opened.py), which has its value as soon as the
plan has run: at the end of the cell, or at once if the cell goes on to use it.
"""

from typing import Any

import numpy as np

from mpckernel.array.opened import Opened
from mpckernel.array.operators import here
from mpckernel.array.owners import OwnerName, OwnerPath
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Bug, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT
from mpckernel.ring.words import as_words
from mpckernel.runtime.cell import Cell, current
from mpckernel.runtime.digest import digest


def reveal(*x: Any, to: Any = None) -> Any:
    """Open secrets: to every party, or to one (`to=alice`).

    x: secret arrays and tensors, owners' variables, summaries of models, public values (given back
    as they are), also inside tuples, lists and dicts. One argument gives one result, several
    give a tuple. Booleans become bool, integers int64, fixed point float64 (exact: word / 2^f).
    Leaks the values, to all or to the receiver; the ledger keeps what was opened.
    Public values are the same at every party, or the cell ends with CellsDiffer before anything is
    opened: one that differs is a private variable without its owner's name.
    Raises UsageError if `to` is not a party of the room, or a party stands among the values.
    """
    cell = current()
    if not x:
        raise UsageError(f"{here()}reveal takes at least one value: reveal(x)")
    for name in x[1:]:  # where one would write it for whom
        if isinstance(name, str) and name in cell.parties:
            raise _meant_for(name)
    receiver = None if to is None else _receiver(cell, to)
    opened = tuple(_open(cell, value, receiver) for value in x)
    return opened[0] if len(opened) == 1 else opened


def _receiver(cell: Cell, to: Any) -> int:
    if isinstance(to, OwnerName):
        return to._number
    if isinstance(to, str) and to in cell.parties:
        return cell.parties.index(to)
    raise UsageError(f"{here()}reveal: to= is one of {', '.join(cell.parties)}")


def _meant_for(name: str) -> UsageError:
    return UsageError(
        f"{here()}{name} is a party, and no value; to open something to {name} alone: "
        f"reveal(x, to={name})"
    )


def _agreed(cell: Cell, value: Any) -> Any:
    """A public value, which from here on is part of the plan that all parties compare."""
    plain = value.to_numpy() if hasattr(value, "to_numpy") else value
    told = _told(plain)
    if isinstance(plain, np.ndarray) and plain.dtype.hasobject:
        plain = plain.tolist()
    try:
        word = int.from_bytes(digest("revealed", plain, size=8), "little") % LIMIT
    except Bug:  # an object of which nobody can say whether it is the same elsewhere
        return value
    cell.plan.said[word] = told
    cell.record(ideal.public, as_words(word))
    return value


def _told(plain: Any) -> str:
    """What an error in this notebook says of a public value: a number; of a text, which may be a
    whole private file, and of an array how long they are."""
    if isinstance(plain, np.ndarray):
        return f"of shape {plain.shape}"
    if isinstance(plain, str | bytes):
        return f"a text of {len(plain)} characters"
    return str(plain) if isinstance(plain, int | float | np.number | np.bool_ | None) else ""


def _open(cell: Cell, value: Any, to: int | None) -> Any:
    if isinstance(value, OwnerName):
        raise _meant_for(value._name)
    if isinstance(value, OwnerPath):
        value = value._stands_for()
    elif hasattr(type(value), "_revealed"):  # it says itself what of it is opened
        return value._revealed(None if to is None else cell.parties[to])
    elif holds(value):
        value = value.data
    if isinstance(value, SecretArray):
        bits = value.dtype.kind == "b"
        if to is None:
            call = cell.record(ideal.open_bits if bits else ideal.open_words, value.call)
        else:
            function = ideal.open_bits_to if bits else ideal.open_words_to
            call = cell.record(function, value.call, to=to)
        return Opened(cell, call, value.dtype, to)
    if type(value) in (tuple, list):
        return type(value)(_open(cell, v, to) for v in value)
    if type(value) is dict:
        return {k: _open(cell, v, to) for k, v in value.items()}
    return value if isinstance(value, Opened) else _agreed(cell, value)


def holds(value: Any) -> bool:
    """Whether it is a secret array with something around it, such as a tensor."""
    plain = isinstance(value, SecretArray | np.ndarray | np.generic)
    has = not plain and hasattr(type(value), "data")
    return has and isinstance(value.data, SecretArray)

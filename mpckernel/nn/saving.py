"""A model's state on the disks of its parties, each its own shares, sealed.

    nn.save("digits", model.state_dict())            %%mpc: digits.alice.shares at alice, ...
    model.load_state_dict(nn.load("digits"))         %%mpc, another day, the same parties

What is public (names, shapes, types, bounds, numbers) stands in the head of the file; the shares
are encrypted under a key that only this party has. Source: none; session/vault.py for the files.
"""

from typing import Any, TypeAlias

import numpy as np

from mpckernel.array.dtypes import type_from
from mpckernel.array.operators import here, plain_parts
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError
from mpckernel.nn.module import Module
from mpckernel.nn.tensor import Tensor
from mpckernel.runtime import keeping
from mpckernel.runtime.cell import current

Form: TypeAlias = list[
    Any
]  # ["secret", k, type, owners] | ["array", k] | ["dict", [[key, Form]...]] ...

_DEEPEST = 32


def save(name: str, state: Any) -> None:
    """Write `<name>.<party>.shares` in every party's own folder, at all of them or at none.

    name: letters, digits, _ and -; a save of the same name is replaced. state: secret arrays and
    tensors, public arrays and numbers, text and None, in dicts, lists and tuples; or a module,
    whose state_dict() is saved. Runs the cell so far; the files are there when it has committed.
    Leaks nothing. Two of the files together, with the keys of their parties, are the values: what
    is saved is as safe as two parties' disks. Raises UsageError, at every party, if one of them
    cannot write its file, and Unsupported for anything else in the state.
    """
    if not isinstance(name, str):
        raise UsageError(f"{here()}save: the name comes first, nn.save('digits', model)")
    pieces: list[keeping.Piece] = []
    state = state.state_dict() if isinstance(state, Module) else state
    keeping.keep(current(), name, {"form": _taken_apart(state, pieces, 0)}, pieces)


def load(name: str) -> Any:
    """What was saved under this name, in a room of the same parties with the same keys.

    Leaks nothing. Raises UsageError at every party, before anything is computed, and names who
    lacks the file, whose file was changed or belongs to another seat or room, or who has the file
    of another save.
    """
    about, pieces = keeping.restored(current(), name)
    return _put_together(about["form"], pieces)


def _taken_apart(x: Any, pieces: list[keeping.Piece], depth: int) -> Form:
    """The form of a state; its arrays go to `pieces`."""
    if type(x) not in (dict, list, tuple):
        x = plain_parts(x.data if isinstance(x, Tensor) else x)
    if depth > _DEEPEST:
        raise Unsupported(f"{here()}save: a state this deep, or one that contains itself")
    if isinstance(x, SecretArray):
        if x.dtype.kind == "w":
            raise Unsupported(
                f"{here()}save: sums of type swide are not saved; x.astype(...) first"
            )
        pieces.append(x.call)
        return ["secret", len(pieces) - 1, x.dtype.name, sorted(x.owners)]
    if isinstance(x, np.ndarray) and x.dtype.kind in "biuf":
        pieces.append(x)
        return ["array", len(pieces) - 1]
    if type(x) is dict and all(type(key) in (str, int) for key in x):
        return ["dict", [[key, _taken_apart(v, pieces, depth + 1)] for key, v in x.items()]]
    if type(x) in (list, tuple):
        return [type(x).__name__, [_taken_apart(v, pieces, depth + 1) for v in x]]
    if isinstance(x, np.number | np.bool_):
        x = x.item()
    if x is None or type(x) in (bool, int, str) or (type(x) is float and np.isfinite(x)):
        return ["value", x]
    raise Unsupported(
        f"{here()}save: a state has arrays, finite numbers, text and None, in dicts, lists and "
        f"tuples, not a {type(x).__name__}"
    )


def _put_together(form: Form, pieces: list[keeping.Piece]) -> Any:
    match form:
        case ["secret", k, name, owners]:
            return SecretArray(pieces[k], type_from(name), frozenset(owners))
        case ["array", k]:
            return pieces[k]
        case ["dict", items]:
            return {key: _put_together(each, pieces) for key, each in items}
        case ["list", items]:
            return [_put_together(each, pieces) for each in items]
        case ["tuple", items]:
            return tuple(_put_together(each, pieces) for each in items)
        case ["value", x]:
            return x
    raise UsageError("this save was written by another version of mpckernel")

"""How an owner's value becomes secret arrays: it describes, the others check, all record inputs.

The others learn shape, type and bound of each array, and a description of what is made of several.
All checks happen at the owner before anything is sent; a refusal says how many values are wrong
and where the first one is, never a value.
"""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from mpckernel.array.dtypes import SecretType, type_from
from mpckernel.array.owners import OwnerPath, value_of
from mpckernel.array.prepare import Prepared, prepare
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Bug, PeerError, Unsupported, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT
from mpckernel.ring.words import Shape
from mpckernel.runtime.announcing import announce
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import Cell, current, empty_operand

MOST_ELEMENTS = 2**32
MOST_AXES = 32
MOST_PARTS = 4096

_CANNOT_BE = "a party describes an input that cannot be; the mesh is closed"
_TYPE = re.compile("sint|sbool|sfix[1-9][0-9]?")  # nothing else of a peer's reaches NumPy
_seen = threading.local()  # inputs of the plan that is being recorded, by path

About: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """One array of something that an owner shares in parts. name: how a refusal calls it; how: the
    code that declares a bound of it; dtype: its type, where they have none in common."""

    name: str
    value: Any
    bound: float | None = None
    how: str | None = None
    dtype: SecretType | None = None


Describe: TypeAlias = Callable[[Any], tuple[About, Sequence[Part]] | None]


@dataclass(frozen=True, slots=True, repr=False)
class _Announced:
    """What everybody knows of an input by now, and the calls that stand for its arrays."""

    about: About | None  # None: one array
    calls: tuple[tuple[Call, SecretType], ...]

    def arrays(self, path: OwnerPath) -> list[SecretArray]:
        """Each of its own: what one user does with it does not change another's."""
        contributed = frozenset((current().parties[path._owner._number],))
        return [SecretArray(call, t, contributed) for call, t in self.calls]


def share_array(
    path: OwnerPath, wanted: SecretType | None = None, bound: float | None = None
) -> SecretArray:
    """An owner's variable as one secret array; errors and leaks as for share."""
    return _once(path, wanted, bound, None).arrays(path)[0]


def share_parts(
    path: OwnerPath, describe: Describe, dtype: SecretType | None
) -> tuple[About, list[SecretArray]]:
    """What an owner says of a private thing, and the arrays it is made of, as secrets of a type,
    or if None each of its own, which the caller then checks.

    describe(thing) runs at the owner alone and gives a public description (str, int, bool, None,
    lists and dicts of them, 7 levels deep) and the parts; a UsageError in it ends the cell at every
    party before anything is sent, any other exception by the name of its type alone. At the others
    the description may be anything a peer can say, and is the caller's to check; shapes, types and
    bounds are checked here. Leaks the description, and shape and bound of each part.
    """
    announced = _announced(path, dtype, None, describe)
    if announced.about is None:
        raise PeerError(_CANNOT_BE)
    return announced.about, announced.arrays(path)


def share_either(
    path: OwnerPath, describe: Describe, wanted: SecretType | None, bound: float | None, key: Any
) -> tuple[About | None, list[SecretArray]]:
    """As share_parts, or if describe(thing) gives None as share_array: the description is None.

    key: what else this depends on; hashable. What is asked for twice is shared once.
    """
    announced = _once(path, wanted, bound, describe, key)
    return announced.about, announced.arrays(path)


def _once(
    path: OwnerPath,
    wanted: SecretType | None,
    bound: float | None,
    describe: Describe | None,
    more: Any = None,
) -> _Announced:
    text, complete = path._text()
    if not complete:
        return _announced(path, wanted, bound, describe)
    known, key = _inputs_of(current()), (path._owner._number, text, wanted, bound)
    for at in (key, (*key, more)):
        if at in known and (describe is not None or known[at].about is None):
            return known[at]
    announced = _announced(path, wanted, bound, describe)
    known[key if announced.about is None else (*key, more)] = announced
    return announced


def _inputs_of(cell: Cell) -> dict[Any, _Announced]:
    """Of the current plan: the same at every party, whatever its garbage collector does."""
    now = (cell.run, cell.segments_run)
    if getattr(_seen, "now", None) != now:
        _seen.now, _seen.calls = now, {}
    return _seen.calls  # type: ignore[no-any-return]


def _announced(
    path: OwnerPath, wanted: SecretType | None, bound: float | None, describe: Describe | None
) -> _Announced:
    """Tell what it is, and record the inputs."""
    cell, owner = current(), path._owner._number

    def give() -> tuple[About, list[np.ndarray]]:
        value = value_of(path, cell.namespace)
        described = None if describe is None else _described(value, describe, path)
        if described is None:
            x = prepare(value, wanted, bound, repr(path))
            _tell_owner(cell, [(repr(path), x)])
            return _public(x), [x.data]
        about, parts = described
        made = [prepare(x.value, wanted or x.dtype, x.bound, x.name, x.how) for x in parts]
        if len(made) > MOST_PARTS:
            raise Unsupported(f"{path!r}: more than {MOST_PARTS} arrays; share them one by one")
        _tell_owner(cell, [(part.name, x) for part, x in zip(parts, made, strict=True)])
        return {"about": about, "parts": [_public(x) for x in made]}, [x.data for x in made]

    what, data = announce(cell, owner, give)
    if describe is not None and "parts" in what:
        about, each = _understood_parts(what, wanted)
    else:
        about, each = None, [understood(what, wanted)]
    words = [None] * len(each) if data is None else data
    calls = (_recorded(cell, owner, *both) for both in zip(each, words, strict=True))
    return _Announced(about, tuple(zip(calls, (one[1] for one in each), strict=True)))


def _tell_owner(cell: Cell, made: list[tuple[str, Prepared]]) -> None:
    """A note at the owner alone, if what it shares is small beside its steps."""
    coarse = [(name, x.dtype) for name, x in made if x.coarse]
    if coarse:
        name, t = coarse[0]
        more = f" and {len(coarse) - 1} more" if len(coarse) > 1 else ""
        cell.notes.append(
            f"{name}{more}: most values are so small that steps of 2^-{t.f} change them by more "
            "than 1 %, or make them 0; scale them up, or share with more fraction bits"
        )


def _described(thing: Any, describe: Describe, path: OwnerPath) -> Any:
    try:
        return describe(thing)
    except (UsageError, Bug):
        raise
    except Exception as why:  # noqa: BLE001  (what private objects raise stays private)
        raise UsageError(f"{path!r} raised {type(why).__name__}") from None


def _recorded(cell: Cell, owner: int, one: tuple[Shape, SecretType, int], data: Any) -> Call:
    """The input, with the owner's words where they are."""
    shape, t, limit = one
    function = ideal.input_bits if t.kind == "b" else ideal.input_words
    call = cell.record(function, empty_operand(), owner=owner, shape=shape, bound=limit)
    cell.check_limits()
    if data is not None:
        call.private = data
    return call


def _public(x: Prepared) -> dict[str, Any]:
    """What everybody learns of an input."""
    return {"shape": list(x.data.shape), "type": x.dtype.name, "bound": x.bound}


def _understood_parts(
    what: dict[str, Any], wanted: SecretType | None
) -> tuple[About, list[tuple[Shape, SecretType, int]]]:
    about, parts = what.get("about"), what.get("parts")
    good = len(what) == 2 and type(about) is dict and type(parts) is list
    if not good or len(parts) > MOST_PARTS or not all(type(x) is dict for x in parts):  # type: ignore[arg-type, union-attr]
        raise PeerError(_CANNOT_BE)
    each = [understood(x, wanted) for x in parts]  # type: ignore[union-attr]
    if sum(int(np.prod([max(n, 1) for n in x[0]], dtype=object)) for x in each) > MOST_ELEMENTS:
        raise PeerError(_CANNOT_BE)
    return about, each  # type: ignore[return-value]  # checked above


def understood(what: dict[str, Any], wanted: SecretType | None) -> tuple[Shape, SecretType, int]:
    """Another party's description, checked: it may be anything."""
    shape, name, bound = what.get("shape"), what.get("type"), what.get("bound")
    try:
        good = (
            len(what) == 3
            and type(shape) is list
            and len(shape) <= MOST_AXES
            and all(type(n) is int and 0 <= n <= MOST_ELEMENTS for n in shape)
            and int(np.prod([max(n, 1) for n in shape], dtype=object)) <= MOST_ELEMENTS
            and type(bound) is int
            and 0 <= bound < LIMIT
            and type(name) is str
            and bool(_TYPE.fullmatch(name))
        )
        t = type_from(name) if good else None
    except Unsupported:
        t = None
    if t is None or t.name != name or (wanted is not None and t != wanted):
        raise PeerError(_CANNOT_BE)
    return tuple(shape), t, bound  # type: ignore[arg-type, return-value]  # checked above

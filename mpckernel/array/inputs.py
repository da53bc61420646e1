"""Inputs: an owner's value becomes a secret array; the others learn its shape, type and bound.

All checks happen at the owner before anything is sent; a refusal says how many values are wrong
and where the first one is, never a value.
"""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType, sbool, type_from
from mpckernel.array.operators import plain_parts
from mpckernel.array.owners import OwnerPath, value_of
from mpckernel.array.prepare import Prepared, declared, prepare
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Bug, PeerError, Unsupported, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT
from mpckernel.ring.words import Shape
from mpckernel.runtime.cell import Cell, current, empty_operand
from mpckernel.runtime.plan import Call

MOST_ELEMENTS = 2**32
MOST_AXES = 32
MOST_PARTS = 4096

_CANNOT_BE = "a party describes an input that cannot be; the mesh is closed"
_TYPE = re.compile("sint|sbool|sfix[1-9][0-9]?")  # nothing else of a peer's reaches NumPy
_seen = threading.local()  # inputs of the plan that is being recorded, by path


def share(x: Any, dtype: Any = None, bound: float | None = None) -> SecretArray:
    """A secret array from an owner's variable, or from a public value.

    dtype: sint, sbool, sfix16, sfix20, sfix24, sfix(f), or a NumPy type; by default booleans are
    sbool, integers sint, floats sfix20. bound: a promise |x| <= bound, checked at the owner;
    by default that of the integer type (2^20 from 32 bits on), and 2^16 for floats. Small
    bounds make comparisons cheaper and leave more room for products and sums.
    Error: floats are rounded to the nearest multiple of 2^-f, |error| <= 2^-(f+1).
    Leaks nothing but shape, type and bound. Raises UsageError at every party, naming the owner,
    if the variable does not exist or its values are not finite, not numbers or out of bounds.
    """
    wanted = None if dtype is None else type_from(dtype)
    if isinstance(x, OwnerPath):
        return _input(x, wanted, None if bound is None else declared(plain_parts(bound)))
    y = operand(x)
    if bound is not None:
        raise Unsupported(
            "share: a bound is declared where a variable is shared, share(alice.x, bound=...); "
            "np.clip gives a secret a smaller one"
        )
    if isinstance(y, SecretArray):
        return y if wanted is None else y.astype(wanted)
    if wanted == sbool:
        return secret(prepare(y, sbool, None, "share").data)
    if wanted is None or wanted.kind == "f" or y.dtype.kind != "f":
        return secret(y) if wanted is None else secret(y, None).astype(wanted)
    raise Unsupported(f"share: public floats do not become {wanted}; round them first")


def concat(
    *parts: Any, axis: int = 0, dtype: Any = None, bound: float | None = None
) -> SecretArray:
    """Columns or blocks of rows of several owners as one secret array, in the order given.

    parts: owners' variables, secret arrays, public arrays; single values count as one row. Data
    frames are arrays of their columns as each owner has them; so that they are the same in the
    same order, choose them: columns = ["age", "dose"]; concat(alice.df[columns], bob.df[columns]).
    dtype and bound: as for share, applied to each owner's part. Mixed types meet as in
    np.concatenate. Leaks nothing but shapes, types and bounds. Errors: as for share, and
    Unsupported if the shapes do not fit together.
    """
    items = parts[0] if len(parts) == 1 and isinstance(parts[0], tuple | list) else parts
    if not items:
        raise Unsupported("concat takes at least one part: concat(alice.x, bob.x)")
    blocks = [
        share(p, dtype, bound)
        if isinstance(p, OwnerPath)
        else p
        if dtype is None
        else share(p, dtype)
        for p in items
    ]
    joined = np.concatenate([np.atleast_1d(operand(b)) for b in blocks], axis=axis)
    return joined if isinstance(joined, SecretArray) else share(joined)


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """One array of something that an owner shares in parts. name: how a refusal calls it; how: the
    code that declares a bound of it."""

    name: str
    value: Any
    bound: float | None = None
    how: str | None = None


def share_parts(
    path: OwnerPath,
    describe: Callable[[Any], tuple[dict[str, Any], Sequence[Part]]],
    dtype: SecretType | None,
) -> tuple[dict[str, Any], list[SecretArray]]:
    """What an owner says of a private thing, and the arrays it is made of, as secrets of a type,
    or if None each of its own.

    describe(thing) runs at the owner alone and gives a public description (str, int, bool, None,
    lists and dicts of them, 7 levels deep) and the parts; a UsageError in it ends the cell at every
    party before anything is sent, any other exception by the name of its type alone. At the others
    the description may be anything a peer can say, and is the caller's to check; shapes, types and
    bounds are checked here. Leaks the description, and shape and bound of each part.
    """
    cell, owner = current(), path._owner._number

    def give() -> tuple[dict[str, Any], Any]:
        about, parts = _described(value_of(path, cell.namespace), describe, path)
        made = [prepare(part.value, dtype, part.bound, part.name, part.how) for part in parts]
        if len(made) > MOST_PARTS:
            raise Unsupported(f"{path!r}: more than {MOST_PARTS} arrays; share them one by one")
        return {"about": about, "parts": [_public(x) for x in made]}, [x.data for x in made]

    what, data = cell.announce(owner, give)
    about, each = _understood_parts(what, dtype)
    data = [None] * len(each) if data is None else data
    contributed = frozenset((cell.parties[owner],))
    return about, [
        SecretArray(_recorded(cell, owner, one, words), one[1], contributed)
        for one, words in zip(each, data, strict=True)
    ]


def _described(thing: Any, describe: Callable[[Any], Any], path: OwnerPath) -> Any:
    try:
        return describe(thing)
    except (UsageError, Bug):
        raise
    except Exception as why:  # noqa: BLE001  (what private objects raise stays private)
        raise UsageError(f"{path!r} raised {type(why).__name__}") from None


def _understood_parts(
    what: dict[str, Any], wanted: SecretType | None
) -> tuple[dict[str, Any], list[tuple[Shape, SecretType, int]]]:
    about, parts = what.get("about"), what.get("parts")
    good = len(what) == 2 and type(about) is dict and type(parts) is list
    if not good or len(parts) > MOST_PARTS or not all(type(x) is dict for x in parts):
        raise PeerError(_CANNOT_BE)
    each = [understood(x, wanted) for x in parts]
    if sum(int(np.prod([max(n, 1) for n in x[0]], dtype=object)) for x in each) > MOST_ELEMENTS:
        raise PeerError(_CANNOT_BE)
    return about, each


def _input(path: OwnerPath, wanted: SecretType | None, bound: float | None) -> SecretArray:
    cell = current()
    text, complete = path._text()
    owner = path._owner._number
    key = (owner, text, wanted, bound)
    known = _inputs_of(cell)
    if complete and key in known:
        call, t = known[key]
    else:
        call, t = _announced(cell, path, owner, wanted, bound)
        if complete:
            known[key] = call, t
    return SecretArray(call, t, frozenset((cell.parties[owner],)))


def _inputs_of(cell: Cell) -> dict[Any, Any]:
    """Of the current plan: the same at every party, whatever its garbage collector does."""
    now = (cell.run, cell.segments_run)
    if getattr(_seen, "now", None) != now:
        _seen.now, _seen.calls = now, {}
    return _seen.calls


def _announced(
    cell: Cell, path: OwnerPath, owner: int, wanted: SecretType | None, bound: float | None
) -> Any:
    """Tell what it is, and record the input."""

    def give() -> tuple[dict[str, Any], Any]:
        x = prepare(value_of(path, cell.namespace), wanted, bound, repr(path))
        return _public(x), x.data

    what, data = cell.announce(owner, give)
    one = understood(what, wanted)
    return _recorded(cell, owner, one, data), one[1]


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

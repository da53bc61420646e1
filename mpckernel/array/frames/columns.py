"""An owner's table as secret columns. What the owner says of it is checked here.

Source: none.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from mpckernel.array.describing import Part, share_either, share_parts
from mpckernel.array.frames.text import is_text, numbered
from mpckernel.array.operators import here
from mpckernel.array.owners import OwnerPath
from mpckernel.array.secret import SecretArray
from mpckernel.errors import PeerError, UsageError

Columns: TypeAlias = dict[str, SecretArray]
Table: TypeAlias = tuple[Columns, frozenset[str]]  # columns (n,), and which stand for text
Bounds: TypeAlias = Mapping[str, float]

SIZES = (2**20, 2**31, 2**60)  # of ids: the smallest that holds them all is public
LONGEST = 100  # of a column's name
MOST = 1000  # columns


def merged_columns(path: OwnerPath, key: str, bounds: Bounds) -> Table:
    """The columns of the table at a path by name, each (n,), the ids among them; which of
    them stand for text. Leaks names, types, bounds and n. Errors: those of merge."""

    def describe(table: Any) -> tuple[dict[str, Any], list[Part]]:
        named = _columns_of(table, path)
        if key not in named:
            raise UsageError(f"{path!r} has no column {key!r} of ids")
        return _parts(named, path, bounds, "merge(..., bounds={{{!r}: ...}})", key)

    about, columns = share_parts(path, describe, None)
    names, text = _checked(about, columns)
    if key not in names:
        raise PeerError(_CANNOT_BE)
    if columns[names.index(key)].dtype.kind != "i":
        raise UsageError(f"{here()}merge: {path!r}[{key!r}] holds neither whole numbers nor text")
    return dict(zip(names, columns, strict=True)), frozenset(text)


def shared_table(
    path: OwnerPath, bound: float | None, bounds: Bounds
) -> SecretArray | tuple[Columns, frozenset[str]]:
    """A data frame, or a dict of arrays, as columns; anything else as one secret array.

    bound: of every column of numbers, bounds: of some by name. Leaks names, types, bounds and n.
    """
    how = f"share({path!r}, bound={{{{{{!r}}: ...}}}})"

    def describe(value: Any) -> tuple[dict[str, Any], list[Part]] | None:
        if not _is_table(value):
            if bounds:
                raise UsageError(f"{path!r} has no named columns; its bound is one number")
            return None
        named = _columns_of(value, path)
        if unknown := [name for name in bounds if name not in named]:
            raise UsageError(f"{path!r} has no column {unknown[0]!r}, which bound= names")
        every = {} if bound is None else dict.fromkeys(named, bound)
        return _parts(named, path, every | dict(bounds), how)

    key = tuple(sorted(bounds.items()))
    about, arrays = share_either(path, describe, None, bound, key)
    if about is None:
        return arrays[0]
    names, text = _checked(about, arrays)
    return dict(zip(names, arrays, strict=True)), frozenset(text)


def _parts(
    named: dict[str, Any], path: OwnerPath, bounds: Bounds, how: str, key: str | None = None
) -> tuple[dict[str, Any], list[Part]]:
    """What to say of these columns, and each as an array to share; key: the one of ids."""
    limits, text, parts = dict(bounds), [], []
    for name, values in named.items():
        array = values
        if is_text(values):
            text.append(name)
            array, limits[name] = numbered(values), SIZES[-1] - 1
        elif name == key and name not in limits and (size := _size(values)) is not None:
            limits[name] = size
        elif values.dtype.kind == "b":
            limits.pop(name, None)
        parts.append(Part(f"{path!r}[{name!r}]", array, limits.get(name), how.format(name)))
    return {"names": list(named), "text": text}, parts


def _is_table(value: Any) -> bool:
    """Whether it has columns by names; a data frame with numbers for names is an array."""
    if isinstance(value, Mapping):
        return True
    names = getattr(value, "columns", ())
    return len(names) > 0 and all(isinstance(name, str) for name in names)


def _columns_of(table: Any, path: OwnerPath) -> dict[str, Any]:
    """The columns of a data frame or of a dict of arrays, which have names that can be shown."""
    names = list(table) if isinstance(table, Mapping) else list(getattr(table, "columns", ()))
    if not 0 < len(names) <= MOST or not all(map(is_name, names)) or len({*names}) < len(names):
        raise UsageError(
            f"{path!r} is no table with named columns: a data frame, or a dict of arrays; its "
            f"columns have different names, of at most {LONGEST} characters"
        )
    columns = {name: np.asarray(table[name]) for name in names}
    if any(x.ndim != 1 or len(x) != len(columns[names[0]]) for x in columns.values()):
        raise UsageError(f"{path!r} is no table: its columns have one value in each row")
    if not len(columns[names[0]]):
        raise UsageError(f"{path!r} has no rows")
    return columns


def is_name(name: Any) -> bool:
    """Whether a column may have this name, which all parties are shown."""
    return isinstance(name, str) and 0 < len(name) <= LONGEST and name.isprintable()


def _size(ids: np.ndarray) -> int | None:
    """The smallest of SIZES that no id reaches, by absolute value; None if sharing refuses them."""
    if ids.dtype.kind not in "iu":
        return None
    most = max(int(ids.max()), -int(ids.min()))
    return next((size - 1 for size in SIZES if most < size), None)


_CANNOT_BE = "a party describes a table that cannot be; the mesh is closed"


def _checked(about: dict[str, Any], columns: list[SecretArray]) -> tuple[list[str], list[str]]:
    """Another party's description: it may be anything."""
    names, text = about.get("names"), about.get("text")
    good = (
        len(about) == 2
        and type(names) is list
        and type(text) is list
        and 0 < len(names) == len(columns)
        and all(map(is_name, names))
        and len({*names}) == len(names)
        and all(map(is_name, text))
        and {*text} <= {*names}
        and all(x.ndim == 1 and x.shape == columns[0].shape != (0,) for x in columns)
        and all(x.dtype.kind == "i" for n, x in zip(names, columns, strict=True) if n in text)
    )
    if not good:
        raise PeerError(_CANNOT_BE)
    return names, text  # type: ignore[return-value]  # checked above

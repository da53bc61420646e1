"""An owner's table as secret columns, for merge. What the owner says of it is checked here.

Source: none.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np

from mpckernel.array.inputs import Part, share_parts
from mpckernel.array.operators import here
from mpckernel.array.owners import OwnerPath
from mpckernel.array.secret import SecretArray
from mpckernel.errors import PeerError, UsageError

Columns = dict[str, SecretArray]
SIZES = (2**20, 2**31, 2**60)  # of ids: the smallest that holds them all is public
LONGEST = 100  # of a column's name
MOST = 1000  # columns


def shared_columns(
    path: OwnerPath, key: str, bounds: Mapping[str, float]
) -> tuple[Columns, frozenset[str]]:
    """(the columns of the table at a path by name, each (n,), the ids among them; which of
    them stand for text). Leaks names, types, bounds and n. Errors: those of merge."""

    def describe(table: Any) -> tuple[dict[str, Any], list[Part]]:
        named = _columns_of(table, path)
        if key not in named:
            raise UsageError(f"{path!r} has no column {key!r} of ids")
        text = _is_text(named[key])
        if text:
            named[key] = _numbered(named[key])
        limits = {key: _size(named[key]), **bounds}
        ways = {name: f"merge(..., bounds={{{name!r}: ...}})" for name in named}
        parts = [
            Part(f"{path!r}[{name!r}]", values, limits.get(name), ways[name])
            for name, values in named.items()
        ]
        return {"names": list(named), "text": text}, parts

    about, columns = share_parts(path, describe, None)
    names, text = _checked(about, columns, key)
    if columns[names.index(key)].dtype.kind != "i":
        raise UsageError(f"{here()}merge: {path!r}[{key!r}] holds neither whole numbers nor text")
    return dict(zip(names, columns, strict=True)), frozenset((key,)) if text else frozenset()


def _columns_of(table: Any, path: OwnerPath) -> dict[str, Any]:
    """The columns of a data frame or of a dict of arrays, which have names that can be shown."""
    names = list(table) if isinstance(table, Mapping) else list(getattr(table, "columns", ()))
    if not 0 < len(names) <= MOST or not all(map(_is_name, names)) or len({*names}) < len(names):
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


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and 0 < len(name) <= LONGEST and name.isprintable()


def _is_text(values: np.ndarray) -> bool:
    return values.dtype.kind == "U" or (
        values.dtype.kind == "O" and all(isinstance(v, str) for v in values)
    )


def _numbered(values: np.ndarray) -> np.ndarray:
    """60 bits of a hash, the same for the same text at every owner; they stay shares."""
    digests = (blake2b(str(v).encode(), digest_size=8).digest() for v in values)
    return np.array([int.from_bytes(d, "little") >> 4 for d in digests], np.int64)


def _size(ids: np.ndarray) -> int | None:
    """The smallest of SIZES that no id reaches, by absolute value; None if sharing refuses them."""
    if ids.dtype.kind not in "iu":
        return None
    most = max(int(ids.max()), -int(ids.min()))
    return next((size - 1 for size in SIZES if most < size), None)


def _checked(about: dict[str, Any], columns: list[SecretArray], key: str) -> tuple[list[str], bool]:
    """Another party's description: it may be anything."""
    names, text = about.get("names"), about.get("text")
    good = (
        len(about) == 2
        and type(text) is bool
        and type(names) is list
        and len(names) == len(columns)
        and all(map(_is_name, names))
        and key in names
        and len({*names}) == len(names)
        and all(x.ndim == 1 and x.shape == columns[0].shape != (0,) for x in columns)
    )
    if not good:
        raise PeerError("a party describes a table that cannot be; the mesh is closed")
    return names, text  # type: ignore[return-value]  # checked above

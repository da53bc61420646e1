"""Sharings that outlive their room: each party's own parts, handed to its vault and taken back.

A save has an id, the same at all parties and of no other save. Every party tells its id before a
cell goes on, when it saves and when it restores; so a party that lacks the file, has one that was
changed, or has that of another save, is known by name to all before anything is computed. The id is
also in the handles of what is restored, and with them in the digest of every plan.

Files are written before the vote and put into place after it: a save exists at every party or at
none, whatever disk is full. Source: two-phase commit. Departs from it in: none.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

from mpckernel.errors import CellsDiffer, UsageError
from mpckernel.ring.words import Shape
from mpckernel.runtime.announcing import announce
from mpckernel.runtime.call import Call, Handle, lost
from mpckernel.runtime.cell import Cell
from mpckernel.runtime.digest import digest
from mpckernel.sharing.rep3 import Bits3, Rep3

About: TypeAlias = dict[str, Any]
Piece: TypeAlias = "Call | np.ndarray"  # a sharing, or a public array

_BROKEN = "{name}: the file is not what this version writes; nothing was restored"


class Part(Protocol):
    """A file that is whole but not in its place yet."""

    def keep(self) -> None: ...

    def drop(self) -> None: ...


class Vault(Protocol):
    """Sealed files of this party. Errors are UsageErrors that the others may read."""

    def prepare(self, name: str, about: About, body: Sequence[memoryview]) -> Part: ...

    def open(self, name: str) -> tuple[About, bytearray]: ...


def keep(cell: Cell, name: str, about: About, pieces: Sequence[Piece]) -> None:
    """Save these sharings and public arrays under a name, at every party or at none.

    about: public, of strings, numbers, lists and dicts, the same at every party. Runs the plan so
    far. Raises UsageError at every party if one cannot write its file.
    """
    vault = _vault(cell)
    cell.flush()
    if cell.dry:
        return
    for piece in pieces:
        if isinstance(piece, Call) and (piece.handle is None or piece.result is None):
            raise UsageError(f"{lost(piece)}; nothing was saved")
    listed = [_listed(piece) for piece in pieces]
    names = [tuple(x.handle) if isinstance(x, Call) and x.handle else x for x in pieces]
    save = digest("save", cell.run, name, about, listed, names).hex()

    def write() -> str:
        body = [view for piece in pieces for view in _views(piece)]
        part = vault.prepare(name, {"save": save, "about": about, "pieces": listed}, body)
        cell.undo(part.drop)
        cell.after_commit.append(part.keep)
        return save

    if len(set(_told(cell, write))) > 1:
        raise CellsDiffer(
            f"the parties are about to save different things as {name}; nothing was saved"
        )


def restored(cell: Cell, name: str) -> tuple[About, list[Piece]]:
    """What was said of the save of this name, and its sharings and public arrays.

    Raises UsageError at every party, naming those at fault, if a party has no such file, one that
    was changed or belongs elsewhere, or the file of another save.
    """
    vault, found = _vault(cell), dict[str, Any]()

    def read() -> str:
        found["header"], found["body"] = vault.open(name)
        return str(found["header"].get("save"))

    saves = _told(cell, read)
    if len(set(saves)) > 1:
        raise CellsDiffer(f"{name}: {_groups(cell.parties, saves)}; nothing was restored")
    header, pieces = found["header"], list[Piece]()
    rest = memoryview(found["body"])
    try:
        for k, one in enumerate(header["pieces"]):
            piece, rest = _piece(one, rest, cell, Handle(f"saved/{saves[cell.me]}", k))
            pieces.append(piece)
        about = header["about"]
    except (KeyError, TypeError, ValueError):
        raise UsageError(_BROKEN.format(name=name)) from None
    if len(rest):
        raise UsageError(_BROKEN.format(name=name))
    calls = [x for x in pieces if isinstance(x, Call)]
    cell.after_commit.append(lambda: cell.room.store.commit(calls))
    return about, pieces


def _vault(cell: Cell) -> Vault:
    if not isinstance(cell, Cell):
        raise UsageError("a recorded function neither saves nor restores; do it outside")
    if cell.room.vault is None:
        raise UsageError("this room keeps no files")
    return cell.room.vault


def _told(cell: Cell, work: Callable[[], str]) -> list[str]:
    """What every party's own work gives, by party. All work at the same time; what fails at one
    party ends the cell at all of them, with its sentence."""
    mine, failed = "", None
    try:
        mine = work()
    except UsageError as why:
        failed = why

    def give() -> tuple[dict[str, Any], None]:
        if failed is not None:
            raise failed
        return {"save": mine}, None

    return [str(announce(cell, k, give)[0].get("save")) for k in range(len(cell.parties))]


def _groups(parties: Sequence[str], saves: Sequence[str]) -> str:
    """Who has the same save as whom: "alice and carol have one save, bob has another"."""
    names = {save: [p for p, s in zip(parties, saves, strict=True) if s == save] for save in saves}
    first, *others = sorted(names.values(), key=len, reverse=True)
    parts = [_have(first, "one save")] + [_have(group, "another") for group in others]
    return ", ".join(parts)


def _have(names: Sequence[str], what: str) -> str:
    return f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} {what}"


def _listed(piece: Piece) -> About:
    """One piece as the header has it; public."""
    if isinstance(piece, Call):
        return {"kind": piece.kind, "shape": list(piece.shape), "bound": piece.bound}
    return {"kind": "public", "shape": list(piece.shape), "type": _little(piece).dtype.str}


def _views(piece: Piece) -> list[memoryview]:
    """The bytes of a party's part, or of a public array."""
    result = piece.result if isinstance(piece, Call) else piece
    arrays = result if isinstance(result, Rep3 | Bits3) else [result]
    return [_little(x).reshape(-1).view(np.uint8).data for x in arrays]


def _little(x: Any) -> np.ndarray:
    array = np.ascontiguousarray(x)
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _piece(one: About, raw: memoryview, cell: Cell, handle: Handle) -> tuple[Piece, memoryview]:
    """The next piece, and the bytes after it."""
    kind, shape = one["kind"], tuple(one["shape"])
    size = int(np.prod(shape, dtype=object))
    if kind == "public":
        return _array(raw, np.dtype(one["type"]), shape)
    result: Any
    if cell.scheme == "rep3":
        packed = kind == "bit"
        i, raw = _array(raw, np.dtype("<u8"), ((size + 63) // 64,) if packed else shape)
        j, raw = _array(raw, np.dtype("<u8"), i.shape)
        result = Bits3(i, j, shape) if packed else Rep3(i, j)
    else:
        result, raw = _array(raw, np.dtype("|b1" if kind == "bit" else "<u8"), shape)
    call = Call(None, (), {}, shape, kind, one["bound"], handle=handle)
    call.result = result
    return call, raw


def _array(raw: memoryview, kind: np.dtype[Any], shape: Shape) -> tuple[np.ndarray, memoryview]:
    size = int(np.prod(shape, dtype=object))
    array = np.frombuffer(raw, kind, size).reshape(shape) if size else np.zeros(shape, kind)
    native = array.astype(kind.newbyteorder("="), copy=False)
    return native, raw[size * kind.itemsize :]

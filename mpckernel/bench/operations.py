"""Single operations as cells, for the measurement of what a unit of each takes (calibrate.py)."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mpckernel.array.inputs import share
from mpckernel.array.owners import OwnerName
from mpckernel.bench.cases import Column
from mpckernel.bench.timing import NAMES, one_cell
from mpckernel.protocols import ideal
from mpckernel.ring.words import as_words
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current
from mpckernel.runtime.room import Room
from mpckernel.runtime.work import units

TOP = 2**20
LONG = 100  # operations of a chain

Record = Callable[[list[Any], list[Any]], None]
"""record(sharings of words, sharings of bits)"""


def _op(name: str, words: int = 0, bits: int = 0, **params: Any) -> Record:
    def record(w: list[Any], b: list[Any]) -> None:
        current().record(getattr(ideal, name), *w[:words], *b[:bits], **params)

    return record


def _public(name: str) -> Record:
    def record(w: list[Any], _: list[Any]) -> None:
        current().record(getattr(ideal, name), w[0], as_words(np.arange(w[0].size) + 3))

    return record


def _products(w: list[Any], _: list[Any]) -> None:
    x = w[0]
    for _k in range(LONG):
        x = current().record(ideal.mul, x, w[2])


def _matmul(name: str, **params: Any) -> Record:
    def record(w: list[Any], _: list[Any]) -> None:
        current().record(getattr(ideal, name), *w[:2], n=w[0].shape[0], **params)

    return record


OPERATIONS: dict[str, Record] = {
    "mul": _op("mul", 2),
    "mul_trunc": _op("mul_trunc", 2, f=16),
    "trunc": _op("trunc", 1, f=16),
    "floor": _op("floor", 1, f=16),
    "msb": _op("msb", 1, width=64),
    "is_zero": _op("is_zero", 1, width=64),
    "headroom": _op("headroom", 1, width=61),
    "to_bits": _op("to_bits", 1, width=32),
    "bit_to_word": _op("bit_to_word", 0, 1),
    "and": _op("and_", 0, 2),
    "xor": _op("xor", 0, 2),
    "add": _op("add", 2),
    "sub": _op("sub", 2),
    "scale": _public("scale"),
    "shift": _public("shift"),
    "open_words": _op("open_words", 1),
    "open_bits": _op("open_bits", 0, 1),
    "matmul": _matmul("matmul"),
    "matmul_trunc": _matmul("matmul_trunc", f=16),
    "nothing": lambda *_: None,
    "muls": _products,
}


def take(room: Room, name: str, n: int, repeats: int) -> dict[str, Any]:
    """Seconds of a cell that asks for one operation on n elements, and its units."""
    square = name.startswith("matmul")
    shape = (int(np.sqrt(n)),) * 2 if square else (n,)
    columns = [Column(k, shape, TOP) for k in (0, 1)]
    space = {"x": columns[room.me].values(room.me)} if room.me < 2 else {}
    one = {"one": np.ones(shape, np.int64)} if room.me == 2 else {}
    owners = [OwnerName(party, k) for k, party in enumerate(NAMES)]

    def inputs() -> list[Any]:
        x, y = (share(owners[k].x, bound=TOP) for k in (0, 1))
        return [x, y, share(owners[2].one, bound=1), x < y, y < x]

    held = one_cell(room, inputs, space | one)[0]
    words, bits = [s.call for s in held[:3]], [s.call for s in held[3:]]
    seen: dict[str, float] = {}

    def program() -> None:
        OPERATIONS[name](words, bits)
        seen.clear()
        for call in current().plan.calls:
            _add(seen, call)

    took = [one_cell(room, program, {})[1].wall for _ in range(repeats + 1)]
    ran = room.ledger.last_cell
    rounds = ran.rounds if ran else 0
    return {"seconds": float(np.median(took[1:])), "units": seen, "rounds": rounds}


def _add(seen: dict[str, float], call: Call) -> None:
    for key, count in units(call):
        seen[key] = seen.get(key, 0) + count

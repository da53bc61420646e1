"""An example of every operation for given shapes: operands inside its domain, and parameters."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mpckernel.protocols.composed import spline_tables, splines
from mpckernel.protocols.composed.spline_fit import TARGETS
from mpckernel.ring.words import Shape
from mpckernel.sharing.rep3 import Bits3, Bools, Rep3
from tests.protocols.running import REP3, Stream, functionality, kinds

EDGES = [0, 1, -1, 2, -2, 63, 64, 2**15 - 1, 2**31 - 1, 2**32, 2**61, 2**62 - 1, 2**63 - 1]

# How large the operands may be: |x| < 2^BOUND[name]; anything where no entry.
BOUND = {
    "trunc": 62, "floor": 62, "mul_trunc": 31, "dot_trunc": 29, "matmul_trunc": 29,
    "matmul_plus": 29, "blend": 29,
}  # fmt: skip
WIDTHS = (16, 32, 64)
ROUNDED = (1, 16, 20, 33, 61)
TABLES = (((7, -1, 2**61, 0),), ((1, 2, 3, 4), (-(2**61), 0, 5, -6), (9, 9, 9, 9)))  # two bits
WEIGHTS = (((1, -3, 2**61),), ((2**20, 0, -(2**60)), (2**61, 0, 4)), ((5, 6, 7),) * 4)  # 3 bits
FREE_SHAPE = {"random_bits", "coin", "input_words", "input_bits"}


@dataclass(frozen=True)
class _Bounded:
    """As much of a value as a spline asks for."""

    bound: int
    shape: Shape = ()


def spline(name: str, f: int, bound: int) -> dict[str, Any]:
    """The parameters with which a function is asked for."""
    fit = getattr(spline_tables, name)
    return splines.smooth(lambda _, __, **params: params, _Bounded(bound), f, fit)


SPLINES = tuple(
    spline(target.name, f, 1 << f + k) for target in TARGETS for f, k in ((8, 3), (16, 5), (20, 10))
)


@dataclass
class Case:
    """Operands in the clear, and parameters."""

    values: list[Any]
    params: dict[str, Any]


def _words(rng: Stream, shape: Shape, bound: int | None, positive: bool = False) -> np.ndarray:
    """Random words with edges among them; |x| < 2^bound, or any word."""
    if bound is None:
        x = rng.integers(0, 2**64, shape)
        edges = [e % 2**64 for e in EDGES]
    else:
        low = 0 if positive else 1 - 2**bound
        x = rng.integers(low, 2**bound, shape)
        wanted = [*EDGES, 2**bound - 1, 1 - 2**bound]
        edges = [e % 2**64 for e in wanted if low <= e < 2**bound]
    flat = x.reshape(-1)
    where = rng.integers(0, 4, flat.shape) == 0
    which = rng.integers(0, len(edges), flat.shape).astype(int)
    flat[where] = np.array(edges, np.uint64)[which[where]]
    return x


def _bools(rng: Stream, shape: Shape) -> np.ndarray:
    return rng.integers(0, 2, shape) == 1


def _pick(rng: Stream, options: tuple[Any, ...]) -> Any:
    return options[int(rng.integers(0, len(options)))]


def _params(name: str, rng: Stream, shapes: list[Shape]) -> dict[str, Any]:
    last = shapes[0][-1] if shapes and shapes[0] else 1
    axes = len(shapes[0]) if shapes else 0
    table: dict[str, Any] = {
        "total": lambda: {"axis": tuple(range(axes))[: axes // 2 + 1], "n": 1},
        "running": lambda: {"axis": 0, "n": last},
        "move": lambda: {"how": ("concatenate", 0)},
        "move_bits": lambda: {"how": ("concatenate", 0)},
        "msb": lambda: {"width": _pick(rng, WIDTHS)},
        "is_zero": lambda: {"width": _pick(rng, WIDTHS)},
        "to_bits": lambda: {"width": _pick(rng, (1, 2, 7, 31, 61, 64))},
        "headroom": lambda: {"width": _pick(rng, (1, 8, 9, 30, 61))},
        "rough_bits": lambda: {"skip": _pick(rng, (0, 1, 20)), "width": _pick(rng, (1, 7, 44))},
        "rough_sign": lambda: {"skip": _pick(rng, (0, 1, 20)), "width": _pick(rng, (3, 12, 43))},
        "spline": lambda: _pick(rng, SPLINES),
        "lookup": lambda: {"table": _pick(rng, TABLES)},
        "weigh": lambda: {"weights": _pick(rng, WEIGHTS)},
        "places": lambda: {"digits": _pick(rng, ((4,), (3, 1), (1, 2, 1))), "n": shapes[0][-1]},
        "coin": lambda: {"shape": shapes[0]},
        "random_bits": lambda: {"shape": shapes[0]},
        "open_words_to": lambda: {"to": _pick(rng, (0, 1, 2))},
        "open_bits_to": lambda: {"to": _pick(rng, (0, 1, 2))},
    }
    for op in ("trunc", "floor", "mul_trunc", "blend"):
        table[op] = lambda: {"f": _pick(rng, ROUNDED)}
    for op in ("dot", "matmul", "matmul_public", "public_matmul"):
        table[op] = lambda: {"n": last}
    for op in ("dot_trunc", "matmul_trunc"):
        table[op] = lambda: {"n": last, "f": _pick(rng, ROUNDED)}
    table["matmul_plus"] = lambda: {
        "n": last, "f": _pick(rng, ROUNDED),
        "spread": _pick(rng, (None, ("reshape", (1, *shapes[0][:1], 2)))),
    }  # fmt: skip
    for op in ("input_words", "input_bits"):
        table[op] = lambda: {"owner": _pick(rng, (0, 1, 2)), "shape": shapes[0], "bound": 2**61}
    return table[name]() if name in table else {}


def make(name: str, shapes: list[Shape], seed: int, **params: Any) -> Case:
    """Operands of these shapes (as many as the operation takes), parameters where not given."""
    rng, name = Stream(seed), functionality(name)
    params = _params(name, rng, shapes) | params
    bound, positive = BOUND.get(name), name == "headroom"
    if name in ("msb", "is_zero"):
        bound = min(params["width"] - 1, 62)
    elif name == "headroom":
        bound = params["width"]
    elif name == "spline":
        bound = params["width"] - 2
    elif name == "rough_sign":
        bound = params["skip"] + params["width"] - 2
    values = []
    for kind, shape in zip(kinds(REP3[name]), shapes, strict=False):
        if kind is Bits3 or kind == Bools or kind == Bools | None:
            values.append(_bools(rng, shape))
        else:
            values.append(_words(rng, shape, bound, positive))
    if "permute" in name:
        values[0] = np.argsort(values[0], axis=-1, kind="stable").astype(np.uint64)
    return Case(values, params)


def arity(name: str) -> int:
    """How many operands `make` wants shapes for."""
    return max(1, len(kinds(REP3[name])))


def shapes_like(name: str, shape: Shape) -> list[Shape]:
    """Shapes of operands that fit the operation, all from one; None-free for any shape."""
    name = functionality(name)
    if "matmul" in name:
        rows = int(np.prod(shape, dtype=int))
        return [(rows, 3), (3, 2), (2,)][: arity(name)]
    if name == "blend":
        return [(3, *shape), shape, shape]
    if name == "lookup":
        return [(2, *shape)]
    if name == "weigh":
        return [(3, *shape)]
    if name in ("places", "one_hot"):
        return [(4, *(shape or (1,)))]
    if "permute" in name:
        return [shape or (1,), (*(shape or (1,)), 2)]
    if name in ("running", "move", "move_bits", "dot", "dot_trunc") and shape == ():
        shape = (1,)
    return [shape] * arity(name)


SECRET = (Rep3, Bits3)

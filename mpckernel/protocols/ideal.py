"""What each operation computes, in the clear: the specification every scheme is held to.

An ideal functionality says what comes out (`compute`, on words or bools), of which shape,
how large it can be (`bound`, on the absolute value of the signed word) and what it needs of
its operands. Nothing here knows how a secret is shared.
"""

# ruff: noqa: ARG005 (each function gets all of a call's parameters)

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from mpckernel.errors import OutOfRange, Unsupported
from mpckernel.protocols import moving
from mpckernel.protocols.moving import How
from mpckernel.ring import words
from mpckernel.ring.words import Shape, Words, as_words, signed

LIMIT = 2**62  # every word that stands for a number satisfies |x| < LIMIT
SMALLER = (  # the way out of every refusal for a bound
    "declare a smaller bound where it is shared, share(alice.x, bound=...) or merge(..., bounds="
    "{...}), promise one of what is secret already, x = within(x, bound)[0], clip it with np.clip, "
    "or use fewer fraction bits"
)


@dataclass(frozen=True)
class Ideal:
    """An ideal functionality: hand it the inputs, it hands back the output and nothing else.

    compute(*operands, **params): words are uint64 arrays, bits are bool arrays.
    shape(*shapes, **params), bound(*bounds, **params): of the result; bound may refuse.
    gives: "word", "bit" or "public" (words every party may see; None where it may not).
    elementwise: the result at k depends on the operands at k alone (after broadcasting).
    """

    name: str
    compute: Callable[..., Any]
    shape: Callable[..., Shape]
    bound: Callable[..., int]
    gives: str = "word"
    elementwise: bool = False


IDEALS: dict[str, Ideal] = {}


def declare(name: str, compute: Callable[..., Any], **claims: Any) -> Ideal:
    """A functionality under its name; its shape is that of broadcasting if nothing else is said."""
    claims.setdefault("shape", _broadcast)
    IDEALS[name] = Ideal(name, compute, **claims)
    return IDEALS[name]


def _broadcast(*shapes: Shape, **_: Any) -> Shape:
    return np.broadcast_shapes(*shapes)


def within(bound: int, what: str) -> int:
    """The bound of `what`, if the ring holds it; else OutOfRange, with the way out."""
    if bound >= LIMIT:
        raise OutOfRange(
            f"{what} could reach 2^{bound.bit_length()} on the ring, which holds less than 2^62; "
            f"{SMALLER}"
        )
    return bound


def product_of(n: int) -> str:
    """A product of n terms in a sentence."""
    return "this product" if n <= 1 else f"a product summed over {n} terms"


def _same(b: int, **_: Any) -> int:
    return b


def _one(*_: int, **__: Any) -> int:
    return 1


def _sum(a: int, b: int) -> int:
    return within(a + b, "this sum")


def _product(a: int, b: int, **_: Any) -> int:
    return within(a * b, "this product")


def cut_bound(b: int, f: int) -> int:
    """Of what is cut by f bits."""
    return (b >> f) + 1


def _cut_product(a: int, b: int, f: int) -> int:
    return cut_bound(_product(a, b), f)


# Free for every linear scheme.
add = declare("add", np.add, bound=_sum, elementwise=True)
sub = declare("sub", np.subtract, bound=_sum, elementwise=True)
neg = declare("neg", np.negative, bound=_same, elementwise=True)
scale = declare("scale", np.multiply, bound=_product, elementwise=True)  # by public words
shift = declare("shift", np.add, bound=_sum, elementwise=True)  # by public words
public = declare("public", lambda c: c, bound=_same)  # a sharing of public words


def _axes_count(before: Shape, after: Shape) -> int:
    return max(1, int(np.prod(before, dtype=object)) // max(1, int(np.prod(after, dtype=object))))


def _total(x: Words, axis: tuple[int, ...]) -> Words:
    return np.asarray(np.add.reduce(x, axis=axis, dtype=np.uint64))


def _total_shape(s: Shape, axis: tuple[int, ...]) -> Shape:
    return tuple(n for k, n in enumerate(s) if k not in axis)


def _many(b: int, n: int) -> int:
    return within(b * max(n, 1), f"a sum of {n} terms")


total = declare(  # sum over axes (a tuple of non-negative axes); n: how many terms each
    "total",
    lambda x, axis, n: _total(x, axis),
    shape=lambda s, axis, n: _total_shape(s, axis),
    bound=lambda b, axis, n: _many(b, n),
)
running = declare(  # cumulative sum along one axis of length n
    "running",
    lambda x, axis, n: np.cumsum(x, axis=axis, dtype=np.uint64),
    shape=lambda s, axis, n: s,
    bound=lambda b, axis, n: _many(b, n),
)
move = declare(  # any placement of elements: reshape, index, concatenate, ... (moving.py)
    "move",
    lambda *x, how: moving.apply(how, *x),
    shape=lambda *s, how: moving.shape(how, *s),
    bound=lambda *b, how: max(b, default=0),
)
move_bits = declare(
    "move_bits",
    lambda *x, how: moving.apply(how, *x),
    shape=lambda *s, how: moving.shape(how, *s),
    bound=_one,
    gives="bit",
)


def _matmul_shape(a: Shape, b: Shape, **_: Any) -> Shape:
    if len(a) != 2 or len(b) != 2 or a[1] != b[0]:
        raise Unsupported(f"matmul: shapes {a} and {b} do not fit together")
    return (a[0], b[1])


def _dot_bound(a: int, b: int, n: int, f: int = 0) -> int:
    full = within(a * b * max(n, 1), product_of(n))
    return cut_bound(full, f) if f else full


# 2-D only; n is the inner length. A public operand makes it free.
matmul = declare(
    "matmul", lambda x, y, n: words.matmul(x, y), shape=_matmul_shape, bound=_dot_bound
)
matmul_public = declare(
    "matmul_public", lambda x, c, n: words.matmul(x, c), shape=_matmul_shape, bound=_dot_bound
)
public_matmul = declare(
    "public_matmul", lambda c, x, n: words.matmul(c, x), shape=_matmul_shape, bound=_dot_bound
)


def floor_cut(x: Words, f: int) -> Words:
    """floor(x / 2^f) of signed words."""
    return as_words(signed(x) >> np.int64(f))


# Products. dot sums over the last axis (of length n) after broadcasting.
mul = declare("mul", np.multiply, bound=_product, elementwise=True)
dot = declare(
    "dot",
    lambda x, y, n: np.asarray((x * y).sum(-1, dtype=np.uint64)),
    shape=lambda a, b, n: np.broadcast_shapes(a, b)[:-1],
    bound=_dot_bound,
)

# Truncation by f bits: `trunc` is floor or floor + 1 (stochastic), `floor` is exact.
trunc = declare("trunc", floor_cut, bound=cut_bound, shape=lambda s, f: s, elementwise=True)
floor = declare("floor", floor_cut, bound=cut_bound, shape=lambda s, f: s, elementwise=True)
mul_trunc = declare(
    "mul_trunc", lambda x, y, f: floor_cut(x * y, f), bound=_cut_product, elementwise=True
)
dot_trunc = declare(
    "dot_trunc",
    lambda x, y, n, f: floor_cut(np.asarray((x * y).sum(-1, dtype=np.uint64)), f),
    shape=lambda a, b, n, f: np.broadcast_shapes(a, b)[:-1],
    bound=_dot_bound,
)
matmul_trunc = declare(
    "matmul_trunc",
    lambda x, y, n, f: floor_cut(words.matmul(x, y), f),
    shape=_matmul_shape,
    bound=_dot_bound,
)


def _matmul_plus(
    x: Words, y: Words, c: Words, f: int, spread: How | None = None, **_: Any
) -> Words:
    product = words.matmul(x, y)
    return floor_cut((product if spread is None else moving.added(spread, product)) + c, f)


def _matmul_plus_shape(a: Shape, b: Shape, c: Shape, spread: How | None = None, **_: Any) -> Shape:
    out = _matmul_shape(a, b)
    if spread is not None:
        out = moving.shape(spread, out)[1:]
    if np.broadcast_shapes(out, c) != out:
        raise Unsupported(f"matmul_plus: {c} does not broadcast to {out}")
    return out


matmul_plus = declare(  # x @ y, placed by `spread` and added up along what then leads, and c
    "matmul_plus",
    _matmul_plus,
    shape=_matmul_plus_shape,
    bound=lambda a, b, c, n, f, spread=None: cut_bound(
        within(a * b * max(n, 1) + c, product_of(n)), f
    ),
)
STOCHASTIC = {  # result or result + 1
    "trunc", "mul_trunc", "dot_trunc", "matmul_trunc", "matmul_plus", "blend",
}  # fmt: skip


def narrow_bound(b: int, width: int) -> int:
    """Of a bit of a value that fits so many signed bits; else OutOfRange."""
    if b >= 2 ** (width - 1) or b >= LIMIT:
        raise OutOfRange(f"a value below 2^{b.bit_length()} does not fit {width} signed bits")
    return 1


# Comparison with zero; |x| < 2^(width-1) is proven by the plan, width is 16, 32 or 64.
msb = declare(
    "msb",
    lambda x, width: signed(x) < 0,
    shape=lambda s, width: s,
    bound=narrow_bound,
    gives="bit",
    elementwise=True,
)
is_zero = declare(
    "is_zero",
    lambda x, width: x == 0,
    shape=lambda s, width: s,
    bound=narrow_bound,
    gives="bit",
    elementwise=True,
)

# Bits.
xor = declare("xor", np.not_equal, bound=_one, gives="bit", elementwise=True)
flip = declare("flip", np.not_equal, bound=_one, gives="bit", elementwise=True)  # ^ public bools
invert = declare("invert", np.logical_not, bound=_one, gives="bit", elementwise=True)
keep = declare("keep", np.logical_and, bound=_one, gives="bit", elementwise=True)  # & public bools
and_ = declare("and", np.logical_and, bound=_one, gives="bit", elementwise=True)
or_ = declare("or", np.logical_or, bound=_one, gives="bit", elementwise=True)
public_bits = declare("public_bits", lambda c: c, bound=_one, gives="bit")
bit_to_word = declare("bit_to_word", as_words, bound=_one, elementwise=True, shape=lambda s: s)
select = declare(  # x where b, else y
    "select",
    np.where,
    bound=lambda b, x, y: max(x, y),  # b (x - y) + y is exact on the ring, whatever x - y is
    elementwise=True,
)
to_bits = declare(  # the low `width` bits, least significant first, on a new leading axis
    "to_bits",
    lambda x, width: (
        (x[None] >> np.arange(width, dtype=np.uint64).reshape(-1, *[1] * x.ndim)) & 1 == 1
    ),
    shape=lambda s, width: (width, *s),
    bound=lambda b, width: 1,
    gives="bit",
)


def _headroom(x: Words, width: int) -> Words:
    length = np.zeros(x.shape, np.int64)
    for k in range(width):
        length[(x >> np.uint64(k)) != 0] = k + 1
    return np.where(x == 0, np.uint64(0), np.uint64(1) << (width - length).astype(np.uint64))


headroom = declare(  # 2^(width - bit length of x) for 0 < x < 2^width, and 0 for x = 0
    "headroom",
    _headroom,
    shape=lambda s, width: s,
    bound=lambda b, width: within(2 ** (width - 1), "a power of two"),
    elementwise=True,
)

Weights: TypeAlias = tuple[tuple[int, ...], ...]


def _weigh(b: Any, weights: Weights) -> Words:
    out = np.zeros((len(weights), *b.shape[1:]), np.uint64)
    for j, row in enumerate(weights):
        for bit, weight in zip(b, row, strict=True):
            out[j] += np.where(bit, np.uint64(weight % 2**64), np.uint64(0))
    return out


def _weigh_shape(s: Shape, weights: Weights) -> Shape:
    if not s or any(len(row) != s[0] for row in weights):
        raise Unsupported(f"weigh: {len(weights[0])} weights for bits of shape {s}")
    return (len(weights), *s[1:])


weigh = declare(  # for every row of weights: the sum of the weights whose bit (axis 0) is set
    "weigh",
    _weigh,
    shape=_weigh_shape,
    bound=lambda _, weights: within(max(sum(map(abs, row)) for row in weights), "a sum of weights"),
)

# Random values nobody chose.
random_bits = declare(
    "random_bits",
    lambda shape: np.zeros(shape, bool),
    shape=lambda shape: shape,
    bound=_one,
    gives="bit",
)
coin = declare(
    "coin",
    lambda shape: np.zeros(shape, np.uint64),
    shape=lambda shape: shape,
    bound=lambda shape: 2**64,
    gives="public",
)
RANDOM = {"random_bits", "coin"}  # compute gives a placeholder; only the distribution is specified

# In and out. `value` is the owner's own words (or bools); None at everybody else.
input_words = declare(
    "input_words",
    lambda value, owner, shape, bound: value,
    shape=lambda _, owner, shape, bound: shape,
    bound=lambda _, owner, shape, bound: within(bound, "an input"),
)
input_bits = declare(
    "input_bits",
    lambda value, owner, shape, bound: value,
    shape=lambda _, owner, shape, bound: shape,
    bound=lambda _, owner, shape, bound: 1,
    gives="bit",
)
open_words = declare("open_words", lambda x: x, bound=_same, gives="public")
open_bits = declare("open_bits", lambda x: x, bound=_one, gives="public")
open_words_to = declare(
    "open_words_to", lambda x, to: x, shape=lambda s, to: s, bound=_same, gives="public"
)
open_bits_to = declare(
    "open_bits_to", lambda x, to: x, shape=lambda s, to: s, bound=_one, gives="public"
)
INPUTS = {"input_words", "input_bits"}
OPENINGS = {"open_words", "open_bits", "open_words_to", "open_bits_to"}

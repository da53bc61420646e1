"""What fitted functions are made of, in the clear: tables read at a secret place, rough bits that
say where, polynomials over what is found, and all of it in one for few elements.
"""

# ruff: noqa: ARG005 (each function gets all of a call's parameters)

from typing import Any, TypeAlias

import numpy as np

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT, cut_bound, declare, floor_cut, narrow_bound, within
from mpckernel.ring.words import Words, as_words, signed


def _lookup(b: Any, table: tuple[tuple[int, ...], ...]) -> Words:
    place = np.zeros(b.shape[1:], np.int64)
    for k, plane in enumerate(b):
        place |= plane.astype(np.int64) << k
    return as_words(np.array(table, object))[:, place]


def _lookup_bound(_: int, table: tuple[tuple[int, ...], ...]) -> int:
    most = max(abs(((v + 2**63) % 2**64) - 2**63) for row in table for v in row)
    return within(most, "an entry of a table")


lookup = declare(  # row j of a public table (2^n columns) at the place of n bits, j leading
    "lookup",
    _lookup,
    shape=lambda s, table: (len(table), *s[1:]),
    bound=_lookup_bound,
)


def _rough_narrow(b: int, skip: int, width: int) -> int:
    return narrow_bound(b + (1 << skip), skip + width) if skip + width < 64 else narrow_bound(b, 64)


# Of x - rho for some rho in [0, 2^skip): compute has rho = 0.
rough_bits = declare(  # the bits skip, ..., skip + width - 1, on a new leading axis
    "rough_bits",
    lambda x, skip, width: ideal.to_bits.compute(floor_cut(x, skip), width),
    shape=lambda s, skip, width: (width, *s),
    bound=lambda b, skip, width: 1,
    gives="bit",
)
rough_sign = declare(  # x - rho < 0, for |x| < 2^(skip + width - 1) - 2^skip
    "rough_sign",
    lambda x, skip, width: signed(x) < 0,
    shape=lambda s, skip, width: s,
    bound=_rough_narrow,
    gives="bit",
    elementwise=True,
)
ROUGH = {"rough_bits", "rough_sign", "spline"}  # of x, or of x - 2^skip (spline: x + 2^skip - 1)


def polynomial(d: Words, *x: Words) -> Words:
    """d_0 + d_1 x_1 + d_2 x_2 + ..., modulo 2^64; further rows of d are not used."""
    out = np.zeros(np.broadcast_shapes(d.shape[1:], *(v.shape for v in x)), np.uint64)
    out += d[0]
    for d_k, v in zip(d[1:], x, strict=False):
        out += np.multiply(d_k, v, out=np.empty_like(out))
    return out


def _blend_bound(d: int, *x: int, f: int) -> int:
    return cut_bound(within(d * (1 + sum(x)), "this polynomial"), f)


blend = declare(  # d_0 + d_1 x_1 + d_2 x_2 + ..., over 2^f; d_k along the first axis of d
    "blend",
    lambda d, *x, f: floor_cut(polynomial(d, *x), f),
    shape=lambda d, *x, f: np.broadcast_shapes(d[1:], *x),
    bound=_blend_bound,
)


# A polynomial on each piece between edges, chosen by x + rho for some rho in [0, 2^skip).
Polynomials: TypeAlias = tuple[tuple[int, ...], ...]


def spline_at(
    x: Words,
    table: Polynomials,
    edges: tuple[int, ...],
    slopes: tuple[int, ...],
    fine: int,
    f: int,
    rho: Any = 0,
    carry: Any = 1,
    up: Any = 0,
    **_: Any,
) -> Words:
    """For these draws: rho, whether s is rounded down, and what is added before the cut."""
    shape, x = x.shape, x.reshape(-1)
    place = np.searchsorted(np.array(edges, np.int64), signed(x + as_words(rho)), "right")
    rows = as_words(np.array(table, object).T)[:, place]
    s = floor_cut(x, fine) + np.uint64(1) - as_words(carry)
    v = rows[0] + s * (rows[1] + s * (rows[2] + s * rows[3])) + as_words(up)
    if len(table[0]) == 5:  # times what s leaves of x
        v += rows[4] * (x - (s << np.uint64(fine)))
    out = floor_cut(v, f)
    if slopes:
        out += as_words(np.array(slopes, object))[place] * x
    return out.reshape(shape)


def _spline_bound(b: int, f: int, slopes: tuple[int, ...], skip: int, width: int, **_: Any) -> int:
    if b + (1 << skip) > 1 << width - 1:
        raise OutOfRange(f"a value below 2^{b.bit_length()} does not fit {width} signed bits")
    return within(cut_bound(LIMIT, f) + max(map(abs, slopes), default=0) * b, "a spline")


spline = declare(  # p(s), over 2^f, plus slope x; s is x over 2^fine: floor, or floor + 1 if fine
    "spline",
    spline_at,
    shape=lambda s, **_: s,
    bound=_spline_bound,
    elementwise=True,
)

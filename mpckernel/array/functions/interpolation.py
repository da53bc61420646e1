"""np.interp: straight lines between public places.

Which piece a secret lies in is found by one comparison for each inner place; base, height and
slope of the piece are then sums of differences that the comparisons keep, which is free.
"""

from math import prod
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sint
from mpckernel.array.functions.division import real
from mpckernel.array.functions.products import Bilinear
from mpckernel.array.publics import as_number, at_scale, operand, words
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, narrowed
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import wide
from mpckernel.ring.words import Words, as_words, signed
from mpckernel.runtime.cell import current


@implements(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> SecretArray:
    """Piecewise linear between public places xp; x secret and fp public, or fp secret and x public.

    Error: (|slope| + 3) steps; for secret fp as for np.matmul
    """
    x, places, heights = operand(x), operand(xp), operand(fp)
    if isinstance(places, SecretArray) or isinstance(x, SecretArray) == isinstance(
        heights, SecretArray
    ):
        raise Unsupported("np.interp: xp is public, and one of x and fp")
    if not all(np.isfinite(v).all() for v in (x, places, heights)):
        raise UsageError("np.interp: public places and values are finite")
    places = np.asarray(places, np.float64)
    if places.ndim != 1 or places.shape != heights.shape or np.any(np.diff(places) <= 0):
        raise UsageError("np.interp: xp rises, and has as many values as fp")
    if isinstance(x, SecretArray):
        y: Any = _pieces(x, places, np.asarray(heights, np.float64))
    else:
        hats = np.stack([np.interp(x, places, row) for row in np.eye(places.size)], axis=-1)
        y = np.matmul(hats, heights)
    y = y if left is None else np.where(x < places[0], left, y)
    return y if right is None else np.where(x > places[-1], right, y)


def _pieces(x: SecretArray, places: np.ndarray, heights: np.ndarray) -> SecretArray:
    t = real(x.dtype)
    f = t.f
    inside: Any = np.clip(as_number(x), places[0], places[-1])
    if places.size == 1:
        return inside * 0 + heights[0]
    slopes = np.diff(heights) / np.diff(places)
    widest = float(np.diff(places).max())
    steepest = max(float(np.abs(slopes).max()), 1.0)
    g = max(1, min(f + int(np.ceil(widest)).bit_length(), 58 - int(steepest).bit_length()))
    reached = np.expand_dims(inside, -1) >= places[1:-1]
    low, base = (_kept(reached, words(v[:-1], f)) for v in (heights, places))
    slope = _kept(reached, words(slopes, g))
    do = current().record
    apart = do(ideal.sub, at_scale(inside, f), base.call)
    apart.bound = min(apart.bound, int(np.ldexp(widest, f)) + 2)
    rise = wide.mul_trunc(do, apart, slope.call, g)
    top = int(np.ldexp(np.abs(heights).max(), f)) + 4
    return narrowed(SecretArray(do(ideal.add, low.call, rise), t), top)


def _kept(reached: Any, w: Words) -> SecretArray:
    """The word of the last piece that is reached: the first word and the differences so far."""
    shape, count = reached.shape[:-1], reached.shape[-1]
    most = int(np.abs(signed(w)).max())
    if not count:
        return ask(ideal.public, np.full(shape, w[0]), dtype=sint)
    steps = as_words(np.diff(signed(w)).reshape(count, 1))
    rows = np.reshape(reached, (prod(shape), count))
    sums = Bilinear("matmul", count).exact(rows.word, steps)
    flat = ask(ideal.shift, sums, np.asarray(w[0]), dtype=sint)
    return narrowed(np.reshape(flat, shape), most)

"""(x - mean) / sqrt(variance + eps), over a batch or within each row: both directions.

The values of each mean are brought to one row. The variance is a sum of whole words that is cut
only after eps has been added, so that eps counts although it may be less than a step of x; its
inverse root, one for each row, has more fraction bits than x. Where squares might not fit the
ring, the words are cut to fewer bits for the variance alone.

    dx = a (g - mean(g) - z mean(g z)),    z = (x - mean) r,    a = r weight

is a sum of two products with one cut.
Source: batch normalisation (Ioffe, Szegedy 2015), layer normalisation (Ba et al. 2016).
Notation: m rows of n elements; r = 1 / sqrt(variance + eps); the root of the mean of z^2 in a row
is at most q, which is 1 but for rounding, so that |z| <= q sqrt(n).
"""

from dataclasses import dataclass
from math import ceil, isqrt, log2, prod, sqrt
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType, sfix
from mpckernel.array.functions.fused import declared
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import OutOfRange, UsageError
from mpckernel.nn import flows, norms
from mpckernel.nn.modes import product_type
from mpckernel.nn.running import fine, finest
from mpckernel.nn.tensor import differentiable
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import roots, wide
from mpckernel.protocols.composed.claims import plus_public, proven, shift_right
from mpckernel.protocols.composed.divide import divide_public
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.protocols.ideal import LIMIT, SMALLER
from mpckernel.runtime.cell import current

FINE = 28  # fraction bits of what there is one of for each row, at most
COARSE = 8  # at least
VARIANCE = sfix(20)
NEAR = 1.01  # more than what cuts and roots are wrong by, relative


@dataclass(frozen=True, slots=True)
class Standard:
    """z (m, n); r (m, 1), with |r| <= most; q; mean and variance (m,), the latter at twice the
    fraction bits of what was squared."""

    z: SecretArray
    r: SecretArray
    most: float
    q: float
    mean: SecretArray
    variance: SecretArray


def standardised(rows: SecretArray, eps: float, t: SecretType) -> Standard:
    """The rows (m, n) with mean 0 and variance 1, as t. Error of z: 2^-17 z + 2 steps |r|.

    The variance errs by a step of its type; and where n words below `bound` have squares that
    might not fit 2^62, by what cutting them to fewer bits does, 2^-k std for k bits left.
    Raises OutOfRange if hardly any are left.
    """
    do, n = current().record, rows.shape[1]
    mean = np.mean(rows, axis=1, keepdims=True)
    apart: Any = rows - mean
    short, total = _squarable(apart, norms.whole(rows), n)
    f = short.dtype.f
    squares = do(proven(ideal.dot, total), short.word, short.word, n=n)
    v = divide_public(do, squares, np.asarray(float(n)), 0)
    floor = round(eps * 4**f)
    most = 2.0**f / sqrt(max(floor - 2, 1)) * NEAR
    q = NEAR * (1 + most * 2.0**-f) + 2.0**-8
    g = _bits(apart.dtype.f, q * sqrt(n))
    root = do(lanewise(roots.rsqrt), plus_public(do, v, floor), c=2 * g + 2 * f)
    r = np.reshape(declared(SecretArray(root, sfix(g), rows.owners), most), (-1, 1))
    z = times_to(apart, r, t, q * sqrt(n))
    norms.knows(z, q * sqrt(n), q * sqrt(z.size))
    variance = SecretArray(v, SecretType(f"sfix{2 * f}", "f", 2 * f), rows.owners)
    return Standard(z, r, most, q, np.reshape(mean, (-1,)), variance)


def _squarable(apart: SecretArray, whole: float, n: int) -> tuple[SecretArray, int]:
    """Rows whose squares can be added up, cut as far as that asks for; the most they add up to."""
    f = apart.dtype.f
    length = ceil(min(sqrt(n) * apart.bound, whole * 2.0**f + 2 * sqrt(apart.size)))
    k = max(0, (length**2).bit_length() - 61)
    k = -(-k // 2)
    if k >= f:
        raise OutOfRange(f"values to be normalised may be too large; {SMALLER}")
    if k == 0:
        return apart, length**2
    return apart.astype(sfix(f - k)), ((length >> k) + isqrt(n) + 2) ** 2


def _bits(f: int, most: float) -> int:
    """Fraction bits of what is multiplied by numbers with f, for products of at most `most`: as
    many as the ring has room for before the cut; no fewer than 8, and limbs then."""
    return max(COARSE, min(FINE, 60 - f - ceil(log2(most + 1))))


def times_to(x: SecretArray, y: SecretArray, t: SecretType, most: float) -> SecretArray:
    """x y as t with one cut, element by element, for |x y| <= most. Error: a step of t."""
    bound, cut = ceil(most * 2**t.f) + 2, x.dtype.f + y.dtype.f - t.f
    call = wide.mul_trunc(current().record, x.word, y.word, cut, bound)
    return SecretArray(call, t, x.owners | y.owners)


def dots(x: SecretArray, y: SecretArray, most: float) -> SecretArray:
    """Sums of products over the last axis, exact, for |sum| <= most; their scales add up."""
    f = x.dtype.f + y.dtype.f
    bound = ceil(most * 2**f)
    if bound >= LIMIT:
        raise OutOfRange(f"sums of so many products may not fit the ring; {SMALLER}")
    call = current().record(proven(ideal.dot, bound), x.word, y.word, n=x.shape[-1])
    return SecretArray(call, SecretType(f"sfix{f}", "f", f), x.owners | y.owners)


def back(g: SecretArray, s: Standard, weight: Any = None) -> tuple[Any, SecretArray]:
    """The gradient by the rows, from that by z times a weight (m, 1) or None for 1; and the sums
    of g z of each row."""
    do, n, t = current().record, g.shape[1], s.z.dtype
    largest, heaviest = _largest(g), 1.0 if weight is None else norms.largest(weight)
    total = norms.whole(g)
    sums = dots(g, s.z, min(largest * n, total * sqrt(n)) * s.q + 2.0**-t.f)
    norms.knows(sums, whole=s.q * sqrt(n) * total + 2.0**-t.f * sqrt(sums.size))
    apart: Any = g - np.mean(g, axis=1, keepdims=True)
    steepest = s.most * heaviest
    size = steepest * max(1.0, largest * s.q) * NEAR + 1
    length = NEAR * s.q**2 * steepest * total + 1
    most = min(length, NEAR * steepest * largest * (2 + s.q**2 * sqrt(n)) + 1)
    bits = _bits(t.f, max(most, size))
    a = s.r.astype(sfix(bits)) if weight is None else times_to(s.r, weight, sfix(bits), steepest)
    mean = divide_public(do, sums.word, np.asarray(float(n)), FINE - sums.dtype.f)
    share = np.reshape(SecretArray(mean, sfix(FINE)), (-1, 1))
    both = np.stack([a, times_to(a, share, a.dtype, size)], -1)
    pair: Any = np.stack([apart, -s.z], -1)
    call = wide.dot_trunc(do, pair.word, both.word, 2, bits, ceil(most * 2**t.f) + 4)
    z = SecretArray(call, t, g.owners | a.owners | s.z.owners)
    return norms.knows(z, whole=length + _cuts(z)), sums


def _largest(x: SecretArray) -> float:
    return min(norms.largest(x), norms.whole(x))


def as_type(x: Any, t: SecretType) -> SecretArray:
    """A gradient as a secret of a type."""
    x = secret(operand(x))
    z = x.astype(t)
    return norms.knows(z, norms.row(x) + _cuts(z), norms.whole(x) + _cuts(z))


def _cuts(z: SecretArray) -> float:
    return z.size * 2.0**-z.dtype.f


class _Channels:
    """Images (n, c, ...) as rows, one for each channel, and back."""

    def __init__(self, shape: Any) -> None:
        self.shape = tuple(shape)
        self.turned = (self.shape[1], self.shape[0], *self.shape[2:])
        self.order = (1, 0, *range(2, len(self.shape)))

    def rows(self, x: Any) -> Any:
        z = np.reshape(np.transpose(x, self.order), (self.shape[1], -1))
        return norms.knows(z, whole=norms.whole(x))

    def images(self, rows: Any) -> Any:
        z = np.transpose(np.reshape(rows, self.turned), self.order)
        return norms.knows(z, whole=norms.whole(rows))


@differentiable
def batch_norm(
    x: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5, seen: Any = None
) -> Any:
    """Every channel of x (n, c, ...) standardised over all else, times weight (c,) plus bias (c,).

    seen: called with means and variances (c,), which are biased. Error: see `standardised`.
    Three cuts an element and direction. Leaks nothing.
    """
    image, t = _image(x)
    at = _Channels(x.shape)
    s = standardised(at.rows(image), eps, t)
    if seen is not None:
        t_v = finest(norms.largest(s.variance))
        v = shift_right(current().record, s.variance.call, s.variance.dtype.f - t_v.f)
        seen(s.mean, SecretArray(v, t_v, s.variance.owners))
    column = None if weight is None else np.reshape(weight, (-1, 1))
    y = _weighted(s, column, bias if bias is None else np.reshape(bias, (-1, 1)))
    found: list[Any] = []

    def gradients(g: Any) -> Any:
        if not found or found[0] is not g:
            rows = at.rows(as_type(g, t))
            found[:] = [g, *back(rows, s, column)]
        return found[1:]

    def to_x(g: Any) -> Any:
        z = gradients(g)[0]
        return flows.errors(at.images(z), norms.whole(z))

    def to_weight(g: Any) -> Any:
        return as_type(gradients(g)[1], t)

    return at.images(y), (to_x, to_weight, lambda g: _summed(at.rows(operand(g))))


def _weighted(s: Standard, weight: Any, bias: Any) -> SecretArray:
    """weight z + bias, both broadcast."""
    z, n = s.z, s.z.shape[1]
    y, heaviest = z, 1.0
    if weight is not None:
        heaviest = norms.largest(weight)
        y = times_to(z, secret(operand(weight)), z.dtype, s.q * sqrt(n) * heaviest)
    if bias is not None:
        y = y + bias
    offset = 0.0 if bias is None else norms.largest(bias)
    long = s.q * heaviest + offset + 2.0**-z.dtype.f
    return norms.knows(y, long * sqrt(n), long * sqrt(z.size))


@differentiable
def layer_norm(x: Any, shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """x standardised over its last axes, of this shape, times weight plus bias of the same shape.

    Error: see `standardised`. Three cuts an element forward and four back. Leaks nothing.
    """
    wanted = (shape,) if isinstance(shape, int) else tuple(shape)
    if tuple(x.shape[x.ndim - len(wanted) :]) != wanted:
        raise UsageError(f"layer_norm of {wanted}: an array of shape {tuple(x.shape)} does not fit")
    image, t = _image(x)
    flat = (-1, prod(wanted))
    s = standardised(_alike(np.reshape(image, flat), image), eps, t)
    row, offset = (None if v is None else np.reshape(v, (1, -1)) for v in (weight, bias))
    y = _weighted(s, row, offset)

    def rows(g: Any) -> Any:
        return _alike(np.reshape(g, flat), g)

    def to_x(g: Any) -> Any:
        g = rows(as_type(g, t))
        if row is not None:
            heaviest = norms.largest(row)
            h = times_to(g, secret(operand(row)), t, _largest(g) * heaviest)
            g = norms.knows(h, whole=heaviest * norms.whole(g) + _cuts(h))
        z, _ = back(g, s)
        return flows.errors(np.reshape(z, x.shape), norms.whole(z))

    def to_weight(g: Any) -> Any:
        g = rows(as_type(g, t))
        length = norms.whole(g) * s.q * sqrt(s.z.size)
        most = min(length, _largest(g) * s.q * sqrt(s.z.shape[1]) * g.shape[0])
        sums = dots(np.transpose(g), np.transpose(s.z), most + 2.0**-t.f)
        z = as_type(norms.knows(sums, whole=length + sums.size * 2.0**-t.f), t)
        return _alike(np.reshape(z, wanted), z)

    def to_bias(g: Any) -> Any:
        z = _summed(np.transpose(rows(operand(g))))
        return _alike(np.reshape(z, wanted), z)

    return _alike(np.reshape(y, x.shape), y), (to_x, None, to_weight, to_bias)


@differentiable
def fixed_norm(
    x: Any, mean: Any, variance: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """(x - mean) / sqrt(variance + eps) weight + bias, for known means and variances (c,) of the
    channels of x (n, c, ...): one cut an element and direction. Leaks nothing.

    Error: 2^-17 of the result and two steps of it; |x| times a step of the factor, which has as
    many bits, 28 or fewer, as products of the largest |x| and weight and 1 / sqrt(eps) leave room
    for; and about d / (2 (variance + eps)) of the result, where d, what variance and eps are off,
    is half a step of the variance's type and 2^-31. Of mean and variance there is no gradient.
    """
    image, t = _image(x)
    at = _Channels(x.shape)
    rows, m, r, most = at.rows(image), fine(mean), *_root_of(variance, eps)
    heaviest = 1.0 if weight is None else norms.largest(weight)
    bits = sfix(_bits(image.dtype.f, max(1.0, norms.largest(rows)) * most * heaviest * NEAR))
    a = (
        r.astype(bits)
        if weight is None
        else times_to(r, secret(operand(weight)), bits, most * heaviest)
    )
    offset = -1 * times_to(m, a, t, norms.largest(m) * most * heaviest)
    offset = offset if bias is None else offset + bias
    column, steepest = np.reshape(a, (-1, 1)), most * heaviest * NEAR
    y = times_to(rows, column, t, norms.largest(rows) * steepest) + np.reshape(offset, (-1, 1))
    size = sqrt(prod(image.shape[1:]))
    long = steepest * norms.row(image) + size * (norms.largest(offset) + 2.0**-t.f)

    def to_x(g: Any) -> Any:
        g = at.rows(as_type(g, t))
        z = times_to(g, column, t, _largest(g) * steepest)
        return at.images(norms.knows(z, whole=steepest * norms.whole(g) + _cuts(z)))

    def to_weight(g: Any) -> Any:
        g = at.rows(as_type(g, t))
        z: Any = (rows - np.reshape(m.astype(image.dtype), (-1, 1))).astype(t)
        size = _largest(g) * norms.largest(z)
        products = dots(g, z, size * g.shape[1]).astype(t)
        return times_to(products, r, t, size * g.shape[1] * most)

    def to_bias(g: Any) -> Any:
        return _summed(at.rows(operand(g)))

    return flows.activations(at.images(y), long), (to_x, None, None, to_weight, to_bias)


def _summed(rows: Any) -> Any:
    """The sum of each row."""
    return norms.knows(np.sum(rows, axis=1), whole=sqrt(rows.shape[1]) * norms.whole(rows))


def _root_of(variance: Any, eps: float) -> tuple[SecretArray, float]:
    """1 / sqrt(variance + eps) (c,), and the most that it is."""
    do, v = current().record, fine(variance)
    f = v.dtype.f
    floor = round(eps * 2**f)
    most = 2.0 ** (f / 2) / sqrt(max(floor - 4, 1)) * NEAR
    root = do(lanewise(roots.rsqrt), plus_public(do, v.word, floor), c=2 * FINE + f)
    z = declared(SecretArray(root, sfix(FINE)), most)
    z.owners = v.owners
    return z, most


def _image(x: Any) -> tuple[SecretArray, SecretType]:
    """As a secret of at least the fraction bits of the type of products, and that type."""
    z = secret(operand(x))
    t = product_type(z)
    t = t if t.f else VARIANCE
    return (z if z.dtype.f >= t.f else as_type(z, t)), t


def _alike(new: Any, old: Any) -> Any:
    return norms.knows(new, whole=norms.whole(old))

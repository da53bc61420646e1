"""Products of two secrets, elementwise or contracted, at any scale.

The product of words at scales f and g has scale f + g and is cut back by the smaller of them.
Where the uncut product might not fit the ring it is computed in limbs of one operand.
Source: fixed-point products as in SecureML and ABY3; limbs as in schoolbook multiplication.
"""

from dataclasses import dataclass
from itertools import pairwise

from mpckernel.array.dtypes import SecretType, number, promote
from mpckernel.array.secret import SecretArray
from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT, Ideal
from mpckernel.ring.words import as_words
from mpckernel.runtime.cell import current
from mpckernel.runtime.plan import Call


@dataclass(frozen=True, slots=True)
class Bilinear:
    """A product as it is, the same cut by f bits, and how many terms one result adds up."""

    whole: Ideal
    cut: Ideal
    terms: int | None = None  # None: elementwise, no `n` to hand over

    @property
    def params(self) -> dict[str, int]:
        return {} if self.terms is None else {"n": self.terms}

    @property
    def n(self) -> int:
        return max(self.terms or 1, 1)


TIMES = Bilinear(ideal.mul, ideal.mul_trunc)


def product(kind: Bilinear, x: SecretArray, y: SecretArray) -> SecretArray:
    """x by y: integers exactly, as is an integer by fixed point.

    Two fixed-point operands: |error| <= L steps 2^-f of the finer scale, where L = 1, or the
    number of limbs (at most 6) where the uncut product needs more than the ring holds.
    OutOfRange if the result itself might not fit.
    """
    call = _cut(kind, x.word, y.word, min(x.dtype.f, y.dtype.f))
    return SecretArray(call, product_type(x.dtype, y.dtype))


def product_type(*types: SecretType) -> SecretType:
    """The type of a product: numbers, at the finer scale."""
    return promote(*(number(t) for t in types))


def _cut(kind: Bilinear, x: Call, y: Call, f: int) -> Call:
    do = current().record
    if f == 0:
        return do(kind.whole, x, y, **kind.params)
    full = x.bound * y.bound * kind.n
    if full < LIMIT:
        return do(kind.cut, x, y, f=f, **kind.params)
    if full >> f >= LIMIT:
        raise OutOfRange(
            f"this product could reach 2^{(full >> f).bit_length()} steps, and the ring holds "
            "less than 2^62; declare smaller bounds, share(x, bound=...), clip with np.clip, or "
            "use fewer fraction bits; nothing was sent"
        )
    return _in_limbs(kind, x, y, f)


def _in_limbs(kind: Bilinear, x: Call, y: Call, f: int) -> Call:
    """x = the sum of limb_k 2^(k s): each limb by y fits the ring, and is cut by f - k s."""
    do = current().record
    first = x.bound >= y.bound  # which operand is taken apart
    big, small = (x, y) if first else (y, x)
    s = 61 - (kind.n * small.bound).bit_length()
    if s < 1:
        raise OutOfRange("a product over so many terms does not fit; declare smaller bounds")
    limbs = limbs_of(big, s)
    total: Call | None = None
    for k, limb in enumerate(limbs):
        rest = f - k * s
        if rest < 0:
            limb = times_power(limb, -rest)  # noqa: PLW2901
        pair = (limb, small) if first else (small, limb)
        part = (
            do(kind.cut, *pair, f=rest, **kind.params)
            if rest > 0
            else do(kind.whole, *pair, **kind.params)
        )
        total = part if total is None else do(ideal.add, total, part)
    assert total is not None
    total.bound = min(total.bound, ((x.bound * y.bound * kind.n) >> f) + len(limbs) + 1)
    return total


def limbs_of(x: Call, s: int) -> list[Call]:
    """Limbs of s bits, least first: all but the last in [0, 2^s), the last one signed. Exact."""
    do = current().record
    count = max(1, -(-x.bound.bit_length() // s))
    above = [x] + [do(ideal.floor, x, f=k * s) for k in range(1, count)]
    limbs = []
    for here, over in pairwise(above):
        limb = do(ideal.sub, here, times_power(over, s))
        limb.bound = min(limb.bound, (1 << s) - 1)
        limbs.append(limb)
    return [*limbs, above[-1]]


def times_power(x: Call, k: int) -> Call:
    """2^k x, exactly and free."""
    return x if k == 0 else current().record(ideal.scale, x, as_words(1 << k))

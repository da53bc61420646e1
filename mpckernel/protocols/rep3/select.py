"""Choosing between two words by a secret bit.

Source: folklore, y + b (x - y). Departs from it in: the bit is converted at its own shape.
Notation: as in convert.py and mul.py.
"""

from math import prod

from mpckernel.protocols import ideal
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.convert import bit_to_word
from mpckernel.protocols.rep3.mul import mul
from mpckernel.ring.words import Shape
from mpckernel.sharing.rep3 import Bits3, Rep3


def _bits(out: Shape, b: Shape, *_: Shape) -> int:
    return 192 * (prod(b) + prod(out))


@op(ideal.select, rounds=3, bits=_bits, leaks="nothing", source="folklore")
async def select(p: Party, b: Bits3, x: Rep3, y: Rep3) -> Rep3:
    """[x where b, else y]; shapes broadcast."""
    return y + await mul(p, await bit_to_word(p, b), x - y)

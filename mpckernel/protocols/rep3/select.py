"""Choosing between two words by a secret bit.

Source: folklore, y + b (x - y). Departs from it in: nothing.
Notation: as in convert.py and mul.py.
"""

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.convert import bit_to_word
from mpckernel.protocols.rep3.mul import mul
from mpckernel.sharing.rep3 import Bits3, Rep3, spread


@op(ideal.select, rounds=3, bits=2 * 192, leaks="nothing", source="folklore")
async def select(p: Party, b: Bits3, x: Rep3, y: Rep3) -> Rep3:
    """[x where b, else y]; shapes broadcast."""
    b = spread(b, np.broadcast_shapes(b.shape, x.shape, y.shape))
    return y + await mul(p, await bit_to_word(p, b), x - y)

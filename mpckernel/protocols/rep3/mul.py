"""Products of replicated shares over Z_{2^64}. Three parties, one semi-honest.

Source: Araki et al. 2016, ePrint 2016/768, section 2.1 (for words: ABY3, ePrint 2018/403,
section 3.2).
Departs from it in: parties are 0, 1, 2; two of the three local products are merged,
x_i (y_i + y_j); dot products and matrix products add up before they are masked and sent.
Notation: party i runs this code; j = i + 1 mod 3; x = x_0 + x_1 + x_2.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

from math import prod

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.ring import words
from mpckernel.ring.words import Words
from mpckernel.sharing.rep3 import Rep3

WORD = 3 * 64  # every party sends one word for each element of the result


def product_share(p: Party, x: Rep3, y: Rep3) -> Words:
    """z_i with z_0 + z_1 + z_2 = x y and masked: P_{i-1} may see it. Local."""
    shape = x.shape if x.shape == y.shape else np.broadcast_shapes(x.shape, y.shape)
    a, b = p.masks(prod(shape))
    return words.cross(x.i, x.j, y.i, y.j, a.reshape(shape), b.reshape(shape))


def dot_share(p: Party, x: Rep3, y: Rep3) -> Words:
    """The same for sums of products over the last axis. Local."""
    (x_i, x_j), (y_i, y_j) = x, y
    z_i = np.asarray(np.einsum("...n,...n->...", x_i, y_i + y_j))
    z_i += np.einsum("...n,...n->...", x_j, y_i)  # in place: it stays an array without axes
    z_i += p.zero_share(z_i.shape)
    return z_i


def matmul_share(p: Party, x: Rep3, y: Rep3) -> Words:
    """The same for the product of two matrices. Local."""
    (x_i, x_j), (y_i, y_j) = x, y
    shape = (x.shape[0], y.shape[1])
    a, b = (m.reshape(shape) for m in p.masks(shape[0] * shape[1]))
    return words.matmul_cross(x_i, x_j, y_i, y_j, a, b)


@op(ideal.mul, rounds=1, bits=WORD, leaks="nothing", source="2016/768 2.1")
async def mul(p: Party, x: Rep3, y: Rep3) -> Rep3:
    """[x y], elementwise; shapes broadcast as in NumPy."""
    z_i = product_share(p, x, y)
    return Rep3(z_i, await p.pass_left(z_i))


@op(ideal.dot, rounds=1, bits=WORD, leaks="nothing", source="2016/768 2.1")
async def dot(p: Party, x: Rep3, y: Rep3, *, n: int) -> Rep3:
    """[sum of x y over the last axis]; the price does not depend on its length n."""
    z_i = dot_share(p, x, y)
    return Rep3(z_i, await p.pass_left(z_i))


@op(ideal.matmul, rounds=1, bits=WORD, leaks="nothing", source="2016/768 2.1")
async def matmul(p: Party, x: Rep3, y: Rep3, *, n: int) -> Rep3:
    """[x @ y] for matrices; the price does not depend on the inner length n."""
    z_i = matmul_share(p, x, y)
    return Rep3(z_i, await p.pass_left(z_i))

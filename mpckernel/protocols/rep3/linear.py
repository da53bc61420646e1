"""What a linear sharing gives for free: no message, no round, plain `def`.

Source: linearity; Araki et al. 2016, ePrint 2016/768, section 2.1.
Departs from it in: nothing. Notation: a public constant is added to share 0, which is x_i of
P_0 and x_j of P_2.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

import numpy as np

from mpckernel.protocols import ideal, moving
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.ring import words
from mpckernel.ring.words import Words
from mpckernel.sharing.rep3 import Rep3


def plus_public(p: Party, x: Rep3, c: Words) -> Rep3:
    """[x + c] for public c; shapes broadcast."""
    shape = np.broadcast_shapes(x.shape, c.shape)
    x_i, x_j = (s if s.shape == shape else np.broadcast_to(s, shape) for s in x)
    return Rep3(x_i + c if p.id == 0 else x_i, x_j + c if p.id == 2 else x_j)


@op(ideal.add, rounds=0, bits=0, leaks="nothing", source="linearity")
def add(p: Party, x: Rep3, y: Rep3) -> Rep3:
    """[x + y]."""
    return x + y


@op(ideal.sub, rounds=0, bits=0, leaks="nothing", source="linearity")
def sub(p: Party, x: Rep3, y: Rep3) -> Rep3:
    """[x - y]."""
    return x - y


@op(ideal.neg, rounds=0, bits=0, leaks="nothing", source="linearity")
def neg(p: Party, x: Rep3) -> Rep3:
    """[-x]."""
    return x.map(np.negative)


@op(ideal.scale, rounds=0, bits=0, leaks="nothing", source="linearity")
def scale(p: Party, x: Rep3, c: Words) -> Rep3:
    """[c x] for public c."""
    return x.map(lambda s: s * c)


@op(ideal.shift, rounds=0, bits=0, leaks="nothing", source="linearity")
def shift(p: Party, x: Rep3, c: Words) -> Rep3:
    """[x + c] for public c."""
    return plus_public(p, x, c)


@op(ideal.public, rounds=0, bits=0, leaks="nothing", source="linearity")
def public(p: Party, c: Words) -> Rep3:
    """[c]: shares c, 0, 0."""
    zero = np.zeros(c.shape, np.uint64)
    return plus_public(p, Rep3(zero, zero), c)


@op(ideal.total, rounds=0, bits=0, leaks="nothing", source="linearity")
def total(p: Party, x: Rep3, *, axis: tuple[int, ...], n: int) -> Rep3:
    """[sum of x over the axes]."""
    return x.map(lambda s: np.add.reduce(s, axis=axis, dtype=np.uint64))


@op(ideal.running, rounds=0, bits=0, leaks="nothing", source="linearity")
def running(p: Party, x: Rep3, *, axis: int, n: int) -> Rep3:
    """[running sum of x along the axis]."""
    return x.map(lambda s: np.cumsum(s, axis=axis, dtype=np.uint64))


@op(ideal.move, rounds=0, bits=0, leaks="nothing", source="linearity")
def move(p: Party, *x: Rep3, how: moving.How) -> Rep3:
    """[the elements of x placed otherwise]: the same movement on every share."""
    return Rep3(moving.apply(how, *(s.i for s in x)), moving.apply(how, *(s.j for s in x)))


@op(ideal.matmul_public, rounds=0, bits=0, leaks="nothing", source="linearity")
def matmul_public(p: Party, x: Rep3, c: Words, *, n: int) -> Rep3:
    """[x @ c] for a public matrix c."""
    return x.map(lambda s: words.matmul(s, c))


@op(ideal.public_matmul, rounds=0, bits=0, leaks="nothing", source="linearity")
def public_matmul(p: Party, c: Words, x: Rep3, *, n: int) -> Rep3:
    """[c @ x] for a public matrix c."""
    return x.map(lambda s: words.matmul(c, s))

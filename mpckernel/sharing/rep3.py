"""Replicated secret sharing among three parties, any one of which learns nothing.

Source: Ito, Saito, Nishizeki 1987; as used by Araki et al. 2016, ePrint 2016/768, section 2.
Notation: party i holds (x_i, x_j), j = i + 1 mod 3. Words: x = x_0 + x_1 + x_2 mod 2^64.
Bits: x = x_0 ^ x_1 ^ x_2, packed 64 to a word, flat in C order of the logical shape.
"""

# ruff: noqa: TID251 (deal is for tests, which bring their own generator)

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mpckernel.ring import bits
from mpckernel.ring.words import Shape, Words

Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rep3:
    """Party i's part of [x] over Z_{2^64}: two arrays of the shape of x."""

    i: Words
    j: Words

    def __post_init__(self) -> None:
        """Arithmetic on arrays without axes gives NumPy scalars; shares stay arrays."""
        if not (isinstance(self.i, np.ndarray) and isinstance(self.j, np.ndarray)):
            object.__setattr__(self, "i", np.asarray(self.i))
            object.__setattr__(self, "j", np.asarray(self.j))

    def __iter__(self) -> Iterator[Words]:
        yield self.i
        yield self.j

    def __add__(self, other: "Rep3") -> "Rep3":
        return Rep3(self.i + other.i, self.j + other.j)

    def __sub__(self, other: "Rep3") -> "Rep3":
        return Rep3(self.i - other.i, self.j - other.j)

    def map(self, f: Callable[[Words], Words]) -> "Rep3":
        """The same Z-linear map on both shares."""
        return Rep3(f(self.i), f(self.j))

    @property
    def shape(self) -> Shape:
        return self.i.shape

    def __repr__(self) -> str:
        return f"<Rep3 part, shape {self.shape}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bits3:
    """Party i's part of [b] over GF(2): two flat packed arrays, and the logical shape of b.

    Padding bits of the last word are shares of zero; they are cleared before anything is
    opened all the same.
    """

    i: Words
    j: Words
    shape: Shape

    def __iter__(self) -> Iterator[Words]:
        yield self.i
        yield self.j

    @property
    def size(self) -> int:
        return prod(self.shape)

    def __repr__(self) -> str:
        return f"<Bits3 part, shape {self.shape}>"


def spread(x: Bits3, shape: Shape) -> Bits3:
    """The same bits broadcast to a shape."""
    if x.shape == shape:
        return x
    i, j = (spread_bools(bits.unpack(s, x.size).reshape(x.shape), shape) for s in x)
    return Bits3(i, j, shape)


def spread_bools(b: Bools, shape: Shape) -> Words:
    """Public bools broadcast to a shape, packed."""
    return bits.pack(b if b.shape == shape else np.broadcast_to(b, shape))


def join_planes(planes: Words, n: int) -> Words:
    """One share of k planes of n bits as one packed array of k n bits, plane after plane."""
    if n % 64 == 0:
        return planes.reshape(-1)
    return bits.pack(np.stack([bits.unpack(plane, n) for plane in planes]))


def deal(x: Words, rng: np.random.Generator) -> list[Rep3]:
    """Split words into three parts (a trusted dealer: tests only)."""
    x_0, x_1 = (np.asarray(rng.integers(0, 2**64, x.shape, np.uint64)) for _ in range(2))
    s = [x_0, x_1, np.asarray(x - x_0 - x_1)]
    return [Rep3(s[i], s[(i + 1) % 3]) for i in range(3)]


def reconstruct(parts: list[Rep3]) -> Words:
    """The words, given all three parts; checks that the replicas agree."""
    for part, right in zip(parts, parts[1:] + parts[:1], strict=True):
        np.testing.assert_array_equal(part.j, right.i)
    return np.asarray(parts[0].i + parts[1].i + parts[2].i)


def deal_bits(b: np.ndarray, rng: np.random.Generator) -> list[Bits3]:
    """Split bools of any shape into three parts (tests only)."""
    x = bits.pack(np.ascontiguousarray(b).ravel())
    mask = bits.pad_mask(b.size)
    x_0, x_1 = (rng.integers(0, 2**64, x.shape, np.uint64) & mask for _ in range(2))
    s = [x_0, x_1, x ^ x_0 ^ x_1]
    return [Bits3(s[i], s[(i + 1) % 3], b.shape) for i in range(3)]


def reconstruct_bits(parts: list[Bits3]) -> np.ndarray:
    """The bools, given all three parts; checks that the replicas agree."""
    for part, right in zip(parts, parts[1:] + parts[:1], strict=True):
        np.testing.assert_array_equal(part.j, right.i)
    words = parts[0].i ^ parts[1].i ^ parts[2].i
    return bits.unpack(words, parts[0].size).reshape(parts[0].shape)

"""The stable order of secret keys, as places: by radix, or by all pairs where rows are short.

Source: none for the choice; the cost of a pass is that of rep3/places.py. A round counts as the
bits that three parties send in its time (ROUND), moving a row in one pass likewise (MOVE).
Departs from it in: nothing.
Notation: keys lie along the last axis; places[k] is where element k goes.
"""

from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from mpckernel.protocols import ideal, ordering
from mpckernel.protocols.ideal import LIMIT
from mpckernel.protocols.moving import frozen
from mpckernel.ring.words import as_words

ROUND = 2**20  # bits: 0.3 ms of a local network
MOVE = 300  # bits: 0.1 us of a processor, for each row and pass
SHORT = 64  # at most so many elements are compared pair by pair
WIDEST = 8  # bits of a digit


def places(do: Callable[..., Any], *keys: Any, down: bool = False, sure: bool = True) -> Any:
    """Where each element goes in the ascending order of its keys; the last key counts most.

    keys: calls of one shape, words or bits. down: descending, still stable. sure: the bounds of
    keys are proven, and no promise that may turn out wrong; places by radix are a permutation
    whatever the words are. Costs nothing but rounds and bits that the plan says; leaks nothing.
    """
    shape = keys[0].shape
    n, size = shape[-1], prod(shape)
    if n <= 1 or size == 0:
        return do(ideal.public, _numbers(shape))
    length = sum(_length(k) for k in keys)
    single = sure and len(keys) == 1 and keys[0].kind == "word"
    if single and _pairs_are_cheaper(keys[0], length):
        return _by_pairs(do, keys[0], down)
    planes = [_planes(do, k, down) for k in keys]
    all_planes = planes[0]
    if len(planes) > 1:
        all_planes = do(ideal.move_bits, *planes, how=("concatenate", 0))
    return do(ordering.places, all_planes, digits=digits_for(length, size, n), n=n)


def _numbers(shape: tuple[int, ...]) -> np.ndarray:
    return as_words(np.broadcast_to(np.arange(shape[-1]), shape))


def _length(key: Any) -> int:
    """Bits of a key: two's complement of what its bound allows."""
    return 1 if key.kind == "bit" else min(key.bound, LIMIT - 1).bit_length() + 1


def _planes(do: Callable[..., Any], key: Any, down: bool) -> Any:
    """Its bits, lowest first, so that they order as unsigned numbers do."""
    if key.kind == "bit":
        bits = do(ideal.move_bits, key, how=("expand_dims", (0,)))
        return do(ideal.invert, bits) if down else bits
    length = _length(key)
    turned = (np.arange(length) == length - 1) ^ down
    bits = do(ideal.to_bits, key, width=length)
    return do(ideal.flip, bits, turned.reshape(-1, *[1] * len(key.shape)))


# Radix


@lru_cache(1024)
def digits_for(length: int, size: int, n: int) -> tuple[int, ...]:
    """How to cut keys of `length` bits: the cheapest of even digits with a last one of its own."""
    options = []
    for d in range(1, min(WIDEST, length) + 1):
        for last in range(1, d + 1):
            passes = -(-(length - last) // d)
            even = [(length - last + k) // passes for k in range(passes)] if passes else []
            options.append((*sorted(even, reverse=True), last))
    exact = [o for o in options if sum(o) == length]
    return min(exact, key=lambda o: (cost(o, size, n), o))


def cost(digits: tuple[int, ...], size: int, n: int) -> int:
    """Bits of a sort by these digits, with rounds and moves counted as bits."""
    w, left, total = max(n - 1, 1).bit_length(), sum(digits), 0
    for k, d in enumerate(digits):
        width = 64 if k == len(digits) - 1 else w
        left -= d
        total += size * (width * (3 * 2**d + 4) + 2 * (left + 2 * w + d) + MOVE) + 6 * ROUND
    return total


# All pairs


def _pairs_are_cheaper(key: Any, length: int) -> bool:
    n, size = key.shape[-1], prod(key.shape)
    if n > SHORT or _width(key.bound) is None:
        return False
    pairs = size * (n - 1) // 2
    price = pairs * (9 * _width(key.bound) + 192) + 10 * ROUND  # type: ignore[operator]
    radix = cost(digits_for(length, size, n), size, n) + size * 16 * length + 8 * ROUND
    return price < radix


def _width(bound: int) -> int | None:
    """Bits that hold every difference of two words up to `bound`; None if the ring does not."""
    if 2 * bound >= LIMIT:
        return None
    return 16 if 2 * bound < 2**15 else 32 if 2 * bound < 2**31 else 64


def _by_pairs(do: Callable[..., Any], key: Any, down: bool) -> Any:
    """Place = how many elements come before: one comparison for each pair k < l."""
    n = key.shape[-1]
    first, second = np.triu_indices(n, 1)
    one, two = (
        do(ideal.move, key, how=("index", frozen((Ellipsis, at)))) for at in (first, second)
    )
    later = do(ideal.sub, one, two) if down else do(ideal.sub, two, one)
    swapped = do(ideal.bit_to_word, do(ideal.msb, later, width=_width(key.bound)))
    rows, pairs = prod(key.shape[:-1]), len(first)
    flat = do(ideal.move, swapped, how=("reshape", (rows, pairs)))
    votes = np.zeros((pairs, n), np.int64)
    votes[np.arange(pairs), first], votes[np.arange(pairs), second] = 1, -1
    moved = do(ideal.matmul_public, flat, as_words(votes), n=pairs)
    out = do(ideal.shift, moved, as_words(np.arange(n)))
    out = do(ideal.move, out, how=("reshape", key.shape))
    out.bound = min(out.bound, n - 1)
    return out

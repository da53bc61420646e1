"""What oblivious movement computes, in the clear: shuffles, secret places, order, one-hot flags.

A permutation is given by places: row k goes to places[k]. It is the caller's to know that places
are a permutation of 0 .. n-1 along their last axis; protocols open them in a random order.
"""

# ruff: noqa: ARG001, ARG005 (each function gets all of a call's parameters)

import numpy as np

from mpckernel.errors import Unsupported
from mpckernel.protocols.ideal import RANDOM, declare
from mpckernel.ring.words import Shape, Words, as_words


def _fits(places: Shape, x: Shape) -> Shape:
    if not places or x[: len(places)] != places:
        raise Unsupported(f"places of shape {places} do not fit rows of shape {x}")
    return x


def _index(places: Words, x: np.ndarray) -> np.ndarray:
    at = places.astype(np.int64)
    return np.asarray(at.reshape(*at.shape, *[1] * (x.ndim - at.ndim)))


def _permute(places: Words, x: np.ndarray) -> np.ndarray:
    out = np.zeros_like(x)
    if x.size:
        np.put_along_axis(out, np.broadcast_to(_index(places, x), x.shape), x, places.ndim - 1)
    return out


def _unpermute(places: Words, x: np.ndarray) -> np.ndarray:
    if not x.size:
        return x.copy()
    at = np.broadcast_to(_index(places, x), x.shape)
    return np.take_along_axis(x, at, places.ndim - 1)


shuffle = declare(  # rows (first axis) in a uniformly random order that nobody knows
    "shuffle", lambda x: x.copy(), shape=lambda s: s, bound=lambda b: b
)
RANDOM.add("shuffle")
permute = declare("permute", _permute, shape=_fits, bound=lambda _, b: b)  # y[places[k]] = x[k]
permute_bits = declare("permute_bits", _permute, shape=_fits, bound=lambda _, b: 1, gives="bit")
unpermute = declare(  # y[k] = x[places[k]]
    "unpermute", _unpermute, shape=_fits, bound=lambda _, b: b
)


def _places(b: np.ndarray, digits: tuple[int, ...], n: int) -> Words:
    order = np.lexsort(b, axis=-1) if b.size else np.zeros(b.shape[1:], np.int64)
    return as_words(np.argsort(order, axis=-1))


def _places_shape(s: Shape, digits: tuple[int, ...], n: int) -> Shape:
    if len(s) < 2 or s[0] != sum(digits) or s[-1] != n or min(digits, default=0) < 1:
        raise Unsupported(f"digits of {sum(digits)} bits do not fit keys of shape {s}")
    return s[1:]


places = declare(  # where each element goes in the stable order of its key: bits, lowest first
    "places",
    _places,
    shape=_places_shape,
    bound=lambda b, digits, n: max(n - 1, 0),
)
one_hot = declare(  # words 1 where a number given by its bits, lowest first, is 0, 1, 2, ...
    "one_hot",
    lambda b: as_words(
        (b * (1 << np.arange(len(b))).reshape(-1, *[1] * (b.ndim - 1))).sum(0)[None]
        == np.arange(2 ** len(b)).reshape(-1, *[1] * (b.ndim - 1))
    ),
    shape=lambda s: (2 ** s[0], *s[1:]),
    bound=lambda b: 1,
)

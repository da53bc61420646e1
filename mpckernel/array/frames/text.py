"""Columns of text in joint tables: in the place of a word stands a number, 60 bits of its hash.

Equal words have equal numbers at every owner, and nothing else of them is known: they are compared
with public words and with each other, counted and grouped.
Source: BLAKE2b, RFC 7693.
"""

from collections.abc import Iterable
from hashlib import blake2b
from html import escape
from typing import Any, NoReturn

import numpy as np

from mpckernel.array.operators import Operators, here
from mpckernel.array.secret import SecretArray
from mpckernel.array.show import CELL, framed
from mpckernel.array.show import names as listed
from mpckernel.errors import UsageError

_NO_NUMBERS = (
    "text has no values to compute with; t['ward'] == 'north' says where it is what, "
    "t.groupby('ward', groups=[...]) counts it"
)


class Text(Operators):
    """A secret column of n words. `==`, `!=` and isin compare them, each to n secret booleans.

    Two different words count as equal with probability 2^-60.
    """

    __slots__ = ("_numbers",)
    __hash__ = None  # type: ignore[assignment]  # == compares elements

    def __init__(self, numbers: SecretArray) -> None:
        self._numbers = numbers

    @property
    def shape(self) -> tuple[int, ...]:
        return self._numbers.shape

    @property
    def owners(self) -> frozenset[str]:
        return self._numbers.owners

    def __len__(self) -> int:
        return len(self._numbers)

    def __eq__(self, other: Any) -> Any:
        return self._numbers == _compared(other)

    def __ne__(self, other: Any) -> Any:
        return self._numbers != _compared(other)

    def isin(self, words: Iterable[str]) -> SecretArray:
        """Whether each is one of the public words, as in pandas."""
        return np.isin(self._numbers, _compared(list(words)))  # type: ignore[return-value]

    def _no_numbers(self, *_: Any, **__: Any) -> NoReturn:
        raise UsageError(here() + _NO_NUMBERS)

    __array_ufunc__ = __array_function__ = __array__ = _revealed = _stands_for = _no_numbers
    __getitem__ = __iter__ = __bool__ = __float__ = __int__ = _no_numbers

    def __repr__(self) -> str:
        return f"<secret text {self.shape} from {listed(self.owners)}>"

    def _repr_html_(self) -> str:
        cell = f'<td style="{CELL}">'
        rows = ("shape", str(self.shape)), ("contributed by", listed(self.owners))
        lines = "".join(f"<tr>{cell}{a}</td>{cell}{escape(b)}</td></tr>" for a, b in rows)
        return framed("secret text", lines)


def is_text(values: np.ndarray) -> bool:
    """Whether an owner's column holds words."""
    return values.dtype.kind in "UT" or (
        values.dtype.kind == "O" and all(isinstance(v, str) for v in values)
    )


def numbered(values: Any) -> np.ndarray:
    """60 bits of a hash, the same for the same word at every owner; an owner's stay shares."""
    words = np.asarray(values, object)
    digests = (blake2b(str(v).encode(), digest_size=8).digest() for v in words.reshape(-1))
    numbers = np.array([int.from_bytes(d, "little") >> 4 for d in digests], np.int64)
    return numbers.reshape(words.shape)


def _compared(other: Any) -> Any:
    """What numbers are compared with: another column's, or those of public words."""
    if isinstance(other, Text):
        return other._numbers
    words = other if isinstance(other, list) else [other]
    if not all(isinstance(word, str) for word in words):
        raise UsageError(f"{here()}text is compared with text: t['ward'] == 'north'")
    return numbered(other)

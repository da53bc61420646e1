"""np.einsum: every contraction that NumPy can write, arranged as products of matrices.

Letters that come twice in one operand take its diagonal; an axis of one element stands for any
length; an ellipsis becomes letters of its own. Two operands at a time are contracted, in the order
in which NumPy's greedy search finds the fewest products, and each result is cut once.
"""

from math import prod
from operator import index
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Any

import numpy as np

from mpckernel.array.functions.linear import matmul
from mpckernel.array.publics import as_number, operand
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError

ORDERED = ascii_uppercase + ascii_lowercase  # as the axes of a result are that is not named


@implements(np.einsum)
def einsum(*operands: Any, optimize: Any = True) -> SecretArray:  # noqa: ARG001
    """Contractions by index letters, an ellipsis, or lists of axes; always in the cheapest order.

    Error: as for np.matmul, once per pair of operands, times the others
    """
    text, xs = _as_text(operands)
    names, target = _letters(text, xs)
    sizes: dict[str, int] = {}
    for name, x in zip(names, xs, strict=True):
        for s, n in zip(name, x.shape, strict=True):
            if sizes.setdefault(s, n) == 1:
                sizes[s] = n
            if n not in (1, sizes[s]):
                raise UsageError("np.einsum: axes with the same letter have different lengths")
    if len(set(target)) != len(target) or not set(target) <= set(sizes):
        raise UsageError("np.einsum: each letter of the result comes once, and from an operand")
    parts = [_plain(name, x, sizes) for name, x in zip(names, xs, strict=True)]
    for pair in _path([name for name, _ in parts], target, sizes):
        taken = [parts.pop(k) for k in sorted(pair, reverse=True)][::-1]
        while len(taken) > 1:
            later = target + "".join(name for name, _ in parts + taken[2:])
            taken[:2] = [_contract(*taken[0], *taken[1], later, sizes)]
        parts += taken
    name, x = parts[0]
    x, name = _sum_alone(x, name, target)
    x = as_number(x) if isinstance(x, SecretArray) else x
    return np.transpose(x, [name.index(s) for s in target]) if name else x


def _as_text(operands: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """The subscripts and the operands; lists of axes become letters."""
    if not operands:
        raise UsageError("np.einsum: subscripts and operands")
    if isinstance(operands[0], str):
        return operands[0].replace(" ", ""), [operand(x) for x in operands[1:]]

    def letters(axes: Any) -> str:
        if not all(k is Ellipsis or 0 <= index(k) < len(ORDERED) for k in axes):
            raise UsageError(f"np.einsum: axes are numbered from 0 to {len(ORDERED) - 1}")
        return "".join("..." if k is Ellipsis else ORDERED[k] for k in axes)

    given = operands[: len(operands) // 2 * 2]
    text = ",".join(letters(axes) for axes in given[1::2])
    if len(operands) % 2:
        text += "->" + letters(operands[-1])
    return text, [operand(x) for x in given[::2]]


def _letters(text: str, xs: list[Any]) -> tuple[list[str], str]:
    """One letter for each axis of each operand, and for each axis of the result."""
    inputs, arrow, target = text.partition("->")
    names = inputs.split(",")
    if len(names) != len(xs):
        raise UsageError("np.einsum: as many groups of letters as operands")
    widths = [x.ndim - len(s.replace("...", "")) for s, x in zip(names, xs, strict=True)]
    if any(w < 0 or (w and "..." not in s) for s, w in zip(names, widths, strict=True)):
        raise UsageError("np.einsum: letters and axes do not match")
    free = [s for s in ascii_letters if s not in text]
    dots = "".join(free[: max([w for s, w in zip(names, widths, strict=True) if "..." in s] + [0])])
    full = [s.replace("...", dots[len(dots) - w :]) for s, w in zip(names, widths, strict=True)]
    if not arrow:
        known = inputs.replace(",", "").replace("...", "")
        target = "..." + "".join(sorted(s for s in set(known) if known.count(s) == 1))
    if dots and "..." not in target:
        raise UsageError(
            "np.einsum: what an ellipsis stands for comes back; write it in the result"
        )
    target = target.replace("...", dots)
    if not all(s in ascii_letters for s in "".join(full) + target):
        raise UsageError("np.einsum: subscripts are letters, commas, an ellipsis and ->")
    return full, target


def _plain(name: str, x: Any, sizes: dict[str, int]) -> tuple[str, Any]:
    """Without letters that come twice, and without axes of one element that stand for more."""
    for s in dict.fromkeys(name):
        while name.count(s) > 1:
            i = name.index(s)
            j = name.index(s, i + 1)
            if x.shape[i] != x.shape[j]:
                raise UsageError("np.einsum: axes with the same letter have different lengths")
            x = np.diagonal(x, 0, i, j)
            name = name[:i] + name[i + 1 : j] + name[j + 1 :] + s
    single = tuple(k for k, s in enumerate(name) if x.shape[k] == 1 and sizes[s] != 1)
    if single:
        x = np.squeeze(x, single)
    return "".join(s for k, s in enumerate(name) if k not in single), x


def _path(names: list[str], target: str, sizes: dict[str, int]) -> list[tuple[int, ...]]:
    """Which operands to contract next, as positions among those left."""
    if len(names) < 3:
        return [tuple(range(len(names)))]
    shapes = [np.broadcast_to(np.float64(0), [sizes[s] for s in name]) for name in names]
    found, _ = np.einsum_path(",".join(names) + "->" + target, *shapes, optimize="greedy")
    return found[1:]


def _contract(a: str, x: Any, b: str, y: Any, later: str, sizes: dict[str, int]) -> tuple[str, Any]:
    """Two operands into one: shared letters that nobody needs later are summed over."""
    x, a = _sum_alone(x, a, b + later)
    y, b = _sum_alone(y, b, a + later)
    over = [s for s in a if s in b and s not in later]
    both = [s for s in a if s in b and s in later]
    free_a, free_b = ([s for s in one if s not in other] for one, other in ((a, b), (b, a)))

    def arranged(v: Any, name: str, *groups: list[str]) -> Any:
        order = [name.index(s) for s in both + [s for g in groups for s in g]]
        shape = [sizes[s] for s in both] + [prod(sizes[s] for s in g) for g in groups]
        return np.reshape(np.transpose(v, order), shape)

    left, right = arranged(x, a, free_a, over), arranged(y, b, over, free_b)
    public = isinstance(x, np.ndarray) and isinstance(y, np.ndarray)
    z = left @ right if public else matmul(left, right)
    name = both + free_a + free_b
    return "".join(name), np.reshape(z, tuple(sizes[s] for s in name))


def _sum_alone(x: Any, name: str, needed: str) -> tuple[Any, str]:
    drop = tuple(k for k, s in enumerate(name) if s not in needed)
    return (np.sum(x, axis=drop) if drop else x), "".join(s for s in name if s in needed)

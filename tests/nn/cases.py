"""What every rule of the tape is tried on: functions of tensors, beside what they are in NumPy.

A case is a function of arrays that works on tensors as well, and the shapes of its arguments.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from mpckernel.nn import functional

Run = Callable[..., Any]


class Case(NamedTuple):
    """run(*arguments) uses `of`; clear is the same in NumPy, if it is not run itself. Arguments are
    drawn from low to high; f: their fraction bits."""

    of: Any
    run: Run
    shapes: tuple[tuple[int, ...], ...]
    low: float = -2.0
    high: float = 2.0
    clear: Run | None = None
    error: float = 2.0**-14
    f: int = 24


def case(of: Any, run: Run, *shapes: tuple[int, ...], **options: Any) -> Case:
    return Case(of, run, shapes, **options)


def _pairs(of: Any, **options: Any) -> list[Case]:
    """A function of two arrays, in shapes that broadcast."""
    shapes = [((3,), (3,)), ((2, 3), (3,)), ((), (2, 2)), ((2, 1, 3), (4, 1)), ((1,), (1,))]
    return [case(of, of, *pair, **options) for pair in shapes]


def _matrices(of: Any, *pairs: Any) -> list[Case]:
    return [case(of, of, *pair) for pair in pairs]


C = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]])
PICK = np.array([[2, 0], [0, 0]])

ELEMENTWISE = [
    *_pairs(np.add),
    *_pairs(np.subtract),
    *_pairs(np.multiply),
    *_pairs(np.divide, low=0.5, high=2.0, f=16, error=2.0**-10),
    case(np.add, lambda x: x + C, (2, 3)),
    case(np.subtract, lambda x: C - x, (3,)),
    case(np.multiply, lambda x: 3 * x, (2, 3)),
    case(np.multiply, lambda x: x * 0.3, (3,)),
    case(np.multiply, lambda x: x * x, (3,)),
    case(np.multiply, lambda x: x * C, (2, 3)),
    case(np.multiply, lambda x: C * x, (3,)),
    case(np.divide, lambda x: x / 3.0, (2, 3)),
    case(np.divide, lambda x: x / (C + 4), (2, 3)),
    case(np.divide, lambda x: 2.0 / x, (3,), low=0.5, f=16, error=2.0**-10),
    case(np.square, np.square, (2, 3)),
    case(np.negative, np.negative, (2, 3)),
    case(np.positive, np.positive, (2, 3)),
    case(np.absolute, np.abs, (2, 3)),
    case(np.fabs, np.fabs, (3,)),
    case(np.reciprocal, np.reciprocal, (3,), low=0.5, f=16, error=2.0**-10),
    case(np.power, lambda x: x**3, (2, 3)),
    case(np.power, lambda x: x**1, (3,)),
    case(np.power, lambda x: x**2, (3,)),
    case(np.power, lambda x: x**0.5, (3,), low=0.5, f=16, error=2.0**-10),
    case("x.astype", lambda x: x.astype("sfix24"), (2, 3), clear=lambda x: x),
]

PRODUCTS = [
    *_matrices(
        np.matmul,
        ((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((4, 2, 3), (3, 2)),
        ((4, 2, 3), (4, 3, 2)), ((2, 3), (4, 3, 2)), ((2, 1, 2, 3), (4, 3, 1)), ((1, 1), (1, 1)),
    ),
    case(np.matmul, lambda x: x @ C, (4, 2)),
    case(np.matmul, lambda x: C @ x, (3, 2)),
    case(np.matmul, lambda x: x @ x.T, (2, 3)),
    *_matrices(np.dot, ((2, 3), (3, 4)), ((3,), (3,)), ((), (2, 3))),
    *_matrices(np.outer, ((3,), (2,))),
    *_matrices(np.inner, ((2, 3), (4, 3))),
    *_matrices(np.vecdot, ((2, 3), (2, 3)), ((4, 2, 3), (3,))),
    case(np.tensordot, np.tensordot, (2, 3, 4), (3, 4, 2)),
    case(np.tensordot, lambda x, y: np.tensordot(x, y, ((0, 2), (1, 0))), (2, 3, 4), (4, 2)),
    case(np.einsum, lambda x, y: np.einsum("ij,jk->ik", x, y), (2, 3), (3, 2)),
    case(np.einsum, lambda x, y: np.einsum("bij,bkj->bik", x, y), (2, 2, 3), (2, 4, 3)),
    case(np.einsum, lambda x, y: np.einsum("ij,k->ki", x, y), (2, 3), (2,)),
    case(np.einsum, lambda x: np.einsum("ij->ji", x), (2, 3)),
    case(np.einsum, lambda x, y, z: np.einsum("i,ij,j->", x, y, z), (2,), (2, 3), (3,)),
    case(np.trace, np.trace, (3, 3)),
    case(
        functional.linear, functional.linear, (5, 3), (2, 3), (2,),
        clear=lambda x, w, b: x @ w.T + b,
    ),
    case(functional.linear, functional.linear, (2, 4, 3), (2, 3), clear=lambda x, w: x @ w.T),
]  # fmt: skip

REDUCTIONS = [
    case(np.sum, np.sum, (2, 3)),
    case(np.sum, lambda x: np.sum(x, axis=0), (2, 3)),
    case(np.sum, lambda x: x.sum(axis=(0, 2), keepdims=True), (2, 3, 2)),
    case(np.mean, np.mean, (2, 3)),
    case(np.mean, lambda x: x.mean(axis=1), (2, 3)),
    case(np.mean, lambda x: np.mean(x, -1, keepdims=True) * x, (2, 3)),
    case(np.var, np.var, (2, 3)),
    case(np.var, lambda x: np.var(x, axis=1, ddof=1), (2, 3)),
    case(np.std, lambda x: np.std(x, axis=0), (4, 2), error=2.0**-11),
    case(np.average, lambda x: np.average(x, axis=1), (2, 3)),
    case(
        np.mean, lambda x: x.mean(dim=1, keepdim=True), (2, 3), clear=lambda x: x.mean(1)[:, None]
    ),
    case(np.cumsum, lambda x: np.cumsum(x, axis=1), (2, 3)),
    case(np.cumsum, np.cumsum, (2, 3)),
]

SHAPING = [
    case(np.reshape, lambda x: np.reshape(x, (3, 2)), (2, 3)),
    case(np.reshape, lambda x: x.reshape(3, -1), (2, 3)),
    case(np.ravel, np.ravel, (2, 3)),
    case(np.squeeze, np.squeeze, (2, 1, 3)),
    case(np.expand_dims, lambda x: np.expand_dims(x, (0, 2)), (2, 3)),
    case(np.atleast_1d, np.atleast_1d, ()),
    case(np.atleast_2d, np.atleast_2d, (3,)),
    case(np.atleast_3d, np.atleast_3d, (2, 3)),
    case(np.transpose, np.transpose, (2, 3, 2)),
    case(np.transpose, lambda x: np.transpose(x, (1, 2, 0)), (2, 3, 2)),
    case(np.transpose, lambda x: x.T * 2, (2, 3)),
    case(np.transpose, lambda x: x.permute(1, 0), (2, 3), clear=np.transpose),
    case(np.reshape, lambda x: x.view(3, -1), (2, 3), clear=lambda x: x.reshape(3, 2)),
    case(np.expand_dims, lambda x: x.unsqueeze(1), (2, 3), clear=lambda x: x[:, None]),
    case(np.permute_dims, lambda x: np.permute_dims(x, (1, 0)), (2, 3)),
    case(np.swapaxes, lambda x: np.swapaxes(x, 0, -1), (2, 3, 4)),
    case(np.matrix_transpose, np.matrix_transpose, (2, 3, 4)),
    case(np.moveaxis, lambda x: np.moveaxis(x, 0, 2), (2, 3, 4)),
    case(np.broadcast_to, lambda x: np.broadcast_to(x, (4, 2, 3)), (2, 1)),
    case("x[...]", lambda x: x[1], (2, 3)),
    case("x[...]", lambda x: x[..., ::-2], (2, 3)),
    case("x[...]", lambda x: x[PICK], (3, 2)),
    case("x[...]", lambda x: x[np.array([True, False, True])], (3, 2)),
    case("x[...]", lambda x: x[:, None], (3,)),
    case("x[...]", lambda x: x[0:0], (3, 2)),
    case(np.pad, lambda x: np.pad(x, ((1, 0), (2, 1))), (2, 3)),
    case(np.pad, lambda x: np.pad(x, 1, "edge"), (2, 3)),
    case(np.flip, np.flip, (2, 3)),
    case(np.fliplr, np.fliplr, (2, 3)),
    case(np.flipud, np.flipud, (2, 3)),
    case(np.rot90, np.rot90, (2, 3)),
    case(np.roll, lambda x: np.roll(x, 2, axis=1), (2, 3)),
    case(np.repeat, lambda x: np.repeat(x, 3, axis=0), (2, 3)),
    case(np.tile, lambda x: np.tile(x, (2, 2)), (2, 3)),
    case(np.diagonal, np.diagonal, (3, 3)),
    case(np.diag, np.diag, (3,)),
    case(np.diagflat, np.diagflat, (2, 2)),
    case(np.tril, np.tril, (3, 3)),
    case(np.triu, np.triu, (3, 3)),
    case(np.resize, lambda x: np.resize(x, (3, 3)), (2, 3)),
    case(np.delete, lambda x: np.delete(x, 1, axis=1), (2, 3)),
    case(np.take, lambda x: np.take(x, [2, 2, 0], axis=1), (2, 3)),
    case(np.concatenate, lambda x, y: np.concatenate([x, y, x]), (2, 3), (1, 3)),
    case(np.concatenate, lambda x, y: np.concatenate([x, y], axis=None), (2, 3), (4,)),
    case(np.concatenate, lambda x: np.concatenate([x, C], axis=1), (2, 2)),
    case(np.stack, lambda x, y: np.stack([x, y], axis=1), (2, 3), (2, 3)),
    case(np.vstack, lambda x, y: np.vstack([x, y]), (2, 3), (3,)),
    case(np.hstack, lambda x, y: np.hstack([x, y]), (2, 3), (2, 1)),
    case(np.column_stack, lambda x, y: np.column_stack([x, y]), (2,), (2, 2)),
    case(np.split, lambda x: np.split(x, 3, axis=1)[1], (2, 3)),
    case(np.array_split, lambda x: np.array_split(x, 2)[0], (3, 2)),
]


RELU = [
    case(functional.relu, functional.relu, (2, 3), clear=lambda x: np.maximum(x, 0)),
    case(
        functional.leaky_relu, functional.leaky_relu, (2, 3),
        clear=lambda x: np.where(x > 0, x, 0.01 * x),
    ),
    case(
        functional.leaky_relu, lambda x: functional.leaky_relu(x, 0.25), (2, 3),
        clear=lambda x: np.where(x > 0, x, x / 4),
    ),
]  # fmt: skip

CASES = [*ELEMENTWISE, *PRODUCTS, *REDUCTIONS, *SHAPING, *RELU]

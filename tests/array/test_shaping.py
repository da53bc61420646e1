"""Placement, joining and taking apart: as NumPy does it, for numbers and for booleans."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mpckernel.errors import ImplicitReveal, Unsupported, UsageError
from tests.array.clear import bools, few, ints, near, reals, same

MOVES = {
    "reshape": (lambda x: np.reshape(x, (-1,)), (2, 3)),
    "reshape to": (lambda x: x.reshape(3, -1), (2, 3)),
    "reshape empty": (lambda x: x.reshape(0, 5), (3, 0, 2)),
    "ravel": (np.ravel, (2, 3)),
    "flatten": (lambda x: x.flatten(), (2, 3)),
    "transpose": (np.transpose, (2, 3, 4)),
    "transpose by": (lambda x: x.transpose(1, 2, 0), (2, 3, 4)),
    "T": (lambda x: x.T, (2, 3)),
    "transpose of no axes": (lambda x: x.transpose(()), ()),
    "matrix_transpose": (np.matrix_transpose, (2, 3, 4)),
    "swapaxes": (lambda x: np.swapaxes(x, 0, -1), (2, 3, 4)),
    "moveaxis": (lambda x: np.moveaxis(x, (0, 1), (-1, 0)), (2, 3, 4)),
    "rollaxis": (lambda x: np.rollaxis(x, 2), (2, 3, 4)),
    "broadcast_to": (lambda x: np.broadcast_to(x, (4, 2, 3)), (2, 1)),
    "squeeze": (np.squeeze, (1, 3, 1)),
    "squeeze one": (lambda x: x.squeeze(-1), (1, 3, 1)),
    "expand_dims": (lambda x: np.expand_dims(x, (0, -1)), (2, 3)),
    "atleast_1d": (np.atleast_1d, ()),
    "atleast_2d": (np.atleast_2d, (3,)),
    "flip": (np.flip, (2, 3)),
    "flip one": (lambda x: np.flip(x, 1), (2, 3)),
    "fliplr": (np.fliplr, (2, 3)),
    "flipud": (np.flipud, (2, 3)),
    "rot90": (np.rot90, (2, 3)),
    "rot90 back": (lambda x: np.rot90(x, -1), (2, 3)),
    "roll": (lambda x: np.roll(x, 2), (2, 3)),
    "roll axes": (lambda x: np.roll(x, (1, -1), (0, 1)), (2, 3)),
    "repeat": (lambda x: np.repeat(x, 2), (2, 3)),
    "repeat each": (lambda x: np.repeat(x, [2, 0], axis=0), (2, 3)),
    "tile": (lambda x: np.tile(x, (2, 2)), (2, 3)),
    "diagonal": (lambda x: np.diagonal(x, 1), (3, 4)),
    "diag of matrix": (np.diag, (3, 4)),
    "diag of vector": (lambda x: np.diag(x, -1), (3,)),
    "tril": (np.tril, (3, 4)),
    "triu": (lambda x: np.triu(x, 1), (3, 4)),
    "pad": (lambda x: np.pad(x, 1), (2, 3)),
    "pad sides": (lambda x: np.pad(x, ((0, 1), (2, 0))), (2, 3)),
    "take": (lambda x: np.take(x, [0, 5, 1]), (2, 3)),
    "take along": (lambda x: x.take([1, -1], axis=1), (2, 3)),
    "copy": (np.copy, (2, 3)),
    "split": (lambda x: np.split(x, 3, axis=1)[1], (2, 3)),
    "split at": (lambda x: np.split(x, [1, 4])[1], (5,)),
    "array_split": (lambda x: np.array_split(x, 4)[3], (6,)),
    "hsplit": (lambda x: np.hsplit(x, 3)[2], (2, 3)),
    "vsplit": (lambda x: np.vsplit(x, 2)[1], (2, 3)),
    "concatenate": (lambda x: np.concatenate([x, x[:1]]), (2, 3)),
    "concatenate flat": (lambda x: np.concatenate([x, x], axis=None), (2, 3)),
    "stack": (lambda x: np.stack([x, x], axis=-1), (2, 3)),
    "vstack": (lambda x: np.vstack([x, x]), (3,)),
    "hstack": (lambda x: np.hstack([x, x]), (2, 3)),
    "hstack flat": (lambda x: np.hstack([x, x]), (3,)),
    "column_stack": (lambda x: np.column_stack([x, x]), (3,)),
    "append": (lambda x: np.append(x, x), (2, 3)),
    "rot90 plane": (lambda x: np.rot90(x, 3, (0, 2)), (2, 3, 4)),
    "atleast_3d": (np.atleast_3d, (3,)),
    "atleast_3d matrix": (np.atleast_3d, (2, 3)),
    "meshgrid": (lambda x: np.meshgrid(x, np.arange(2) > 0)[0], (3,)),
    "meshgrid ij": (lambda x: np.meshgrid(x, [1, 2], [3], indexing="ij")[0], (3,)),
    "meshgrid sparse": (lambda x: np.meshgrid([1, 2], x, sparse=True)[1], (3,)),
    "resize": (lambda x: np.resize(x, (2, 5)), (2, 3)),
    "diagflat": (lambda x: np.diagflat(x, 1), (3,)),
    "pad a value": (lambda x: np.pad(x, 1), ()),
    "pad edge": (lambda x: np.pad(x, ((1, 2), (0, 3)), mode="edge"), (2, 3)),
    "pad reflect": (lambda x: np.pad(x, 2, mode="reflect"), (4, 3)),
    "pad symmetric": (lambda x: np.pad(x, (1, 4), mode="symmetric"), (4, 3)),
    "pad wrap": (lambda x: np.pad(x, 5, mode="wrap"), (3,)),
    "pad ones": (lambda x: np.pad(x, ((1, 0), (0, 2)), constant_values=True), (2, 3)),
    "delete": (lambda x: np.delete(x, [1, -1], axis=0), (4, 3)),
    "delete slice": (lambda x: np.delete(x, slice(1, 3)), (2, 3)),
    "insert": (lambda x: np.insert(x, 1, True, axis=1), (2, 3)),
    "insert many": (lambda x: np.insert(x, [1, 3], [True, False], axis=1), (2, 3)),
    "insert row": (lambda x: np.insert(x, 2, x[0], axis=0), (2, 3)),
    "insert flat": (lambda x: np.insert(x, [1, 1], x[:1]), (3, 1)),
    "insert matrix": (lambda x: np.insert(x, 1, x[:, :2], axis=1), (2, 3)),
    "insert columns": (lambda x: np.insert(x, [1], x[:, :2], axis=1), (2, 3)),
    "insert a row's elements": (lambda x: np.insert(x, 1, x[0], axis=1), (3, 3)),
    "insert rows": (lambda x: np.insert(x, -1, x[:1], axis=0), (2, 3)),
    "insert one of three axes": (lambda x: np.insert(x, 1, x[0], axis=1), (2, 2, 4)),
    "insert at a mask": (lambda x: np.insert(x, np.arange(4) % 2 == 0, x[:2]), (4,)),
    "insert at no place": (lambda x: np.insert(x, [], x[:1]), (4,)),
    "insert slice": (lambda x: np.insert(x, slice(0, 2), x[:2]), (4,)),
    "compress": (lambda x: np.compress([True, False, True], x, axis=1), (2, 3)),
    "extract": (lambda x: np.extract(np.eye(2, 3) > 0, x), (2, 3)),
    "dstack": (lambda x: np.dstack([x, x]), (3,)),
    "block": (lambda x: np.block([[x, x], [x[:, :1], x, x[:, :2]]]), (2, 3)),
    "block row": (lambda x: np.block([x, x[0]]), (3,)),
    "dsplit": (lambda x: np.dsplit(x, 2)[1], (2, 3, 4)),
    "broadcast_arrays": (lambda x: np.broadcast_arrays(x, np.ones((2, 1)))[0], (3,)),
}


@pytest.mark.parametrize("name", MOVES)
@few
@given(data=st.data())
def test_as_numpy(clear: Any, name: str, data: Any) -> None:
    f, shape = MOVES[name]
    x, b = data.draw(ints(shape, np.int16)), data.draw(bools(shape))
    same(clear(f, x=x), f(x))
    same(clear(f, b=b), f(b))


@few
@given(data=st.data())
def test_indexing(clear: Any, data: Any) -> None:
    x = data.draw(ints(data.draw(st.sampled_from([(), (5,), (3, 4), (2, 3, 4)])), np.int16))
    key = data.draw(hnp.basic_indices(x.shape, allow_ellipsis=True, allow_newaxis=True))
    same(clear(lambda x: x[key], x=x), x[key])
    if x.ndim:
        many = data.draw(hnp.integer_array_indices(x.shape[:1]))
        same(clear(lambda x: x[many], x=x), x[many])
        mask = data.draw(bools(x.shape))
        same(clear(lambda x: x[mask], x=x), x[mask])
        rows = mask.reshape(x.shape[0], -1).any(1)
        same(clear(lambda x: x[rows], x=x), x[rows])


@few
@given(data=st.data())
def test_joining_of_types(clear: Any, data: Any) -> None:
    x, n, b = data.draw(reals((2,))), data.draw(ints((3,), np.int8)), data.draw(bools((1,)))
    got = clear(lambda x, n, b: np.concatenate([x, n, b, [0.25]]), x=x, n=n, b=b)
    near(got, np.concatenate([x, n, b, [0.25]]), 0)
    same(clear(lambda n, b: np.concatenate([n, b]), n=n, b=b), np.concatenate([n, b]))
    same(clear(lambda b: np.concatenate([b, [True]]), b=b), np.append(b, True))


def test_what_follows_from_the_shape_is_public(clear: Any) -> None:
    def program(x: Any, b: Any) -> Any:
        for like in (np.zeros_like, np.ones_like):
            assert isinstance(like(x), np.ndarray)
            assert like(x).dtype == np.float64
            assert like(b).dtype == np.bool_
        assert np.shape(x) == x.shape == (2, 3)
        assert (np.ndim(x), np.size(x), len(x), x.size, x.ndim) == (2, 6, 2, 6, 2)
        return np.full_like(x, x[0, 0]), np.full_like(x, 7)

    x = np.arange(6.0).reshape(2, 3)
    got = clear(program, x=x, b=x > 2)
    near(got[0], np.full_like(x, x[0, 0]), 0)
    near(got[1], np.full_like(x, 7), 0)


def test_places_that_follow_from_the_shape(clear: Any) -> None:
    x = np.zeros((3, 3))

    def program(x: Any) -> Any:
        return np.triu_indices_from(x), np.tril_indices_from(x, 1), np.diag_indices_from(x)

    wants = (np.triu_indices_from(x), np.tril_indices_from(x, 1), np.diag_indices_from(x))
    for one, want in zip(clear(program, x=x), wants, strict=True):
        np.testing.assert_array_equal(one, want)
    if hasattr(np, "unstack"):
        for one, want in zip(clear(lambda x: np.unstack(x, axis=1), x=x), x.T, strict=True):
            near(one, want, 0)
    near(clear(lambda x: np.concatenate([x > 1, x > 2], dtype=float), x=x), np.zeros((6, 3)), 0)
    near(clear(lambda x: np.stack([x > 1, x > 2], dtype=float), x=x), np.zeros((2, 3, 3)), 0)


def test_refusals(clear: Any) -> None:
    x = np.arange(6)
    for key in (lambda x: x > 2, lambda x: (x > 2,)):
        with pytest.raises(Unsupported):
            clear(lambda x, key=key: x[key(x)], x=x)
    with pytest.raises(Unsupported, match=r"np\.where"):
        clear(lambda x: x[x > 2], x=x)
    with pytest.raises((ImplicitReveal, IndexError)):
        clear(lambda x: np.arange(9)[x], x=x)
    with pytest.raises(UsageError, match=r"do not fit|reshape"):
        clear(lambda x: x.reshape(4, 4), x=x)
    with pytest.raises(UsageError):
        clear(lambda x: x[9], x=x)
    with pytest.raises(UsageError, match="axes don't match"):
        clear(lambda x: x.reshape(2, 3).transpose(()), x=x)
    with pytest.raises(UsageError, match="single values"):
        clear(lambda x: np.concatenate([x[0], x[1]]), x=x)
    with pytest.raises(Unsupported, match="modes are constant, edge"):
        clear(lambda x: np.pad(x, 1, mode="mean"), x=x)
    with pytest.raises(UsageError, match="equal parts"):
        clear(lambda x: np.split(x, 4), x=x)
    with pytest.raises(UsageError, match="xy"):
        clear(lambda x: np.meshgrid(x, x, indexing="yx"), x=x)
    for f in (np.delete, lambda x, k: np.insert(x, k, 0), np.repeat):
        with pytest.raises(Unsupported, match="is public"):
            clear(lambda x, f=f: f(x, x), x=x)

"""The array API standard on secrets: what ARRAY_API.md says works, exists and agrees with NumPy."""

import operator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mpckernel.array
from mpckernel.array import share
from mpckernel.array.secret import SecretArray
from mpckernel.array.standard import namespace as xp
from mpckernel.errors import ImplicitReveal, MpcError, Unsupported, UsageError
from tests.array.clear import alice

TABLE = Path(mpckernel.array.__file__).with_name("ARRAY_API.md")
X = np.array([[1.5, -2.0, 0.25], [3.0, 0.0, -1.75]])
N = np.array([[1, -2, 7], [3, 0, -9]])
B = N > 0

ALONE = [
    *("abs", "ceil", "floor", "negative", "positive", "sign", "signbit", "square", "trunc"),
    *("conj", "real", "imag", "isfinite", "isinf", "isnan", "matrix_transpose", "round"),
]
REDUCED = [
    *("sum", "prod", "max", "min", "all", "any", "count_nonzero", "argmax", "argmin", "mean"),
]
PAIRS = [
    *("add", "subtract", "multiply", "maximum", "minimum", "less", "less_equal", "greater"),
    *("greater_equal", "equal", "not_equal", "copysign"),
]
INVERSE = ["acos", "asin", "atan", "asinh", "atanh"]
LOGIC = ["logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor"]


def _std(x: Any, axis: int, correction: int) -> Any:
    return np.std(x, axis, ddof=correction)


def _from_zero(x: Any, axis: int, include_initial: bool) -> Any:
    return np.cumsum(np.insert(x, 0, 0, axis), axis)


def _descending(x: Any, axis: int, descending: bool) -> Any:
    return np.flip(np.sort(x, axis), axis)


# name of the standard: (arguments, keywords, the same in NumPy if its name is another)
CASES: dict[str, tuple[tuple[Any, ...], dict[str, Any], Any]] = {
    **{name: ((X,), {}, None) for name in ALONE},
    **{name: ((N,), {"axis": 1}, None) for name in REDUCED},
    **{name: ((X, N), {}, None) for name in PAIRS},
    **{name: ((B, ~B), {}, None) for name in LOGIC},
    "logical_not": ((B,), {}, None),
    "bitwise_invert": ((N,), {}, np.invert),
    "bitwise_left_shift": ((N, 2), {}, np.left_shift),
    "bitwise_right_shift": ((N, 1), {}, np.right_shift),
    "pow": ((N, 2), {}, np.power),
    "floor_divide": ((N, 3), {}, None),
    "remainder": ((N, 3), {}, None),
    "clip": ((X, -1, 2), {}, None),
    "where": ((B, X, N), {}, None),
    "sqrt": ((np.abs(X),), {}, None),
    "divide": ((X, N + 20), {}, None),
    "reciprocal": ((X + 10,), {}, None),
    **{name: ((X,), {}, None) for name in ("exp", "expm1", "cos", "sin", "tan", "tanh")},
    **{name: ((X,), {}, None) for name in ("cosh", "sinh")},
    "logaddexp": ((X, N), {}, None),
    **{name: ((np.abs(X) + 1,), {}, None) for name in ("log", "log1p", "log2", "log10")},
    **{name: ((X / 4,), {}, np.__dict__[f"arc{name[1:]}"]) for name in INVERSE},
    "acosh": ((np.abs(X) + 1,), {}, np.arccosh),
    "atan2": ((X, N), {}, np.arctan2),
    "hypot": ((X, N), {}, None),
    "std": ((X,), {"axis": 0, "correction": 1}, _std),
    "var": ((X,), {"axis": 0}, None),
    "cumulative_sum": ((N,), {"axis": 1, "include_initial": True}, _from_zero),
    "cumulative_prod": ((N[0],), {}, np.cumprod),
    "diff": ((X,), {"axis": 1}, None),
    "matmul": ((X, N.T), {}, None),
    "tensordot": ((X, N), {"axes": 2}, None),
    "vecdot": ((X, N), {}, None),
    "broadcast_to": ((X, (2, 2, 3)), {}, None),
    "concat": (([X, N],), {"axis": 1}, np.concatenate),
    "expand_dims": ((X, 1), {}, None),
    "flip": ((X,), {"axis": 0}, None),
    "moveaxis": ((X, 0, 1), {}, None),
    "permute_dims": ((X, (1, 0)), {}, np.transpose),
    "repeat": ((X, 2), {"axis": 1}, None),
    "reshape": ((X, (3, -1)), {}, None),
    "roll": ((X, 1), {"axis": 1}, None),
    "squeeze": ((X[:1], 0), {}, None),
    "stack": (([X, N],), {"axis": -1}, None),
    "tile": ((X, (2, 1)), {}, None),
    "tril": ((X,), {"k": 1}, None),
    "triu": ((X,), {}, None),
    "take": ((X, np.array([0, -1])), {"axis": 1}, None),
    "take_along_axis": ((X, np.array([[1], [-1]])), {"axis": 1}, None),
    "sort": ((X,), {"axis": 1, "descending": True}, _descending),
    "argsort": ((X,), {"axis": 1}, None),
    "searchsorted": ((np.sort(N[0]), N), {}, None),
    "astype": ((X, xp.int64), {}, lambda x, t: x.astype(np.int64)),
    "zeros_like": ((X,), {}, None),
    "ones_like": ((X,), {}, None),
    "full_like": ((X, 2.5), {}, None),
}


@pytest.mark.parametrize("name", CASES)
def test_as_numpy(clear: Any, name: str) -> None:
    args, kwargs, numpy = CASES[name]
    f = numpy or getattr(np, name)
    want = f(*args, **kwargs)
    got = clear.cell(lambda: _secretly(getattr(xp, name), args, kwargs), {"X": X, "N": N, "B": B})
    assert np.shape(got) == np.shape(want)
    np.testing.assert_allclose(
        np.asarray(got, float), np.asarray(want, float), atol=3e-4, rtol=2.0**-10
    )


def _secretly(f: Any, args: Any, kwargs: Any) -> Any:
    """f of secret arrays: the first array is an input, the others are created here."""
    result = f(*(_lifted(x) for x in args), **kwargs)
    assert isinstance(result, SecretArray)
    return result


def _lifted(x: Any) -> Any:
    if isinstance(x, list):
        return [_lifted(v) for v in x]
    for name, known in (("X", X), ("N", N), ("B", B)):
        if x is known:
            return share(getattr(alice, name), bound=None if x is B else 16)
    return xp.asarray(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x


def test_the_table_names_what_there_is() -> None:
    rows = [line.split("|") for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    passing = [row[1].strip(" `") for row in rows if row[2].strip() == "passes"]
    assert len(passing) > 100
    for name in passing:
        home, _, last = name.rpartition(".")
        assert last.startswith("__") or hasattr(xp.linalg if home else xp, last), name
    functions = {name for name in passing if not name.startswith("__") and "." not in name}
    untested = functions - set(CASES) - CREATED
    assert not untested, "these pass the suite and have no case here"


CREATED = {
    "arange", "asarray", "empty", "empty_like", "eye", "full", "linspace", "meshgrid", "ones",
    "zeros", "broadcast_arrays", "can_cast", "finfo", "iinfo", "isdtype", "result_type", "unstack",
    "from_dlpack",
}  # fmt: skip


def test_clip_between_arrays(clear: Any) -> None:
    low, high = np.array([-1.0, 0.25, -1.0]), np.array([[1], [2]])
    want = np.clip(X, low, high)
    for f in (
        lambda x: xp.clip(x, low, high),
        lambda x: xp.clip(x, xp.asarray(low), xp.asarray(high)),
        lambda x: xp.clip(xp.clip(x, min=low), max=high),
    ):
        np.testing.assert_array_equal(clear(f, x=X), want)
    np.testing.assert_array_equal(clear(xp.clip, x=X), X)


def test_creation(clear: Any) -> None:
    def program() -> Any:
        made = [
            xp.arange(2, 9, 3), xp.asarray([1, 2]), xp.eye(2, 3, k=1), xp.full((2,), 7),
            xp.linspace(0, -5, 4, dtype=xp.int64),
            xp.linspace(0, 1, 5), xp.ones((2, 1)), xp.zeros(3, dtype=xp.bool), xp.empty(2),
            *xp.meshgrid(xp.arange(2), xp.arange(3)), *xp.unstack(xp.eye(2)),
            *xp.broadcast_arrays(xp.ones(3), xp.zeros((2, 1))), xp.from_dlpack(np.arange(3)),
        ]  # fmt: skip
        assert all(isinstance(x, SecretArray) for x in made)
        assert made[0].dtype == xp.int64
        assert made[2].dtype == xp.float64 == xp.result_type(made[0], 1.5)
        return made

    wants = [
        np.arange(2, 9, 3), np.array([1, 2]), np.eye(2, 3, k=1), np.full((2,), 7),
        np.linspace(0, -5, 4, dtype=int),
        np.linspace(0, 1, 5), np.ones((2, 1)), np.zeros(3, bool), np.zeros(2),
        *np.meshgrid(np.arange(2), np.arange(3)), *np.eye(2),
        *np.broadcast_arrays(np.ones(3), np.zeros((2, 1))), np.arange(3),
    ]  # fmt: skip
    for one, want in zip(clear.cell(program), wants, strict=True):
        np.testing.assert_array_equal(one, want)
        assert np.asarray(one).dtype == want.dtype


def test_types_and_limits(clear: Any) -> None:
    assert xp.isdtype(xp.float64, "real floating")
    assert xp.isdtype(xp.bool, ("integral", xp.bool))
    assert not xp.isdtype(xp.int64, "unsigned integer")
    assert xp.can_cast(xp.bool, xp.float64)
    assert not xp.can_cast(xp.float64, xp.int64)
    assert xp.finfo(xp.float64).eps == 2.0**-20
    assert xp.iinfo(xp.int64).max == 2**62 - 1
    info = xp.__array_namespace_info__()
    assert info.capabilities()["data-dependent shapes"] is False
    assert info.devices() == [info.default_device()]
    assert info.dtypes(kind="bool") == {"bool": xp.bool}
    assert set(info.default_dtypes()) == {"real floating", "integral", "indexing"}
    with pytest.raises(UsageError, match="kinds"):
        xp.isdtype(xp.int64, "number")
    with pytest.raises(AttributeError, match=r"ARRAY_API\.md"):
        xp.float32


def test_code_for_the_standard_runs(clear: Any) -> None:
    """As a library would write it: the namespace comes from the array."""

    def standardised(x: Any) -> Any:
        ns = x.__array_namespace__(api_version="2024.12")
        centred = x - ns.mean(x, axis=0, keepdims=True)
        return ns.concat([centred, ns.zeros((1, x.shape[1]), dtype=x.dtype)]).mT

    want = np.concatenate([X - X.mean(0), np.zeros((1, 3))]).T
    np.testing.assert_allclose(clear(standardised, x=X), want, atol=3e-4, rtol=2.0**-10)

    def attributes(x: Any) -> Any:
        assert x.device == xp.__array_namespace_info__().default_device()
        assert x.to_device(x.device) is x
        return ()

    clear(attributes, x=X)


def test_refusals(clear: Any) -> None:
    reads = {
        "memory": (np.from_dlpack, ImplicitReveal),
        "a device": (lambda x: x.to_device("cpu"), Unsupported),
        "later": (lambda x: x.__array_namespace__(api_version="2999.12"), UsageError),
        "shapes": (xp.nonzero, Unsupported),
        "unique": (xp.unique_values, Unsupported),
        "elsewhere": (lambda x: xp.zeros_like(x, device="cpu"), Unsupported),
        "axis": (xp.cumulative_sum, Unsupported),
        "no view": (lambda x: xp.asarray([1], copy=False), UsageError),
        "rank": (xp.linalg.matrix_rank, Unsupported),
        "setting": (lambda x: operator.setitem(x, 0, 1), Unsupported),
    }
    for what, (f, error) in reads.items():
        with pytest.raises(error) as caught:
            clear(f, x=X)
        assert isinstance(caught.value, MpcError), what

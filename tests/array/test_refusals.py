"""Whatever would need a value refuses, names the allowed way, and tells no value."""

import copy
import json
import math
import pickle  # noqa: TID251  (to see that it refuses)
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mpckernel.array import SecretArray, share
from mpckernel.array.standard import namespace as xp
from mpckernel.errors import ImplicitReveal, MpcError, OutOfRange, Unsupported, UsageError
from tests.array.clear import alice

NUMBERS = np.array([3141.5, 2718.25, 1414.125])

READING: dict[str, tuple[Callable[[SecretArray], Any], str]] = {
    "if": (lambda x: 1 if x[0] > 0 else 2, "np.where"),
    "and": (lambda x: (x > 0) and (x < 2), "&"),
    "while": (lambda x: any((x > 0,)), "reveal"),
    "larger": (lambda x: max(x[0], x[1]), "np.maximum"),
    "between": (lambda x: 1 < x[0] < 3, "a < x < b"),
    "float": (lambda x: float(x[0]), "reveal"),
    "int": (lambda x: int(x[0]), "reveal"),
    "complex": (lambda x: complex(x[0]), "reveal"),
    "range": (lambda x: range(x[0]), "reveal"),
    "list index": (lambda x: [1, 2][x[0]], "reveal"),
    "math.sqrt": (lambda x: math.sqrt(x[0]), "reveal"),
    "loop": (lambda x: [v for v in x], "range"),  # noqa: C416
    "sum()": (sum, "np.sum"),
    "max()": (max, "np.sum"),
    "sorted": (sorted, "range"),
    "unpacking": (lambda x: [*x], "range"),
    "in": (lambda x: 3 in x, "any"),
    "format": (lambda x: f"{x[0]:.2f}", "reveal"),
    "asarray": (np.asarray, "reveal"),
    "array of": (lambda x: np.array([x, x]), "reveal"),
    "tolist": (lambda x: x.tolist(), "reveal"),
    "item": (lambda x: x.item(), "reveal"),
    "tobytes": (lambda x: x.tobytes(), "reveal"),
    "bytes": (bytes, "reveal"),
    "pickle": (pickle.dumps, "reveal"),
    "permutation": (lambda x: np.random.default_rng(0).permutation(x), "reveal"),  # noqa: TID251
}
UNSUPPORTED: dict[str, tuple[Callable[[SecretArray], Any], str]] = {
    "mask": (lambda x: x[x > 0], "np.where"),
    "column": (lambda x: x["a"], "alice.df"),
    "half an index": (lambda x: x[1.5], "whole numbers"),
    "or of numbers": (lambda x: x | 1, r"\(x > 0\) & \(y > 0\)"),
    "sets": (lambda x: np.setdiff1d(x, [1]), "np.isin"),
    "fft": (np.fft.fft, "np.matmul"),
    "secret index": (lambda x: x[x], "arange"),
    "assignment": (lambda x: x.__setitem__(0, 1), "np.where"),
    "x.sort": (lambda x: x.sort(), "nearest"),
    "unique": (np.unique, "nearest"),
    "nonzero": (lambda x: x.nonzero(), "nearest"),
    "out": (lambda x: np.add(np.ones(3), x, out=np.ones(3)), "a = a"),
    "keyword": (lambda x: np.std(x, dtype=float), "dtype="),
    "text": (lambda x: x + "a", "numbers"),
    "None": (lambda x: x + None, "numbers"),
    "complex": (lambda x: x * 1j, "numbers"),
    "object": (lambda x: x + object(), "numbers"),
    "masked array": (lambda x: x + np.ma.masked_less([1, 2, 3], 2), "filled"),
    "matrix": (lambda x: x * np.ones(3).view(np.matrix), "np.asarray"),
    "at": (lambda x: np.add.at(x, [0], 1), "no secret version"),
}


@pytest.mark.parametrize("name", READING)
def test_reading_is_refused(clear: Any, name: str) -> None:
    f, way = READING[name]
    with pytest.raises(ImplicitReveal, match=way) as caught:
        clear(f, x=NUMBERS)
    _tells_nothing(caught.value)


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_unsupported_names_a_way(clear: Any, name: str) -> None:
    f, way = UNSUPPORTED[name]
    with pytest.raises(Unsupported, match=way) as caught:
        clear(f, x=NUMBERS)
    _tells_nothing(caught.value)


def _tells_nothing(error: BaseException) -> None:
    assert isinstance(error, MpcError)
    assert not any(digits in str(error) for digits in ("3141", "2718", "1414"))


ODD: dict[str, tuple[Callable[[SecretArray], Any], str]] = {
    "repeated axes": (lambda x: np.sum(x, (0, 0)), r"^np\.sum: repeated axis"),
    "axis of the standard": (lambda x: xp.cumulative_sum(x, axis=1), "^cumulative_sum: axis 1 is"),
    "half an axis": (lambda x: np.sum(x, axis=1.0), r"^np\.sum: 'float' object is not iterable"),
    "text for an axis": (lambda x: np.sum(x, "a"), r"^np\.sum: 'str' object cannot be"),
    "no parts": (lambda x: np.split(x, 0), r"not 0 equal parts"),
    "no sections": (lambda x: np.array_split(x, 0), r"^np\.array_split: number sections"),
    "axis of weights": (lambda x: np.average(x, 5, np.ones(3)), r"^np\.average: axis 5 is out"),
    "axis of sizes": (lambda x: np.size(x, 5), r"^np\.size: axis 5 is out"),
    "axis from above": (lambda x: xp.argsort(x, axis=5, descending=True), "^argsort: axis 5 is"),
    "axes of products": (lambda x: np.tensordot(x, x, 2), "from 0 to 1"),
    "axes less than none": (lambda x: np.tensordot(x, x, -1), "from 0 to 1"),
    "pairs of matrices": (lambda x: np.ones((5, 2, 3)) @ np.stack([x[:, None]] * 4), "mismatch"),
    "deleted": (lambda x: np.delete(x, 9), r"^np\.delete: index 9 is out"),
    "inserted": (lambda x: np.insert(x, 9, 1), r"^np\.insert: index 9 is out"),
    "no bins": (lambda x: np.histogram(x, 0, (0, 1)), r"^np\.histogram: .*positive"),
    "bins back": (lambda x: np.histogram(x, 3, (1, 0)), r"^np\.histogram: max must"),
    "bins to infinity": (lambda x: np.histogram(x, 3, (0, np.inf)), r"^np\.histogram: .*finite"),
    "bins in no order": (lambda x: np.histogram(x, [3, 1, 2]), r"^np\.histogram: .*increase"),
    "no diagonal": (lambda x: np.tril(x[0]), "no diagonal"),
    "nothing to copy": (lambda x: np.pad(x[:0], 1, mode="edge"), r"^np\.pad: can't extend empty"),
    "no height": (lambda x: np.interp(x, [0, 1], [np.nan, 1]), "finite"),
    "no choice": (lambda x: np.choose(x > 0, []), "at least one"),
    "uneven lists": (lambda x: np.add(x, [1, [2, 3]]), r"^np\.add: .*inhomogeneous"),
    "no axis": (lambda x: np.diff(x, axis=None), r"^np\.diff: "),
    "axes to nowhere": (lambda x: np.moveaxis(x[None], (0, 1), (0,)), r"^np\.moveaxis: "),
    "shapes": (lambda x: np.where(x > 0, np.ones((3, 3)), np.ones(2)), r"np\.where"),
}


HALVES: dict[str, Callable[[SecretArray], Any]] = {
    "take": lambda x: np.take(x, np.array([1.0])),
    "round": lambda x: np.round(x, 1.5),
    "pad": lambda x: np.pad(x, 1.5),
    "reshape": lambda x: np.reshape(x, 3.0),
    "reshape to": lambda x: np.reshape(x, (3.0, 1)),
    "tile": lambda x: np.tile(x, 1.5),
    "repeat": lambda x: np.repeat(x, 1.5),
    "repeat each": lambda x: np.repeat(x, [1.0, 2, 1]),
    "roll": lambda x: np.roll(x, 1.5),
    "diag": lambda x: np.diag(x, 1.5),
    "diagonal": lambda x: np.diagonal(x[None], 0.5),
    "tril": lambda x: np.tril(x[None], 0.5),
    "broadcast_to": lambda x: np.broadcast_to(x, 3.0),
    "resize": lambda x: np.resize(x, 4.0),
}


@pytest.mark.parametrize("f", [np.sum, np.prod, np.mean, np.cumsum, np.cumprod, xp.sum])
def test_sums_are_no_booleans(clear: Any, f: Any) -> None:
    with pytest.raises(Unsupported, match=r"np\.any"):
        clear(lambda x: f(x, dtype=bool), x=NUMBERS)


@pytest.mark.parametrize("name", HALVES)
def test_half_positions_are_not_cut_to_whole_ones(clear: Any, name: str) -> None:
    with pytest.raises(UsageError, match=r"^np\.\w+: .*(whole|integer|iterable)"):
        clear(HALVES[name], x=NUMBERS)


@pytest.mark.parametrize("name", ODD)
def test_odd_arguments_are_errors_of_the_cell(clear: Any, name: str) -> None:
    f, says = ODD[name]
    with pytest.raises(UsageError, match=says) as caught:
        clear(f, x=NUMBERS)
    _tells_nothing(caught.value)


def test_what_does_not_fit_says_so(clear: Any) -> None:
    with pytest.raises(UsageError, match=r"np\.sum: axis 1 is out of bounds"):
        clear(lambda x: np.sum(x, 1), x=NUMBERS)
    with pytest.raises(OutOfRange, match="a public integer does not fit"):
        clear(lambda x: x * 10**30, x=NUMBERS)

    def program(x: SecretArray) -> Any:
        with pytest.raises(AttributeError, match=r"choose columns before, alice\.df"):
            x.groupby("a")
        return ()

    clear(program, x=NUMBERS)


def test_json_and_hash_are_type_errors(clear: Any) -> None:
    def program(x: SecretArray) -> Any:
        for f in (json.dumps, hash, memoryview):
            with pytest.raises(TypeError):
                f(x)
        with pytest.raises(AttributeError):
            x.data
        assert not hasattr(x, "no_such_thing")
        assert {"shape", "mean", "astype", "T"} <= set(dir(x))
        assert hasattr(x, "sort")  # it exists, and refuses when it is called
        return ()

    clear(program, x=NUMBERS)


def test_copies_are_the_same_array(clear: Any) -> None:
    def program(x: SecretArray) -> Any:
        assert copy.copy(x) is x
        assert copy.deepcopy([x])[0] is x
        assert x.copy() is x
        return ()

    clear(program, x=NUMBERS)


def test_refusals_name_the_line(clear: Any) -> None:
    def one(cell: Any) -> Any:
        cell.filename = __file__
        x = share(alice.x)
        return (lambda: np.nonzero(x))()

    with pytest.raises(Unsupported, match=r"^line \d+: np\.nonzero"):
        clear.rooms.run(one, [{"x": NUMBERS}])


def test_outside_a_cell_there_are_no_secrets(clear: Any) -> None:
    kept: list[SecretArray] = []
    clear(lambda x: kept.append(x) or (), x=NUMBERS)
    with pytest.raises(MpcError, match="%%mpc"):
        kept[0] + 1


@pytest.mark.parametrize(
    ("name", "way"), [("float", "x.astype(float)"), ("numpy", "reveal(x)"), ("view", "x.reshape")]
)
def test_methods_of_pytorchs_tensors_say_what_to_write(clear: Any, name: str, way: str) -> None:
    def program(x: SecretArray) -> Any:
        with pytest.raises(AttributeError, match=re.escape(f"no attribute '{name}'; write {way}")):
            getattr(x, name)
        return ()

    clear(program, x=NUMBERS)


@pytest.mark.parametrize(
    ("name", "written"), [("median", "np.median(x)"), ("quantile", "np.quantile(x, q)")]
)
def test_what_pandas_has_as_methods_is_named(clear: Any, name: str, written: str) -> None:
    with pytest.raises(AttributeError, match=f"attribute '{name}'; write {re.escape(written)}$"):
        clear(lambda x: getattr(x, name), x=np.arange(3))
    with pytest.raises(AttributeError, match=r"attribute 'kurtosis'$"):
        clear(lambda x: x.kurtosis(), x=np.arange(3))

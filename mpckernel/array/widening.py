"""Sums that one word cannot hold: secret arrays of type swide, two words an element, exact.

A sum or a matrix product whose result might reach 2^62 on the ring is not refused but given as
`swide`, with the same number of fraction bits. It can be added up further, multiplied by public
whole numbers, divided by public numbers (the quotient is an ordinary secret again), indexed,
revealed, and made an ordinary secret by `astype` where the bounds allow it. Everything else is
refused. Source: protocols/composed/limbs.py.
"""

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.dtypes import SecretType, number, swide, type_from
from mpckernel.array.functions.division import real
from mpckernel.array.operators import here, located, plain_parts
from mpckernel.array.publics import operand, secret, type_of, words
from mpckernel.array.rules import name_of
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import ideal, moving
from mpckernel.protocols.composed import limbs
from mpckernel.protocols.composed.claims import proven
from mpckernel.protocols.composed.limbs import Wide
from mpckernel.ring.words import Shape, Words, as_words, signed
from mpckernel.runtime.cell import current

_CAN = (
    "a wide sum takes + and -, public whole factors, division by public numbers, np.sum, np.mean, "
    "placement (x[...], np.reshape, np.transpose, np.stack, np.concatenate) and reveal; x.astype "
    "makes it an ordinary secret where its bound allows it. A sum is wide if it might not fit one "
    "word by what is publicly known of its terms: declare a bound where they are shared, "
    "share(alice.W2, bound=...), and it is an ordinary secret from the start"
)


class WideArray(SecretArray):
    """A secret array of type swide: its call holds high and low words on a leading axis.

    bound: of the value, in steps. Leaks nothing until reveal.
    """

    __slots__ = ("_bounds",)

    def __init__(self, v: Wide, t: SecretType, owners: frozenset[str] = frozenset()) -> None:
        both = current().record(ideal.move, v.high, v.low, how=("stack", 0))
        super().__init__(both, t, owners)
        self._bounds = (v.high.bound, v.low.bound, v.most)

    @property
    def shape(self) -> Shape:
        return self.call.shape[1:]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return self.call.size // 2

    @property
    def bound(self) -> int:
        return self._bounds[2]

    @property
    def word(self) -> NoReturn:  # type: ignore[override]  # it has two
        raise Unsupported(f"{here()}{_CAN}")

    @property
    def limbs(self) -> Wide:
        """Both words as calls, with their bounds."""
        high, low = (
            current().record(proven(ideal.move, b), self.call, how=("index", moving.frozen(k)))
            for k, b in enumerate(self._bounds[:2])
        )
        return Wide(high, low, self._bounds[2])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or any(v is not None for v in kwargs.values()):
            _refuse(ufunc)
        return _run(ufunc, inputs, {})

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _run(func, args, kwargs)

    def __getitem__(self, key: Any) -> "WideArray":
        return _run("index", (self, key), {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in _METHODS:
            raise AttributeError(f"a wide secret has no attribute {name!r}; {_CAN}")
        return lambda *args, **kwargs: _run(_METHODS[name], (self, *args), kwargs)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *_METHODS})


def _refuse(function: Any) -> NoReturn:
    raise Unsupported(f"{here()}{name_of(function)}: {_CAN}")


def _run(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """The function on arguments free of stand-ins; the result remembers who contributed."""
    if function not in _RULES:
        _refuse(function)
    args = tuple(plain_parts(x) for x in args)
    try:
        result = _RULES[function](*args, **kwargs)
    except UsageError as why:
        raise located(why) from None
    except TypeError:
        _refuse(function)
    if isinstance(result, SecretArray):
        for x in args:
            for part in x if type(x) in (list, tuple) else (x,):
                result.owners |= getattr(part, "owners", frozenset())
    return result


def wide_type(f: int) -> SecretType:
    """swide with f fraction bits."""
    return SecretType(f"swide{f}", "w", f) if f else swide


def widened(x: Any) -> "WideArray":
    """An ordinary secret, or public numbers, as swide. Two rounds for a secret."""
    if isinstance(x, WideArray):
        return x
    y = secret(operand(x))
    return WideArray(limbs.split(current().record, y.word), wide_type(y.dtype.f))


def total(x: SecretArray, axes: tuple[int, ...]) -> WideArray:
    """The sum over axes of an ordinary secret, as swide."""
    rest = [k for k in range(x.ndim) if k not in axes]
    outer = tuple(x.shape[k] for k in rest)
    rows: Any = np.transpose(x, (*rest, *axes))
    rows = np.reshape(rows, (int(np.prod(outer, dtype=int)), x.size // max(1, int(np.prod(outer)))))
    v = limbs.sum_of_words(current().record, rows.word)
    return _moved(WideArray(v, wide_type(x.dtype.f)), ("reshape", outer))


def _moved(x: WideArray, how: Any) -> WideArray:
    """Both words moved alike."""
    v, do = x.limbs, current().record
    high, low = (do(ideal.move, part, how=how) for part in (v.high, v.low))
    return WideArray(Wide(high, low, v.most), x.dtype)


def _aligned(x: WideArray, f: int) -> Wide:
    shift = f - x.dtype.f
    if not shift:
        return x.limbs
    return limbs.times(current().record, x.limbs, as_words(1 << shift), 1 << shift)


def _add(x: Any, y: Any) -> WideArray:
    if not isinstance(x, WideArray):
        x = _beside(x, y)
    y = y if isinstance(y, WideArray) else _beside(y, x)
    f = max(x.dtype.f, y.dtype.f)
    return WideArray(limbs.added(current().record, _aligned(x, f), _aligned(y, f)), wide_type(f))


def _beside(x: Any, wide: WideArray) -> WideArray:
    """Public floats take the scale of the other operand."""
    v = operand(x)
    if isinstance(v, SecretArray) or type_of(v).kind != "f":
        return widened(v)
    f = wide.dtype.f or 20
    return widened(SecretArray(current().record(ideal.public, words(v, f)), SecretType("", "f", f)))


def _negative(x: WideArray) -> WideArray:
    v, do = x.limbs, current().record
    return WideArray(Wide(do(ideal.neg, v.high), do(ideal.neg, v.low), v.most), x.dtype)


def _subtract(x: Any, y: Any) -> WideArray:
    return _add(x, _negative(y) if isinstance(y, WideArray) else -operand(y))


def _multiply(x: Any, y: Any) -> WideArray:
    x, c = (x, y) if isinstance(x, WideArray) else (y, x)
    c = operand(c)
    if isinstance(c, SecretArray) or c.dtype.kind == "f":
        raise Unsupported(f"a wide sum is multiplied by public whole numbers only; {_CAN}")
    largest = int(np.abs(c.astype(np.int64)).max()) if c.size else 0
    return WideArray(limbs.times(current().record, x.limbs, as_words(c), largest), x.dtype)


def _divide(x: Any, y: Any) -> SecretArray:
    d = operand(y)
    if not isinstance(x, WideArray) or isinstance(d, SecretArray):
        raise Unsupported(f"a wide sum is divided by public numbers only; {_CAN}")
    t = real(narrow_type(x.dtype))
    call = limbs.divided(current().record, x.limbs, np.asarray(d, np.float64), t.f - x.dtype.f)
    return SecretArray(call, t)


def narrow_type(t: SecretType) -> SecretType:
    """The ordinary type with as many fraction bits."""
    return type_from(f"sfix{t.f}" if t.f else "sint")


def _sum(a: WideArray, axis: Any = None, *, keepdims: bool = False) -> WideArray:
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    n = int(np.prod([a.shape[k] for k in axes], dtype=object))
    v = WideArray(limbs.total(current().record, a.limbs, axes, n), a.dtype)
    if not keepdims:
        return v
    return _moved(v, ("reshape", tuple(1 if k in axes else m for k, m in enumerate(a.shape))))


def _mean(a: WideArray, axis: Any = None, *, keepdims: bool = False) -> SecretArray:
    s = _sum(a, axis, keepdims=keepdims)
    return _divide(s, a.size // max(s.size, 1))


def _index(a: WideArray, key: Any) -> WideArray:
    return _moved(a, ("index", moving.frozen(key)))


def _reshape(a: WideArray, *shape: Any) -> WideArray:
    given = shape[0] if len(shape) == 1 else shape
    return _moved(a, ("reshape", tuple(given) if np.iterable(given) else (int(given),)))


def _transpose(a: WideArray, axes: Any = None) -> WideArray:
    order = range(a.ndim)[::-1] if axes is None else axes
    return _moved(a, ("transpose", tuple(int(k) for k in order)))


def _stack(arrays: Any, axis: int = 0) -> WideArray:
    return _joined(arrays, "stack", axis)


def _concatenate(arrays: Any, axis: int = 0) -> WideArray:
    return _joined(arrays, "concatenate", axis)


def _joined(arrays: Any, name: str, axis: int) -> WideArray:
    wide = [widened(x) for x in arrays]
    f, do = max(x.dtype.f for x in wide), current().record
    parts = [_aligned(x, f) for x in wide]
    how = (name, axis)
    high, low = (do(ideal.move, *(getattr(v, k) for v in parts), how=how) for k in ("high", "low"))
    return WideArray(Wide(high, low, max(v.most for v in parts)), wide_type(f))


def _astype(a: WideArray, dtype: Any) -> SecretArray:
    t = type_from(dtype, narrow_type(a.dtype))
    if t.kind == "w":
        return a
    if t.kind == "b":
        raise Unsupported(f"a wide sum is not a truth value; {_CAN}")
    if t.kind == "i" and a.dtype.f:
        fixed = SecretArray(limbs.narrow(current().record, a.limbs, 0), narrow_type(a.dtype))
        return fixed.astype(t)
    return SecretArray(limbs.narrow(current().record, a.limbs, a.dtype.f - t.f), number(t))


def from_limbs(both: Words, f: int) -> Any:
    """What high and low words stand for: floats, or Python integers of any size where f is 0."""
    high, low = signed(both[0]), signed(both[1])
    if f:
        value = np.ldexp(high.astype(np.longdouble), limbs.LIMB) + low.astype(np.longdouble)
        return np.ldexp(value, -f).astype(np.float64)[()]
    whole = high.astype(object) * 2**limbs.LIMB + low.astype(object)
    return np.asarray(whole, np.object_)[()]


_RULES: dict[Any, Callable[..., Any]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.negative: _negative,
    np.positive: lambda x: x,
    np.multiply: _multiply,
    np.divide: _divide,
    np.sum: _sum,
    np.mean: _mean,
    np.reshape: _reshape,
    np.ravel: lambda x: _reshape(x, -1),
    np.transpose: _transpose,
    np.stack: _stack,
    np.concatenate: _concatenate,
    np.shape: lambda x: x.shape,
    np.ndim: lambda x: x.ndim,
    np.size: lambda x: x.size,
    "index": _index,
    "astype": _astype,
}
_METHODS: dict[str, Any] = {
    "sum": np.sum,
    "mean": np.mean,
    "reshape": np.reshape,
    "ravel": np.ravel,
    "astype": "astype",
}

"""Arrays that know their values, for a suite that wants to see them.

Each call is a joint cell in a room in the clear: its arrays are shared, the namespace's function
is applied, and what it gives is revealed.
"""

import operator
from collections.abc import Callable
from functools import wraps
from inspect import isfunction
from types import SimpleNamespace
from typing import Any

import numpy as np

from mpckernel.array import OwnerName, SecretArray, reveal, settle, share
from mpckernel.array.dtypes import SecretType
from mpckernel.array.secret import DEVICE
from tests.rooms import Rooms, plain_room

alice = OwnerName("alice", 0)
_ROOMS: list[Rooms] = []


def room() -> Rooms:
    """One for all calls."""
    if not _ROOMS:
        _ROOMS.append(plain_room())
    return _ROOMS[0]


class Array:
    """A secret array and what it holds."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, values: Any, dtype: SecretType) -> None:
        self.values, self.dtype = np.asarray(values, dtype.numpy), dtype

    shape = property(lambda self: self.values.shape)
    ndim = property(lambda self: self.values.ndim)
    size = property(lambda self: self.values.size)
    device = property(lambda _: DEVICE)
    T = property(lambda self: run(lambda x: x.T, self))
    mT = property(lambda self: run(lambda x: x.mT, self))

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        from tests.array_api import adapter

        run(lambda x: x.__array_namespace__(api_version=api_version) and None, self)
        return adapter

    def to_device(self, device: Any, /, *, stream: Any = None) -> Any:
        return run(lambda x: x.to_device(device, stream=stream), self)

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: Any = None,
        dl_device: Any = None,
        copy: Any = None,
    ) -> Any:
        return run(lambda x: x.__dlpack__(), self)

    def __dlpack_device__(self) -> Any:
        return run(lambda x: x.__dlpack_device__(), self)

    def __getitem__(self, key: Any, /) -> Any:
        whole = isinstance(key, tuple) and all(type(k) is int for k in key)
        if whole and len(key) == self.ndim > 0:  # one element, to be looked at
            return Array(self.values[key], self.dtype)
        return run(lambda x, k: x[k], self, key)

    def __setitem__(self, key: Any, value: Any, /) -> None:
        import sys

        if not sys._getframe(1).f_globals["__name__"].startswith("hypothesis"):
            run(operator.setitem, self, key, value)  # refused
        self.values[key] = value.values if isinstance(value, Array) else value

    def __iter__(self) -> Any:
        return (self[k] for k in range(self.shape[0]))

    def __bool__(self) -> bool:
        return bool(self.values)

    def __int__(self) -> int:
        return int(self.values)

    def __float__(self) -> float:
        return float(self.values)

    def __complex__(self) -> complex:
        return complex(self.values)

    def __index__(self) -> int:
        return operator.index(self.values)

    def __repr__(self) -> str:
        return f"Array({self.values!r}, {self.dtype})"


BINARY = "add sub mul matmul truediv floordiv mod pow and or xor lshift rshift"
COMPARING = "lt le eq ne ge gt"
UNARY = "neg pos abs invert"


def _operators() -> None:
    for name in (BINARY + " " + COMPARING).split():
        f = getattr(operator, f"__{name}__")
        setattr(Array, f"__{name}__", _method(f, f"__{name}__"))
        if name in BINARY.split():
            in_place = getattr(operator, f"__i{name}__")
            setattr(Array, f"__r{name}__", _method(_swapped(f), f"__r{name}__"))
            setattr(Array, f"__i{name}__", _method(in_place, f"__i{name}__"))
    for name in UNARY.split():
        setattr(Array, f"__{name}__", _alone(getattr(operator, f"__{name}__")))


def _swapped(f: Any) -> Any:
    return lambda x, y: f(y, x)


def _method(f: Any, name: str) -> Any:
    def method(self: Any, other: Any, /) -> Any:
        if not isinstance(other, Array | bool | int | float):
            return NotImplemented
        return run(f, self, other)

    method.__name__ = name
    return method


def _alone(f: Any) -> Any:
    def method(self: Any, /) -> Any:
        return run(f, self)

    return method


# Calls.


def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """function(...) in a joint cell, on shares of the arrays, revealed."""
    found: dict[str, Array] = {}
    plan = _listed(args, found), _listed(kwargs, found)
    types: list[Any] = []

    def program(_: Any) -> Any:
        secrets = {name: _shared(name, x) for name, x in found.items()}
        positional, named = _filled(plan, secrets)
        result = function(*positional, **named)
        types.append(_types(result))
        return reveal(result)

    values = settle(room().run(program, [{k: x.values for k, x in found.items()}])[0])
    return _wrapped(values, types[0])


def _shared(name: str, x: Array) -> SecretArray:
    if x.dtype.kind == "b":
        return share(getattr(alice, name))
    top = float(np.abs(x.values).max()) if x.size else 1.0
    bound = 1 << max(int(top), 1).bit_length()
    return share(getattr(alice, name), dtype=x.dtype, bound=bound)


def _listed(x: Any, found: dict[str, Array]) -> Any:
    """x with its arrays replaced by names that `found` explains."""
    if isinstance(x, Array):
        name = f"a{len(found)}"
        found[name] = x
        return _Place(name)
    if type(x) in (tuple, list):
        return type(x)(_listed(v, found) for v in x)
    return {k: _listed(v, found) for k, v in x.items()} if type(x) is dict else x


class _Place(SimpleNamespace):
    def __init__(self, name: str) -> None:
        self.name = name


def _filled(x: Any, secrets: dict[str, SecretArray]) -> Any:
    if isinstance(x, _Place):
        return secrets[x.name]
    if type(x) in (tuple, list):
        return type(x)(_filled(v, secrets) for v in x)
    return {k: _filled(v, secrets) for k, v in x.items()} if type(x) is dict else x


def _types(x: Any) -> Any:
    if isinstance(x, tuple | list):
        return [_types(v) for v in x]
    return x.dtype if isinstance(x, SecretArray) else None


def _wrapped(x: Any, types: Any) -> Any:
    if isinstance(types, list):
        return type(x)(_wrapped(v, t) for v, t in zip(x, types, strict=True))
    return x if types is None else Array(x, types)


def _offered(f: Any) -> Any:
    @wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        return run(f, *args, **kwargs)

    return call


def offered(source: Any, names: list[str]) -> dict[str, Any]:
    everything = {name: getattr(source, name) for name in names}
    return {k: _offered(v) if isfunction(v) else v for k, v in everything.items()}


_operators()

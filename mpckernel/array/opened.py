"""What reveal gives: a public value on its way, or what stands for it where it does not go."""

from typing import Any, NoReturn

import numpy as np

from mpckernel.array.dtypes import SecretType
from mpckernel.array.operators import Operators, here, plain_parts
from mpckernel.array.show import shape_of
from mpckernel.array.wide import from_limbs
from mpckernel.errors import ImplicitReveal, Unsupported, UsageError
from mpckernel.ring import fixed
from mpckernel.ring.words import signed
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import Cell


class Withheld:
    """Stands at a party for what was revealed to another one only."""

    __slots__ = ("receiver",)

    def __init__(self, receiver: str) -> None:
        self.receiver = receiver

    def __repr__(self) -> str:
        return f"<revealed to {self.receiver} only>"

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise ImplicitReveal(f"this was revealed to {self.receiver} only; reveal(x) opens to all")

    __array__ = __bool__ = __float__ = __int__ = __index__ = __iter__ = __len__ = _refuse
    __getitem__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __lt__ = __gt__ = __le__ = __ge__ = _refuse


class Opened(Operators):
    """A public value on its way. Using it in the cell runs the plan so far and waits."""

    __slots__ = ("_call", "_cell", "_dtype", "_to")

    def __init__(self, cell: Cell, call: Call, dtype: SecretType, to: int | None) -> None:
        self._cell, self._call, self._dtype, self._to = cell, call, dtype, to

    @property
    def shape(self) -> tuple[int, ...]:
        return self._call.shape[self._dtype.kind == "w" :]  # high and low words are one element

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return self._call.size // (2 if self._dtype.kind == "w" else 1)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._dtype.numpy

    def ready(self) -> bool:
        """Whether the plan that opens it has run."""
        return self._call.handle is not None

    def value(self) -> Any:
        """A NumPy array or scalar, or Withheld at those who do not receive it; runs the plan so
        far if it has not run. UsageError in a dry run, where nothing is opened."""
        if not self.ready():
            if self._cell.dry:
                raise UsageError(
                    "a dry run opens nothing, and this cell goes on to use an opened value; "
                    "the cost up to here is all that can be said"
                )
            self._cell.flush()
        result = self._call.result
        if result is None:
            if self._to is None or self._to == self._cell.me:
                raise UsageError("this was never opened: its cell did not finish; run it again")
            return Withheld(self._cell.parties[self._to])
        return self._decoded(np.asarray(result))

    def _decoded(self, result: np.ndarray) -> Any:
        if self._dtype.kind == "w":
            return from_limbs(result, self._dtype.f)
        if self._dtype.kind == "f":
            return fixed.decode(result, self._dtype.f)[()]
        return result[()] if self._dtype.kind == "b" else signed(result)[()]

    def _stands_for(self) -> Any:
        """The value inside the cell, where every party must go the same way with it."""
        if self._to is not None and not self._cell.over:
            receiver = self._cell.parties[self._to]
            raise ImplicitReveal(
                f"{here()}this is revealed to {receiver} only, and a joint cell runs the same at "
                f"every party; use it in a private cell of {receiver} afterwards"
            )
        return self.value()

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self._stands_for(), dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, method)(*map(plain_parts, inputs), **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return func(*map(plain_parts, args), **{k: plain_parts(v) for k, v in kwargs.items()})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._stands_for(), name)

    def __getitem__(self, key: Any) -> Any:
        return self._stands_for()[key]

    def __iter__(self) -> Any:
        return iter(self._stands_for())

    def __len__(self) -> int:
        return len(self._stands_for())

    def __bool__(self) -> bool:
        return bool(self._stands_for())

    def __int__(self) -> int:
        return int(self._stands_for())

    def __float__(self) -> float:
        return float(self._stands_for())

    def __index__(self) -> int:
        return self._stands_for().__index__()

    def __round__(self, digits: int | None = None) -> Any:
        return round(self._stands_for(), digits)

    def __contains__(self, item: Any) -> bool:
        return item in self._stands_for()

    def __format__(self, spec: str) -> str:
        return format(self._stands_for(), spec)

    def __str__(self) -> str:
        return str(self._stands_for())

    def __repr__(self) -> str:
        """The value once it is there; asking for the repr does not run anything."""
        if self.ready() and self._call.result is not None:
            return repr(self.value())
        kind = shape_of(self)  # type: ignore[arg-type]  # it asks for the shape only
        return f"<{self._dtype} {kind}, to be revealed when the cell runs>"

    def __reduce_ex__(self, _: Any) -> NoReturn:
        raise Unsupported("this value is not open yet; pickle it after the cell")


def settle(x: Any) -> Any:
    """After the cell: the values of everything opened in x (a value, tuple, list or dict)."""
    if isinstance(x, Opened):
        return x.value()
    if type(x) in (tuple, list):
        return type(x)(settle(v) for v in x)
    if type(x) is dict:
        return {k: settle(v) for k, v in x.items()}
    return x

"""What a model learns: a tensor whose values an optimiser exchanges.

    p = Parameter(values)             in a module, which lists it
    p.data = p.data - rate * p.grad.data

A cell that ends without a commit puts the old values back, at every party.
"""

from typing import Any, NoReturn

import numpy as np

from mpckernel.array.dtypes import SecretType, sfix16
from mpckernel.array.operators import here
from mpckernel.array.publics import secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError
from mpckernel.nn import norms
from mpckernel.nn.pending import Pending
from mpckernel.nn.tape import Scaled
from mpckernel.nn.tensor import Tensor, plain
from mpckernel.nn.undoing import kept_if_committed
from mpckernel.runtime.cell import _current


class Parameter(Tensor):
    """What a model learns: a tensor with requires_grad that a module lists.

    data: initial values, public or secret. requires_grad: whether steps change it. norm: declared
    limit of the square root of the sum of squares of its elements; None: no limit declared. dtype:
    the type in which it is kept.
    to_limit: whether its bound is that of its limit from the first step on, where less is known.
    """

    __slots__ = ("kept_as", "norm", "to_limit")

    def __init__(
        self,
        data: Any,
        requires_grad: bool = True,
        *,
        norm: float | None = None,
        dtype: SecretType = sfix16,
    ) -> None:
        if not isinstance(requires_grad, bool):
            raise UsageError(f"{here()}Parameter: requires_grad is True or False; a limit is norm=")
        super().__init__(data, requires_grad)
        known = self._raw
        self.kept_as = known.dtype if isinstance(known, SecretArray) else dtype
        self.norm = norm
        self.to_limit = False
        if norm is not None and isinstance(known, np.ndarray) and norms.whole(known) > norm:
            raise UsageError(
                f"a parameter of shape {self.shape} has initial values of norm "
                f"{norms.whole(known):.3g}, beyond its limit {norm:g}; the layer takes limit="
            )

    def _in_place(self, _: Any) -> NoReturn:
        raise Unsupported(
            f"{here()}a parameter has new values by p.data = p.data - rate * p.grad.data, or by an "
            "optimiser; p -= ... would leave the model as it is"
        )

    __iadd__ = __isub__ = __imul__ = __itruediv__ = _in_place

    @property
    def dtype(self) -> SecretType:
        return self.kept_as

    @property
    def data(self) -> Any:
        """In a joint cell a secret array, also where the initial values were public."""
        if isinstance(self._raw, Pending) or _current.get() is None:
            return self._raw
        values = self._raw
        if isinstance(values, np.ndarray):
            length = norms.whole(values) + self.size * 2.0**-self.kept_as.f
            values = norms.knows(secret(values, self.kept_as), whole=length)
        if self.to_limit and self.requires_grad and self.norm is not None:
            return norms.up_to(values, self.norm)
        return values

    @data.setter
    def data(self, new: Any) -> None:
        """A cell that ends without a commit puts the old values back, at every party."""
        kept_if_committed(self, "_raw")
        self._raw = plain(new)

    def accumulate(self, gradient: Scaled) -> None:
        kept_if_committed(self, "_gradient")
        super().accumulate(gradient)

    def zero_grad(self) -> None:
        kept_if_committed(self, "_gradient")
        super().zero_grad()

    def put(self, new: Any) -> Any:
        """Exchange the values for a while (of a recording); the ones before."""
        old, self._raw = self._raw, new
        return old

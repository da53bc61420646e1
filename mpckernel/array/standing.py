"""What stands for a secret array until it is used as one: an owner's variable, a joint table."""

from typing import Any

import numpy as np

from mpckernel.array.operators import Operators
from mpckernel.array.secret import SecretArray, dispatch


class StandIn(Operators):
    """Operators and NumPy's functions on it are those of self._stands_for()."""

    __slots__ = ()

    def _stands_for(self) -> SecretArray:
        raise NotImplementedError

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        args = tuple(x._stands_for() if isinstance(x, StandIn) else x for x in inputs)
        return getattr(ufunc, method)(*args, **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return dispatch(func, args, kwargs)

"""What stands for a secret array until it is used as one: an owner's variable, a joint table."""

from typing import Any

import numpy as np

from mpckernel.array.operators import Operators, plain_parts
from mpckernel.array.secret import dispatch


class StandIn(Operators):
    """Operators and NumPy's functions on it are those of what its _stands_for() gives."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, method)(*map(plain_parts, inputs), **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return dispatch(func, args, kwargs)

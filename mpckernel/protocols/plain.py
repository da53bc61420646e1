"""No protection at all: every party holds the value itself. For tests and for teaching, loudly.

Source: the ideal functionalities themselves.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from mpckernel.protocols import fitting, ordering  # noqa: F401  (their functionalities, too)
from mpckernel.protocols.ideal import IDEALS, Ideal
from mpckernel.protocols.op import op


def _in_the_clear(ideal: Ideal) -> Callable[..., Any]:
    def run(_: Any, *operands: Any, **params: Any) -> Any:
        result = ideal.compute(*operands, **params)
        return np.asarray(result) if isinstance(result, np.generic) else result  # words stay arrays

    return run


for _ideal in IDEALS.values():
    op(_ideal, rounds=0, bits=0, leaks="everything", source="definition", scheme="plain")(
        _in_the_clear(_ideal)
    )

"""What secrets are not: the functions that would leave NaN out are their twins."""

from typing import Any

import numpy as np
import pytest

TWINS = ["median", "quantile", "percentile", "argmax", "argmin", "sum", "mean", "max", "std"]


@pytest.mark.parametrize("name", TWINS)
def test_twins(clear: Any, name: str) -> None:
    x = np.array([[1.5, -2.0, 0.25], [3.0, 0.0, -1.75]])
    q = (0.5,) if name in ("quantile", "percentile") else ()

    def program(x: Any) -> Any:
        return getattr(np, f"nan{name}")(x, *q, axis=1)

    np.testing.assert_allclose(clear(program, x=x), getattr(np, name)(x, *q, axis=1), atol=1e-5)

"""p values and quantiles beside SciPy's."""

from math import inf

import numpy as np
import pytest
from scipy import stats

from mpckernel.learn.significance import quantile, two_sided


@pytest.mark.parametrize("freedom", [1, 2, 5, 28, 431, 9999, inf])
def test_as_scipy(freedom: float) -> None:
    law = stats.norm() if freedom == inf else stats.t(freedom)
    for x in np.linspace(-9, 9, 37):
        assert two_sided(float(x), freedom) == pytest.approx(
            2 * law.sf(abs(x)), rel=1e-9, abs=1e-300
        )
    for level in (0.5, 0.9, 0.95, 0.999):
        assert quantile(level, freedom) == pytest.approx(law.ppf((1 + level) / 2), rel=1e-9)


def test_ends() -> None:
    assert two_sided(inf) == two_sided(-inf, 3) == 0
    assert np.isnan(two_sided(float("nan"), 3))
    assert two_sided(0.0, 3) == two_sided(0.0) == 1

"""Compile once, so that no test's time depends on being the first."""

import pytest

from mpckernel.ring.warm import warm


@pytest.fixture(scope="session", autouse=True)
def _warmed() -> None:
    warm()

"""Every deliberate mistake of mutants.py is noticed by the check it names."""

import pytest

from mpckernel.errors import MpcError
from tests.protocols import (  # noqa: F401  (add their own)
    fused_mutants,
    moving_mutants,
    spline_mutants,
    turning_mutants,
)
from tests.protocols.mutants import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.mistake)
def test_the_mistake_is_noticed(mutant, monkeypatch):
    mutant.patch(monkeypatch)
    with pytest.raises((AssertionError, MpcError, pytest.fail.Exception)):
        mutant.run_check()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.mistake)
def test_without_the_mistake_the_check_passes(mutant):
    mutant.run_check()


def test_there_are_enough_of_them():
    assert len({m.mistake for m in MUTANTS}) == len(MUTANTS) >= 20

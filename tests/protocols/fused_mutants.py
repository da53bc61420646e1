"""Mistakes with products that take in a sum and are placed before they are cut."""

import numpy as np

from mpckernel.protocols import moving
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import fused
from tests.protocols import test_views
from tests.protocols.mutants import mutant
from tests.protocols.rep3 import test_fused


def _bare(m):
    m.setattr(Party, "zero_share", lambda self, shape: np.zeros(shape, np.uint64))


@mutant(test_views.check_uniform, "matmul_plus")
def mask_left_out_of_placed_products(m):
    _bare(m)


@mutant(test_views.check_uniform, "matmul_plus few")
def mask_left_out_of_few_placed_products(m):
    _bare(m)


@mutant(test_views.check_uniform, "matmul_plus")
def placed_products_masked_before_rows_are_added(m):
    """By one mask, which the places have in common."""
    zero_share = Party.zero_share
    m.setattr(Party, "zero_share", lambda self, s: np.full(s, zero_share(self, s).flat[0]))


@mutant(test_fused.check_windows, ((2, 2), (1, 1)))
def rows_are_placed_but_not_added(m):
    m.setattr(fused.moving, "added", lambda how, x: moving.apply(how, x)[-1])

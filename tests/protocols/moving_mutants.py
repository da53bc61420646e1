"""Deliberate mistakes in shuffles and secret places, and the check that must fail."""

import numpy as np

from mpckernel.protocols.rep3 import flags, permute, places, shuffle
from mpckernel.ring import orders
from tests.protocols import test_views
from tests.protocols.mutants import mutant, value_and_cost
from tests.protocols.rep3 import test_shuffle

Column = shuffle.Column


@mutant(test_views.check_uniform, "shuffle")
def a_summand_is_handed_on_bare(m):
    """The next pair would know the rows again by what it held before."""
    handed = shuffle.handed

    async def bare(p, columns, mine, giver, taker, keeper):
        with_zero = [_Bare(c.shape, c.width, c.xor) for c in columns]
        return await handed(p, with_zero, mine, giver, taker, keeper)

    m.setattr(shuffle, "handed", bare)


class _Bare(Column):
    """A column whose masks are zero."""

    __slots__ = ()

    def mask(self, p, a, b):
        drawn = Column.mask(self, p, a, b)
        return None if drawn is None else np.zeros_like(drawn)


@mutant(test_shuffle.check_opened_summands_are_fresh)
def opened_summands_are_not_masked_anew(m):
    opened = shuffle.opened

    async def stale(p, column, mine, a, b):
        return await opened(p, _Bare(column.shape, column.width, column.xor), mine, a, b)

    m.setattr(permute, "opened", stale)


@mutant(test_shuffle.check_calls_differ)
def one_permutation_for_all_calls(m):
    random_order = orders.random_order
    m.setattr(orders, "random_order", lambda d, r, n: random_order(np.ones_like(d), r, n))


@mutant(test_shuffle.check_opened_places_are_uniform)
def rows_shuffled_by_one_party_only(m):
    """Two of the permutations do nothing, and the third swaps two places or none."""

    def few(draws, rows, n):
        out = np.arange(rows * n).reshape(rows, n)
        flip = draws[:rows] % np.uint64(2) == 1
        out[flip, :2] = out[flip, 1::-1]
        return out.reshape(-1)

    m.setattr(orders, "random_order", few)


@mutant(test_shuffle.check_generator)
def bounded_by_remainder_of_few_bits(m):
    """The bias of MP-SPDZ before 0.3.9, made large: any place, at every step."""

    def biased(draws, rows, n):
        out = np.arange(rows * n).reshape(rows, n)
        every = np.arange(rows)
        for k in range(n):
            place = (draws[k * rows : (k + 1) * rows] % np.uint64(n)).astype(np.int64)
            out[every, k], out[every, place] = out[every, place], out[every, k].copy()
        return out.reshape(-1)

    m.setattr(orders, "random_order", biased)


@mutant(test_shuffle.check_generator)
def no_draw_is_drawn_again(m):
    def hasty(draws, rows, n):
        out = np.empty(rows * n, np.uint64)
        spare, orders.SPARE = orders.SPARE, 0
        orders._order.definition(draws, n, out)
        orders.SPARE = spare
        return out.view(np.int64)

    m.setattr(orders, "random_order", hasty)


@mutant(test_views.check_uniform, "one_hot")
def flags_are_sent_bare(m):
    """P_0 would see r ^ s, and knows s."""
    m.setattr(flags, "Column", _Bare)


@mutant(test_shuffle.check_opened_numbers_are_uniform)
def the_last_pass_does_not_shuffle(m):
    m.setattr(places, "orders_of", lambda p, rows, n: [_same(p, k, rows * n) for k in range(3)])


def _same(p, k, size):
    return np.arange(size) if p.id in shuffle.PASSES[k] else None


@mutant(value_and_cost, "permute")
def places_are_opened_to_two_only(m):
    opened = shuffle.opened

    async def short(p, column, mine, a, b):
        x = await opened(p, column, mine, a, b)
        return np.zeros_like(x) if p.id == 3 - a - b else x

    m.setattr(permute, "opened", short)

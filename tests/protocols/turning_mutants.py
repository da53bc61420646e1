"""Mistakes with halves, conversions, roles that turn within a call, and radix sorts."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import halves, permute, places, summands
from mpckernel.runtime.cell import Cell
from tests.protocols import test_views
from tests.protocols.masks import check_every_word_is_hidden
from tests.protocols.moving_mutants import _Bare
from tests.protocols.mutants import MUTANTS, Mutant, Patch, _unmasked, mutant
from tests.protocols.rep3 import test_turning
from tests.rooms import three_rooms
from tests.security import test_broken_promises

# Halves


def _drawing(**instead: str) -> Patch:
    """Draws of a cut that are others of them, or zero."""

    def patch(m: Any) -> None:
        draws = halves.draws

        def wrong(p: Party, n: int) -> halves.Draws:
            d = draws(p, n)
            return replace(
                d, **{k: getattr(d, of) if of else 0 * getattr(d, k) for k, of in instead.items()}
            )

        m.setattr(halves, "draws", wrong)

    return patch


for draw in fields(halves.Draws):
    MUTANTS.append(
        Mutant(
            f"halves_are_cut_without_{draw.name}",
            _drawing(**{draw.name: ""}),
            test_views.check_uniform,
            "mul_trunc few",
        )
    )
for one, two in (("z_0", "g"), ("z_0", "b_0"), ("a", "z_1")):
    MUTANTS.append(
        Mutant(
            f"halves_are_cut_by_{two}_for_{one}",
            _drawing(**{one: two}),
            check_every_word_is_hidden,
            "mul_trunc few",
        )
    )

# Conversions: of P_1 and P_2, each hides what it knows of the other's bits

for name, roles in (
    ("weigh", (0, 1)), ("weigh", (1, 2)), ("rough_bits", (0, 1)), ("rough_sign", (0, 1)),
    ("select", (0, 1)), ("select", (1, 2)), ("to_bits", (0, 1)), ("headroom", (0, 1)),
):  # fmt: skip
    MUTANTS.append(
        Mutant(
            f"{name}_without_draws_of_{roles[0]}_and_{roles[1]}",
            _unmasked(roles),
            check_every_word_is_hidden,
            name,
        )
    )

# Roles that turn


@mutant(check_every_word_is_hidden, "is_zero")
def turned_parties_draw_again_what_others_of_the_call_drew(m):
    m.setattr(summands, "MANY", 100)
    m.setattr(Party, "turned", lambda self, by: self.at(self.call, self.turn + by))


def every_party_sends_the_same() -> None:
    with pytest.MonkeyPatch.context() as m:
        m.setattr(summands, "MANY", 100)
        test_turning.test_every_party_sends_the_same("msb")


@mutant(every_party_sends_the_same)
def thirds_with_the_same_roles(m):
    turned = Party.turned
    m.setattr(Party, "turned", lambda self, _: turned(self, 0))


# Sorts


@mutant(check_every_word_is_hidden, "places")
def places_by_flags_are_not_masked(m):
    """What P_2 sends would be its share of each row's place."""
    m.setattr(Party, "masks", lambda self, n: (np.zeros(n, np.uint64), np.zeros(n, np.uint64)))


def _shared_again_bare(module: Any) -> Patch:
    def patch(m: Any) -> None:
        reshared = module.reshared

        async def bare(p: Party, columns: Any, mine: Any, a: int, b: int) -> Any:
            zeros = [_Bare(c.shape, c.width, c.xor) for c in columns]
            return await reshared(p, zeros, mine, a, b)

        m.setattr(module, "reshared", bare)

    return patch


MUTANTS += [
    Mutant("the_next_digit_is_shared_again_bare", _shared_again_bare(places),
           check_every_word_is_hidden, "places"),
    Mutant("placed_rows_are_shared_again_bare", _shared_again_bare(permute),
           check_every_word_is_hidden, "permute"),
    Mutant("placed_bits_are_shared_again_bare", _shared_again_bare(permute),
           check_every_word_is_hidden, "permute_bits"),
]  # fmt: skip


def sort_after_a_promise() -> None:
    with three_rooms() as rooms, pytest.MonkeyPatch.context() as m:
        test_broken_promises.check_opened(
            rooms, test_broken_promises.noted(m), "sort", test_broken_promises.X
        )


@mutant(sort_after_a_promise)
def bounds_that_are_promised_count_as_proven(m):
    m.setattr(Cell, "promised", property(lambda _: False))

"""Deliberate mistakes in splines, and the check of rep3/test_spline.py that must fail."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import halves, spline
from mpckernel.ring import thresholds
from tests.protocols.mutants import MUTANTS, Mutant, Patch
from tests.protocols.rep3 import test_spline


def _drawing(change: Callable[[np.ndarray], None]) -> Patch:
    """Both parties that compare use these draws instead."""

    def patch(m: Any) -> None:
        for name in ("asked", "collected"):
            original = getattr(thresholds, name)

            def changed(*args: Any, original: Any = original) -> Any:
                draws = args[3 if len(args) == 7 else 2]
                change(draws)
                return original(*args)

            m.setattr(spline.thresholds, name, changed)

    return patch


def _asking(change: Callable[..., tuple[Any, ...]]) -> Patch:
    def patch(m: Any) -> None:
        original = thresholds.asked
        m.setattr(spline.thresholds, "asked", lambda *args: original(*change(*args)))

    return patch


def _known(roles: tuple[int, int], use: int, rows: slice) -> Patch:
    """Zeros in these rows of a draw."""

    def patch(m: Any) -> None:
        known_to = Party.known_to

        def zeros(self: Party, *asked: int, n: int) -> Any:
            w = known_to(self, *asked, n=n)
            if w is not None and asked == roles and self._uses == use:
                w.reshape(-1, test_spline.N)[rows] = 0
            return w

        m.setattr(Party, "known_to", zeros)

    return patch


def _no_flips(draws: np.ndarray) -> None:
    draws[0::2] &= np.uint64(2**64 - 2)


def _one_flip(draws: np.ndarray) -> None:
    draws[2::2] = draws[0] & np.uint64(1) | draws[2::2] & np.uint64(2**64 - 2)


def _no_turns(draws: np.ndarray) -> None:
    draws[0::2] &= np.uint64(1)


def _same_turn(draws: np.ndarray) -> None:
    draws[2::2] = draws[0] & np.uint64(2**64 - 2) | draws[2::2] & np.uint64(1)


def _no_factors(draws: np.ndarray) -> None:
    draws[1::2] = 0


def _one_factor_for_all_digits(draws: np.ndarray) -> None:
    draws[1::2] = (draws[1::2] & np.uint64(15)) * np.uint64(0x1111111111111111)


def _factors_twice(draws: np.ndarray) -> None:
    draws[3::2] = draws[1]


def _values_wrong(name: str, change: Callable[..., Any]) -> Patch:
    def patch(m: Any) -> None:
        original = getattr(spline, name)
        m.setattr(spline, name, lambda *args: change(original(*args)))

    return patch


def _bare_offer(m: Any) -> None:
    m.setattr(halves, "dealt", lambda d, f: halves._narrow(d.a * d.b_0, f))


def _add(name: str, patch: Patch, check: Callable[..., Any], argument: Any = None) -> None:
    MUTANTS.append(Mutant(name, patch, check, argument))


answers, hidden, values = (
    test_spline.check_answers_masked, test_spline.check_hidden, test_spline.check_values,
)  # fmt: skip
_add("answers_are_not_turned", _drawing(_no_flips), answers)
_add("all_answers_are_turned_alike", _drawing(_one_flip), answers)
_add("digits_stay_where_they_are", _drawing(_no_turns), answers)
_add("digits_are_turned_alike_for_all_edges", _drawing(_same_turn), answers)
_add("no_factors", _drawing(_no_factors), answers)
_add("one_factor_for_all_digits", _drawing(_one_factor_for_all_digits), answers)
_add("factors_are_used_twice", _drawing(_factors_twice), answers)
_add(
    "answers_without_zero_shares", _asking(lambda s, b, d, z, one: (s, b, d, 0 * z, one)), hidden, 0
)
_add("a_zero_share_is_used_twice",
     _asking(lambda s, b, d, z, one: (s, b, d, 0 * z + z[0], one)),
     test_spline.check_zero_shares)  # fmt: skip
_add("zero_shares_that_do_not_cancel",
     _asking(lambda s, b, d, z, one: (s, b, d, z + np.uint64(one), one)), values)  # fmt: skip
_add("the_code_is_sent_bare", _known((0, 2), 1, slice(0, 7)), hidden, 1)
_add("products_are_sent_bare", _known((0, 2), 1, slice(-3, None)), hidden, 1)
_add("what_is_dealt_is_sent_bare", _bare_offer, hidden, 1)
_add("p_0_learns_the_half_of_p_1", _known((1, 2), 2, slice(-1, None)), hidden, 0)
_add("p_0_learns_the_top_bit_of_p_2", _known((1, 2), 8, slice(0, 1)), hidden, 0)
_add("p_1_learns_the_top_bit_of_p_2", _known((0, 2), 5, slice(0, 1)), hidden, 1)
_add("p_1_learns_the_half_of_p_2", _known((0, 2), 7, slice(0, 1)), hidden, 1)
_add("p_2_learns_the_top_bit_of_p_1", _known((0, 1), 3, slice(0, 1)), hidden, 2)
_add("p_2_learns_the_half_of_p_1", _known((0, 1), 4, slice(0, 1)), hidden, 2)
_add("the_wrap_of_places_is_forgotten",
     _values_wrong("_places", lambda at: at._replace(passed=0 * at.passed)), values)  # fmt: skip
_add("edges_are_one_off",
     _values_wrong("_edges", lambda t: t + (t != 0)), values)  # fmt: skip
_add("the_low_bits_count_once",
     _values_wrong("_places", lambda at: at._replace(low=at.low + np.uint64(1))),
     values, test_spline.PARAMS)  # fmt: skip

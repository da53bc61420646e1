"""Every received word is hidden by a draw of its own, and every mistake with a draw is noticed."""

import pytest

from tests.protocols import masks
from tests.protocols.test_views import SILENT

FUSED = "mul_trunc", "dot_trunc", "matmul_trunc", "matmul_plus", "blend"
HARMLESS = {
    **{name: {((1, 1), None), ((1, 4), 1)} for name in FUSED},
    **{f"{name} few": {((1, 1), None), ((1, 2), 1)} for name in FUSED},
}
"""The mask of a fused product under key 1: it belongs to z_0, which P_2 is not sent."""
LONG = {"headroom", "places"}  # to_bits and what follows it; two passes of a sort
SPARE = {(1, 5), (2, 5), (1, 9), (0, 20), (1, 20), (0, 24)}
"""Of both passes of a sort: masks of summands that stay where they are, and one of what is masked
already when it is handed on (either of the two would do)."""


@pytest.mark.parametrize("name", SILENT)
def test_every_word_is_hidden_by_a_draw_of_its_own(name):
    masks.check_every_word_is_hidden(name)


@pytest.mark.parametrize("name", sorted(set(SILENT) - LONG))
def test_each_draw_left_out_or_reused_is_noticed(name):
    assert set(masks.missed(name)) == HARMLESS.get(name, set())


def test_each_draw_of_a_sort_left_out_is_noticed():
    left_out = [wrong for wrong, instead in masks.mistakes("places") if instead is None]
    bare = {
        (key, use) for key, use in left_out if masks.unhidden("places", (key + 1) % 3, (key, use))
    }
    assert set(left_out) - bare == SPARE


def test_some_draws_of_a_headroom_left_out_or_reused_are_noticed():
    found = list(masks.mistakes("headroom"))
    for wrong, instead in found[3::11]:
        assert masks.unhidden("headroom", (wrong[0] + 1) % 3, wrong, instead), wrong

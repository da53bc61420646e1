"""Sentences, the view that travels, answers to clicks, and colours."""

import itertools
import json

import pytest

from mpckernel.widgets.share_state import checked
from mpckernel.widgets.share_story import LOOKS, blind_groups, look, position, story, view, why


def test_one_party_learns_nothing_and_two_open(salary):
    state = checked(salary())
    assert story(state, ()).text.startswith("Tick a party")
    assert story(state, (0,)).text.startswith("alice alone: still nothing. x2 is missing")
    assert story(state, (0, 1)).text == "alice and bob together hold every share: now it opens."
    assert story(state, (0, 1, 2)).opens


def test_a_real_room_says_that_nothing_is_opened(salary):
    told = story(checked(salary(simulation=False)), (1, 2))
    assert told.opens
    assert "could open it. Nothing is opened here" in told.text
    assert "now it opens" not in told.text


def test_two_of_three_additive_parties_learn_nothing(salary):
    holds = {"alice": [0], "bob": [1], "carol": [2]}
    state = checked(salary(holds=holds, words=None, threshold=3))
    assert story(state, (0,)).text.startswith("alice alone: still nothing. x1 and x2 are missing")
    assert story(state, (0, 2)).text.startswith("alice and carol together: still nothing")
    assert blind_groups(state) == [(0, 1), (0, 2), (1, 2)]


def test_one_holder_of_everything_is_not_called_secret(salary):
    state = checked(salary(holds={"alice": [0]}, words=None, shares=1, threshold=1))
    assert story(state, (0,)).text.startswith("alice alone holds every share")
    assert not any("Whoever misses" in line for line in why(state))


def test_the_view_has_a_sentence_for_every_group_and_no_word_or_value(salary):
    state = salary()
    sent = view(checked(state))
    groups = [g for k in range(4) for g in itertools.combinations(range(3), k)]
    assert set(sent["stories"]) == {",".join(map(str, g)) for g in groups}
    page = json.dumps(sent)
    secrets = [*state["value"]]
    secrets += [w for p in state["parties"] for ws in p["words"].values() for w in ws]
    assert len(secrets) == 14
    assert not [s for s in secrets if s in page]


def test_a_click_is_answered_with_what_was_asked_and_allowed(salary):
    state = checked(salary())
    assert look(state, [0], words=False) == {"words": None, "value": None}
    assert look(state, [0, 1], words=False)["value"] == ["52100.25", "-48000.5"]
    assert look(state, [], words=True)["words"][2][0][0] == "9c41f07a2d83b65e"
    assert [w is None for w in look(state, [0, 2], words=True)["words"]] == [False, True, False]
    real = checked(salary(simulation=False))
    assert look(real, [0, 1, 2], words=True)["value"] is None
    assert [w is None for w in look(real, [0, 1, 2], words=True)["words"]] == [False, True, True]


@pytest.mark.parametrize(
    ("shape", "flat", "shown"), [((), 0, ""), ((5,), 3, "[3]"), ((2, 3, 4), 23, "[1, 2, 3]")]
)
def test_positions_read_as_one_would_type_them(salary, shape, flat, shown):
    state = checked({**salary(), "shape": shape})
    assert position(state, flat) == shown


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("background", ["#ffffff", "#111111", "#212121"])
@pytest.mark.parametrize("party", LOOKS, ids=lambda party: party.shape)
def test_party_colours_stand_out_in_both_themes(party, background):
    assert contrast(party.colour, background) >= 3


def test_parties_differ_by_more_than_colour():
    for field in ("colour", "mark", "shape"):
        assert len({getattr(party, field) for party in LOOKS}) == len(LOOKS)

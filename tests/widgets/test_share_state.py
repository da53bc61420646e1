"""What may be shown of a secret, and what is refused before anything is drawn."""

import json

import pytest

from mpckernel.errors import Bug, UsageError
from mpckernel.widgets.share_state import checked, missing, opening_groups

ADDITIVE = {"alice": [0], "bob": [1], "carol": [2]}


def test_a_state_is_plain_data_and_survives_json(salary):
    state = salary()
    assert checked(json.loads(json.dumps(state))) == checked(state)
    assert state["parties"][0]["words"]["0"] == ["9c41f07a2d83b65e", "1f2e3d4c5b6a7988"]


def test_rep3_misses_one_share_alone_and_none_in_pairs(salary):
    state = checked(salary())
    assert [missing(state, [p]) for p in range(3)] == [(2,), (0,), (1,)]
    assert opening_groups(state) == [(0, 1), (0, 2), (1, 2)]


def test_an_additive_sharing_opens_with_everybody_only(salary):
    state = checked(salary(holds=ADDITIVE, words=None, threshold=3))
    assert opening_groups(state) == [(0, 1, 2)]
    assert missing(state, (0, 1)) == (2,)


def test_a_real_room_refuses_the_words_of_others_and_values(salary):
    shown = salary(simulation=False)
    checked(shown)
    for party, words in (("bob", {1: (5, 6), 2: (7, 8)}), ("carol", {0: (1, 2)})):
        with pytest.raises(Bug, match="may not see"):
            checked(salary(simulation=False, words={party: words}))
    with pytest.raises(Bug, match="may not see"):
        checked({**shown, "value": ["1", "2"]})


@pytest.mark.parametrize("threshold", [1, 3])
def test_a_threshold_that_the_shares_do_not_give_is_refused(salary, threshold):
    with pytest.raises(Bug, match="threshold"):
        checked(salary(threshold=threshold))


@pytest.mark.parametrize(
    "changes",
    [
        {"value": ["1"]},
        {"index": [0, 1, 2, 3, 4], "words": None, "value": None},
        {"combine": "product"},
        {"words": {"alice": {2: (1, 2)}}},
        {"words": {"alice": {0: (1,)}}},
        {"holds": {"alice": [0, 3], "bob": [1, 2]}, "words": None},
    ],
)
def test_a_state_that_contradicts_itself_is_refused(salary, changes):
    with pytest.raises(Bug, match="contradicts"):
        checked(salary(**changes))


def test_more_parties_than_there_are_marks_are_refused(salary):
    many = {f"p{k}": [0] for k in range(7)}
    with pytest.raises(UsageError, match="1 to 6 parties"):
        checked(salary(holds=many, words=None, shares=1, threshold=1))


def test_errors_hold_no_word_of_the_state(salary):
    with pytest.raises(Bug) as caught:
        checked(salary(simulation=False, words={"bob": {1: (5, 6)}}))
    assert "bob" not in str(caught.value)

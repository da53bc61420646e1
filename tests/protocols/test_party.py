"""Randomness is a function of key, call and use; roles rotate; nothing repeats."""

import numpy as np
import pytest

from mpckernel.protocols.party import Party
from mpckernel.protocols.rounds import Round
from mpckernel.runtime.lockstep import three_parties

N = 64


def check_draws_differ() -> None:
    """Two draws within a call, and draws of two calls, differ, at every party."""
    for p in three_parties():
        drawn = []
        for call in (1, 2):
            here = p.at(call)
            drawn += [*here.masks(N), *here.masks(N), here.public_noise(N)]
            for roles in ((0, 1), (1, 2), (0, 2)):
                w = here.known_to(*roles, n=N)
                drawn += [] if w is None else [w]
        words = np.concatenate(drawn)
        assert len(np.unique(words)) == words.size


def test_two_draws_never_coincide():
    check_draws_differ()


def check_zero_shares() -> None:
    """alpha_0 + alpha_1 + alpha_2 = 0, none of them zero, each half known to one neighbour."""
    parties = [p.at(5) for p in three_parties()]
    alphas = [p.at(5).zero_share((N,)) for p in parties]
    assert not sum(alphas).any()
    assert all(np.unique(a).size == N for a in alphas)
    (a_0, b_0), (a_1, b_1), (a_2, b_2) = (p.masks(N) for p in parties)
    for a, b in ((a_0, b_1), (a_1, b_2), (a_2, b_0)):
        np.testing.assert_array_equal(a, b)
    assert not (a_0 ^ b_0 ^ a_1 ^ b_1 ^ a_2 ^ b_2).any()


def test_zero_shares_cancel_and_only_together():
    check_zero_shares()


def check_known_to() -> None:
    """The two named roles draw the same, the third draws nothing, whatever the turn."""
    for turn in range(3):
        for roles in ((0, 1), (1, 2), (0, 2), (2, 0)):
            drawn = {p.id: p.known_to(*roles, n=N)
                     for p in (q.at(5, turn) for q in three_parties())}  # fmt: skip
            (third,) = {0, 1, 2} - set(roles)
            assert drawn[third] is None
            np.testing.assert_array_equal(drawn[roles[0]], drawn[roles[1]])


def check_pairs_have_keys_of_their_own() -> None:
    """What two parties draw in common, the third cannot draw from any of its keys."""
    parties = three_parties()
    for p in parties:
        right, third = parties[(p.number + 1) % 3], parties[(p.number + 2) % 3]
        common = p.with_right.words(N, 5, 1)
        np.testing.assert_array_equal(common, right.with_left.words(N, 5, 1))
        for prg in (third.with_left, third.with_right):
            assert not np.isin(prg.words(N, 5, 1), common).any()


def test_only_two_parties_know_what_two_parties_share():
    check_known_to()
    check_pairs_have_keys_of_their_own()


@pytest.mark.parametrize("turn", range(3))
def test_roles_rotate(turn):
    assert sorted(p.at(0, turn).id for p in three_parties()) == [0, 1, 2]
    for p in three_parties():
        q = p.at(0, turn)
        assert (q.left, q.right) == ((q.id + 2) % 3, (q.id + 1) % 3)


def test_public_noise_is_the_same_at_everybody():
    first, *others = (p.at(4).public_noise(N) for p in three_parties())
    assert all(np.array_equal(first, w) for w in others)


def test_a_party_shows_no_key():
    assert isinstance(three_parties()[0], Party)
    assert "key" not in repr(three_parties()[0]).lower()


def test_a_round_does_not_show_what_it_sends():
    text = repr(Round({1: (np.array([98765], np.uint64),)}, {2: (3,)}))
    assert "98765" not in text
    assert "{2: (3,)}" in text

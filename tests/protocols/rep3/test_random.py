"""Random bits nobody knows; coins that one party alone can neither choose nor foresee."""

import numpy as np
import pytest

from mpckernel.errors import PeerError
from mpckernel.ring import bits
from tests.protocols import statistics
from tests.protocols.running import REP3, run, run_parts

N = 2**15


def check_bits_unknown() -> None:
    """The bits are uniform beside both shares that a party holds."""
    got = run("random_bits", shape=(64 * N,))
    b = bits.pack(got.value)
    p_values = statistics.uniform(b)
    for part in got.parts:
        for w in (part.i, part.j, part.i ^ part.j):
            p_values += statistics.uniform(w) + statistics.uniform(w ^ b)
    statistics.accept(p_values, "random bits")


def test_random_bits_are_uniform_and_unknown_to_everybody():
    check_bits_unknown()


def check_coin_foreseen_by_nobody() -> None:
    """The coin is uniform beside everything a party can compute before it hears anything."""
    parties_seen = run("coin", shape=(N,))
    r = parties_seen.value
    p_values = statistics.uniform(r)
    for i in range(3):
        p = parties_seen.parties[i]
        p._uses = 0
        a, b = p.masks(N)
        p_values += statistics.uniform(r - a - b) + statistics.uniform(r ^ a ^ b)
    statistics.accept(p_values, "coin")


def test_coins_cannot_be_foreseen():
    check_coin_foreseen_by_nobody()


def test_two_coins_of_one_run_differ():
    assert not np.array_equal(run("coin", shape=(4,)).value, run("coin", shape=(4,), call=8).value)


def cheated(cheat: int, victim: int) -> None:
    """One party adds one to what it tells another."""

    def tap(sender, receiver, k, arrays):
        if (sender, receiver) == (cheat, victim):
            return tuple(a + np.uint64(1) for a in arrays)
        return arrays

    run_parts(REP3["coin"], [], {"shape": (4,)}, tap=tap)


@pytest.mark.parametrize("cheat", range(3))
@pytest.mark.parametrize("victim", range(3))
def test_whoever_speaks_last_can_stop_a_coin_but_not_steer_it(cheat, victim):
    if cheat == victim:
        return
    with pytest.raises(PeerError, match="public coin"):
        cheated(cheat, victim)


def test_a_coin_does_not_depend_on_what_one_party_chooses():
    """P_i's own words enter nobody's coin but through keys fixed before: any tampering that is
    not noticed leaves the value, since both honest parties know the share P_i lacks."""
    honest = run("coin", shape=(4,)).value
    for i in range(3):
        got = run("coin", shape=(4,), seed=i)
        np.testing.assert_array_equal(got.parts[i], honest)

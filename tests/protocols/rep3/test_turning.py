"""Calls of many elements, in which roles turn from third to third. Many are more than 100 here."""

import numpy as np
import pytest

from mpckernel.errors import Bug
from mpckernel.protocols.op import OPS
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import summands
from mpckernel.runtime.lockstep import three_parties
from tests.protocols import masks
from tests.protocols import test_views as views
from tests.protocols.running import REP3, Stream, run_parts, share

TURN = sorted(name for name, op in REP3.items() if op.turns)
EDGES = [0, 1, -1, 2**14, -(2**14) + 1, 5, -5]


@pytest.fixture(autouse=True)
def many(monkeypatch):
    monkeypatch.setattr(summands, "MANY", 100)


def numbers(n):
    return np.resize(np.array(EDGES), n).astype(np.uint64)


def test_there_are_some():
    assert TURN == ["is_zero", "msb"]


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("n", [100, 101, 128, 129, 192, 193, 1000])
@pytest.mark.parametrize("width", [16, 64])
@pytest.mark.parametrize("name", TURN)
def test_the_same_as_in_the_clear_at_the_declared_cost(name, width, n, turn):
    op, x = OPS[f"rep3.{name}"], numbers(n)
    parties = [p.at(7, turn) for p in three_parties()]
    got = run_parts(op, share(op, [x], Stream(n)), {"width": width}, parties)
    np.testing.assert_array_equal(got.value, op.ideal.compute(x, width=width))
    assert got.cost == op.cost((n,), (n,), width=width)


@pytest.mark.parametrize("name", TURN)
def test_every_party_sends_the_same(name):
    op, n = OPS[f"rep3.{name}"], 192 * 3
    got = run_parts(op, share(op, [numbers(n)], Stream(1)), {"width": 64})
    sent = [0, 0, 0]
    for asked in got.transcript:
        for i, one in enumerate(asked):
            sent[i] += sum(a.size for arrays in one.send.values() for a in arrays)
    assert len(set(sent)) == 1


@pytest.mark.parametrize("name", TURN)
def test_what_a_party_sees(name):
    views.check_uniform(name)
    views.check_alike(name)
    views.check_fresh(name)
    views.check_sizes(name)


@pytest.mark.parametrize("name", TURN)
def test_each_draw_left_out_or_reused_is_noticed(name):
    masks.check_every_word_is_hidden(name)
    assert masks.missed(name) == []


def drawn_twice(name):
    """Draws of one call that were drawn before: (key, use)."""
    places, op = [], OPS[f"rep3.{name}"]
    parties = three_parties()
    for party in parties:
        for k, side in enumerate(("with_left", "with_right")):
            prg = getattr(party, side)
            setattr(party, side, _Noted(prg, (party.number, k), places))
    run_parts(op, share(op, [numbers(300)], Stream(3)), {"width": 64}, parties)
    return len(places) - len(set(places))


class _Noted:
    def __init__(self, prg, holder, places):
        self.prg, self.holder, self.places = prg, holder, places

    def words(self, shape, call, use):
        self.places.append((self.holder, call, use))
        return self.prg.words(shape, call, use)


@pytest.mark.parametrize("name", TURN)
def test_no_mask_is_drawn_twice(name, monkeypatch):
    assert drawn_twice(name) == 0
    monkeypatch.setattr(Party, "turned", lambda p, by: p.at(p.call, p.turn + by))
    assert drawn_twice(name) > 0


def test_turned_parties_count_uses_of_their_own():
    party = three_parties()[1].at(5, 2)
    first, second = party.turned(0), party.turned(2)
    assert [p.turn for p in (first, second)] == [2, 1]
    assert [p.call for p in (first, second)] == [5, 5]
    draws = [p.with_left.words(2, 5, p._uses + 1) for p in (party, first, second)]
    assert len({d.tobytes() for d in draws}) == 3
    with pytest.raises(Bug, match="within a turn"):
        first.turned(1)

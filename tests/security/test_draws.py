"""No mask is drawn twice: calls of all kinds, in chunks, plans of one cell, cells that failed."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from mpckernel.protocols import ideal, ordering
from mpckernel.protocols.composed import divide, roots, sorting
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.protocols.rep3 import summands
from mpckernel.ring.prg import Prg
from mpckernel.runtime import chunks
from mpckernel.runtime.cell import current
from mpckernel.runtime.recording import Given, record
from tests.rooms import three_rooms
from tests.runtime.programs import keep, share
from tests.security.wire import BOB, CAROL, errors

LANES = 300


@pytest.fixture
def draws(monkeypatch):
    """(call, use) of every draw, by generator; and generators by key. Small chunks and windows."""
    for name, size in {"WHOLE": 128, "CHUNK": 128, "WINDOW": 128, "LANES": 128}.items():
        monkeypatch.setattr(chunks, name, size)
    monkeypatch.setattr(chunks, "LANES_WINDOW", 128)
    monkeypatch.setattr(summands, "MANY", 128)
    places, holders = defaultdict(Counter), defaultdict(list)
    made, words = Prg.__init__, Prg.words

    def remembered(self, key):
        made(self, key)
        holders[bytes(key)].append(self)

    def counted(self, shape, call, use):
        places[id(self)][call, use] += 1
        return words(self, shape, call, use)

    monkeypatch.setattr(Prg, "__init__", remembered)
    monkeypatch.setattr(Prg, "words", counted)
    return places, holders


def everything(cell):
    """Calls of all kinds, in two plans."""
    x, face = keep(share(cell, np.arange(1, LANES + 1), owner=BOB))
    do = cell.record
    root = do(lanewise(roots.sqrt), x, c=20)
    both, another = keep(do(ideal.mul, do(lanewise(divide.reciprocal), x, c=40), root))
    do(ideal.open_words, do(ideal.trunc, do(ideal.mul, x, x), f=4))
    places = sorting.places(do, do(ideal.neg, x))
    do(ideal.open_words, do(ordering.permute, places, x))
    cell.flush()
    repeated(cell, x)
    bits = do(ideal.random_bits, shape=(LANES,))
    do(ideal.coin, shape=(3,))
    do(ideal.open_bits, do(ideal.msb, both, width=64))
    do(ideal.open_bits, do(ideal.is_zero, both, width=64))
    do(ideal.open_words, do(ideal.select, bits, both, do(ordering.shuffle, x)))
    return face, another  # alive until here


def repeated(cell, x):
    """A recorded function that uses another one, chunks and composed functions, several times."""

    def inner(calls):
        record_ = current().record
        root = record_(lanewise(roots.sqrt), calls[0], c=20)
        return [record_(ideal.mul, root, calls[0]), record_(ideal.trunc, root, f=4)]

    def outer(calls):
        cell = current()
        one = cell.repeat(low, tuple(calls))
        two = cell.repeat(low, tuple(calls))
        return [cell.record(ideal.mul, one[1], two[1])]

    form = Given(x.shape, "word", 1000)
    low = record(cell, "inner", [form], inner)
    high = record(cell, "outer", [form], outer)
    for _ in range(3):
        cell.record(ideal.open_words, *cell.repeat(high, (x,)))
        cell.repeat(low, (x,))


def stopped(cell):
    everything(cell)
    cell.flush()
    if cell.me == CAROL:
        raise ZeroDivisionError


def test_no_place_of_a_mask_is_used_twice(draws):
    places, holders = draws
    with three_rooms() as rooms:
        for program in (everything, stopped, everything, stopped, everything):
            assert any(errors(rooms.start(program))) == (program is stopped)
    secret = {key: prgs for key, prgs in holders.items() if key != b"public by design"}
    assert all(len(prgs) == 2 for prgs in secret.values())  # both who hold it, for one plan
    used = [places[id(prg)] for prgs in secret.values() for prg in prgs if places[id(prg)]]
    assert len(used) >= 2 * 3 * 5 * 2
    assert max(max(each.values()) for each in used) == 1
    assert len({call for each in used for call, _ in each}) > 50  # chunks and inner calls
    assert any(call & 2**20 - 1 for each in used for call, _ in each)
    assert any(call >> 20 & 2**20 - 1 for each in used for call, _ in each)
    assert any(use >> 16 for each in used for _, use in each)  # within a call that turned

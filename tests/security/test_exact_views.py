"""Bit circuits: what one party sees, counted exactly. All sharings and all masks of small numbers,
one combination in each lane, through the code that runs in rooms.

Whatever the share that a party lacks, its draws and its mail together must have one distribution.
"""

from collections import defaultdict

import numpy as np
import pytest

from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import carry, digits, summands
from mpckernel.protocols.rep3.carry import carry_out
from mpckernel.protocols.rep3.compare import is_zero, msb
from mpckernel.protocols.rep3.convert import to_bits
from mpckernel.protocols.rep3.summands import summand
from mpckernel.protocols.rounds import resumed
from mpckernel.ring import bits
from mpckernel.sharing.rep3 import Rep3


async def low_carry(p, x, width):
    return await carry_out(p, summand(p, x), width)


CIRCUITS = {  # protocol, bits of a number, bits of a digit
    "msb": (msb, 3, 4),
    "to_bits": (to_bits, 3, 4),
    "is_zero": (is_zero, 3, 4),
    "carry": (low_carry, 3, 4),
    "msb in two digits": (msb, 2, 1),
    "to_bits in two digits": (to_bits, 3, 2),
    "carry in two digits": (low_carry, 2, 1),
}
REUSED = ["is_zero", "msb in two digits", "carry in two digits"]
"""Where a key is drawn from more than once."""


@pytest.fixture
def digit(request, monkeypatch):
    """Digits as short as the circuit asks for, so that all masks can be counted; and roles that do
    not turn, whatever the number of lanes."""
    for module in (digits, carry):
        monkeypatch.setattr(module, "SIZE", CIRCUITS[request.getfixturevalue("name")][2])
    monkeypatch.setattr(summands, "MANY", 1 << 30)
    digits.layout.cache_clear()
    yield
    digits.layout.cache_clear()


class Tape:
    """Every mask bit is a coordinate of the lane's number, after those of the three shares."""

    def __init__(self, lanes, width):
        self.lanes, self.first = lanes, {}
        self.used = 3 * width

    def planes(self, name, count):
        if name not in self.first:
            self.first[name], self.used = self.used, self.used + count
        number = np.arange(self.lanes)
        return [number >> (self.first[name] + k) & 1 for k in range(count)]


class Draws:
    """A Prg of which each word is written down by Tape."""

    def __init__(self, tape, key, seen, fault):
        self.tape, self.key, self.seen, self.fault = tape, key, seen, fault

    def words(self, n, call, use):
        each = bits.packed_len(self.tape.lanes)
        assert n % each == 0
        planes = self.tape.planes((self.key, 0 if self.fault else use), n // each)
        self.seen.extend(planes)
        return np.concatenate([bits.pack(plane.astype(bool)) for plane in planes])


def run(circuit, width, lanes, fault):
    """What each party draws and hears, as planes of lanes; and the tape."""
    tape, views = Tape(lanes, width), [[], [], []]
    number = np.arange(lanes, dtype=np.uint64)
    shares = [number >> np.uint64(width * k) & np.uint64(2**width - 1) for k in range(3)]
    steps, asked, mail = [], [None] * 3, [None] * 3
    for i in range(3):
        keys = [Draws(tape, (i + k) % 3, views[i], fault) for k in range(2)]
        part = Rep3(shares[i], shares[(i + 1) % 3])
        steps.append(circuit(Party(i, *keys), part, width=width))
    while True:
        for i, one in enumerate(steps):
            try:
                asked[i] = resumed(one, mail[i])
            except StopIteration:
                return views, tape
        for i in range(3):
            mail[i] = {j: asked[j].send[i] for j in asked[i].hear}
            for arrays in mail[i].values():
                for array in arrays:
                    views[i].extend(unpacked(array, lanes))


def unpacked(array, lanes):
    each = bits.packed_len(lanes)
    return [bits.unpack(array[k : k + each], lanes) for k in range(0, array.size, each)]


def leaks(name, fault=False):
    """Pairs (party, own shares) for which the lacking share shows in the view."""
    circuit, width, _ = CIRCUITS[name]
    _, tape = run(circuit, width, 64, fault)
    lanes = 1 << tape.used
    assert lanes <= 1 << 21
    views, _ = run(circuit, width, lanes, fault)
    number = np.arange(lanes)
    field = [number >> width * k & 2**width - 1 for k in range(3)]
    found = []
    for i, view in enumerate(views):
        seen = np.zeros(lanes, np.int64)
        for plane in view:
            seen = seen << 1 | plane
        own, lacking = field[i] << width | field[(i + 1) % 3], field[(i + 2) % 3]
        counts = defaultdict(set)
        for mine in range(4**width):
            for other in range(2**width):
                lane = seen[(own == mine) & (lacking == other)]
                counts[mine].add(np.sort(lane).tobytes())
        found += [(i, mine) for mine, kinds in counts.items() if len(kinds) > 1]
    return found


@pytest.mark.usefixtures("digit")
@pytest.mark.parametrize("name", CIRCUITS)
def test_no_view_depends_on_the_lacking_share(name):
    assert leaks(name) == []


@pytest.mark.usefixtures("digit")
@pytest.mark.parametrize("name", REUSED)
def test_one_mask_used_twice_would_be_seen(name):
    assert leaks(name, fault=True)

"""Simulators of operations that open a shuffled permutation: they open one that they drew.

Everything else a party hears is uniform mail, as for any operation. Of an opened column a party
hears what makes its own summand, or the other one it hears, into the opened value.
"""

from functools import partial
from typing import Any

import numpy as np

from mpckernel.protocols.rep3.shuffle import Column, place_width
from mpckernel.protocols.rounds import resumed
from tests.protocols.running import REP3, Stream
from tests.protocols.views import recording_parties

# In which rounds, in which turn of the roles, and whether the summands are xored.
OPENED = {
    "permute": {2: (0, False)},
    "permute_bits": {2: (0, False)},
    "unpermute": {2: (0, False)},
    "places": {5: (0, False), 11: (1, True)},
}


def simulated(
    name: str, i: int, own: list[Any], params: dict[str, Any], seed: bytes = b"simulated"
) -> tuple[list[np.ndarray], list[np.ndarray], Any]:
    """(received, drawn, part of the result) of party i, for operands it holds parts `own` of."""
    party, rng = recording_parties(seed=seed)[i], Stream(int.from_bytes(seed[:8], "little"))
    n = own[0].shape[-1]
    steps, mail, heard, k = REP3[name](party, *own, **params), None, [], 0
    while True:
        try:
            asked = resumed(steps, mail)
        except StopIteration as done:
            return heard, party.drawn, done.value
        mail = {
            peer: tuple(rng.integers(0, 2**64, size) for size in asked.hear[peer])
            for peer in sorted(asked.hear)
        }
        if k in OPENED[name]:
            turn, xor = OPENED[name][k]
            column = Column((n,), place_width(n), xor)
            _open(column, np.argsort(rng.integers(0, 2**64, n)), mail, asked.send, i, turn)
        heard += [a for arrays in mail.values() for a in arrays]
        k += 1


def _open(column: Column, value: Any, mail: Any, sent: Any, i: int, turn: int) -> None:
    """Make the last summand that is heard fit what is opened."""
    first, third = (-turn) % 3, (1 - turn) % 3  # the numbers of roles 0 and 1
    other = (2 - turn) % 3
    if i == third:
        known, giver = mail[first][0], other
    else:
        giver = other if i == first else first
        known = sent[giver][0]
    missing = column.minus(value.astype(np.uint64), column.unpacked(known))
    mail[giver] = (column.packed(missing), *mail[giver][1:])


OPENING = {name: partial(simulated, name) for name in OPENED}

"""A training of the small network on digits, as tests run it."""

from collections import Counter

import numpy as np

import mpckernel
from mpckernel import nn
from mpckernel.array import reveal, share
from tests.nn.networks import ALICE, clear_step, clear_weights, digits, network

ROWS, BATCH = 320, 32
X, Y = digits(ROWS)
SPACE = {"x": X, "y": Y}


def secrets(rows=ROWS):
    x = share(ALICE.x, bound=1.0, dtype=mpckernel.sfix(8))
    return x[:rows], share(ALICE.y, bound=9)[:rows]


class Training:
    """A model and an optimiser that live on over the cells of one party."""

    def __init__(self, rate=0.5, **options):
        self.model = network()
        self.optimizer = nn.SGD(self.model.parameters(), lr=rate, **options)

    def fit(self, rows=ROWS, **options):
        settings = {"epochs": 1, "batch_size": BATCH, "shuffle": None} | options
        criterion = nn.CrossEntropyLoss()
        return nn.fit(self.model, criterion, self.optimizer, *secrets(rows), **settings)

    def weights(self):
        return reveal([p.data for p in self.model.parameters()])


def run(rooms, program, **options):
    return rooms.run(program, [SPACE, *[{}] * (len(rooms.rooms) - 1)], **options)


def opened(rooms):
    return Counter((e.kind, e.shape) for e in rooms.rooms[0].ledger.opened)


def agree(weights):
    """With those of the network in the clear after four steps."""
    w = clear_weights()
    for k in range(4):
        rows = slice(k * BATCH, (k + 1) * BATCH)
        w = clear_step(w, X[rows], Y[rows], 0.5)
    for got, expected in zip(weights, w, strict=True):
        np.testing.assert_allclose(got, expected, atol=2.0**-9)

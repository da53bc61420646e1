"""The structure of plans: who waits for whom, and what is made only when it is asked for."""

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.ring.words import as_words
from mpckernel.runtime.body import structure
from mpckernel.runtime.lanes import place
from mpckernel.runtime.plan import Plan
from mpckernel.runtime.schedule import Schedule
from tests.runtime.test_lanes import NAMES, leaf, run


def rows(k):
    return ("index", ("slice", k, k + 1, None))


def test_a_body_says_who_waits_for_whom():
    plan = Plan("rep3", NAMES)
    x = leaf(plan, None, (4,), 100)
    y = plan.add(ideal.mul, x, x)
    plan.add(ideal.add, y, x)
    body = structure(plan.calls, (1,), top=True)
    assert body.users == [[1, 1, 2], [2], []]
    assert body.uses == [3, 2, 0]
    assert body.waits == [0, 0, 1]
    assert body.ready == [1]
    assert body.count == 2
    assert body.steps[2].place == place(2)


def test_parts_of_what_is_given_are_cut_out_when_they_are_asked_for():
    """Of many batches one exists at a time."""
    existing = []

    def program(do, x):
        total = do(ideal.move, x, how=rows(0))
        for k in range(1, 20):
            total = do(ideal.mul, total, do(ideal.move, x, how=rows(k)))
        return total

    def watched(self, frame, k, value):
        existing.append(sum(v is not None for v in frame.values))
        return done(self, frame, k, value)

    done, Schedule._done = Schedule._done, watched
    try:
        got, cost = run(program, (np.full((20, 3), 2), 2))
    finally:
        Schedule._done = done
    assert got.tolist() == [[2**20] * 3]
    assert cost.rounds == 19
    assert max(existing) <= 4  # x, a batch, and two products


def test_parts_of_parts_and_parts_that_nobody_uses():
    def program(do, x):
        first = do(ideal.move, do(ideal.move, x, how=rows(1)), how=("reshape", (3,)))
        do(ideal.move, x, how=rows(2))
        return do(ideal.shift, do(ideal.mul, first, first), as_words(1))

    for scheme in ("rep3", "plain"):
        got, _ = run(program, (np.arange(9).reshape(3, 3), 9), scheme=scheme)
        assert got.tolist() == [10, 17, 26]

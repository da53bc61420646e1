"""The structure of plans: who waits for whom, and what is made only when it is asked for."""

import numpy as np
import pytest

from mpckernel.errors import UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import roots
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.ring.words import as_words
from mpckernel.runtime import body as bodies
from mpckernel.runtime.body import structure
from mpckernel.runtime.cell import current
from mpckernel.runtime.lanes import INNER, place
from mpckernel.runtime.plan import Plan
from mpckernel.runtime.recording import Given, record
from mpckernel.runtime.schedule import Schedule
from tests.runtime.test_lanes import NAMES, leaf, run, small_chunks


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


def test_long_chains_of_moves():
    def program(do, x):
        for _ in range(5000):
            x = do(ideal.move, x, how=("flip", 0))
        return do(ideal.mul, x, x)

    got, _ = run(program, (np.arange(3), 9))
    assert got.tolist() == [0, 1, 4]


__all__ = ["small_chunks"]  # a fixture


class Recorder:
    """What stands for a cell here."""

    scheme, parties = "rep3", NAMES

    def __init__(self, plan):
        self.plan = plan

    def line(self):
        return 3


FORM = Given((100,), "word", 1000)


def steps_of(plan, program, name="body", given=(FORM,)):
    return record(Recorder(plan), name, given, program)  # type: ignore[arg-type]


def low(calls):
    root = current().record(lanewise(roots.sqrt), calls[0], c=20)
    return [current().record(ideal.mul, root, calls[0])]


def places(body, base):
    """All places at which a frame at this one draws, chunks aside."""
    for step in body.steps:
        if step is None:
            continue
        here = base + step.place
        if step.body is not None:
            yield from places(step.body, here)
        elif hasattr(step.call.op, "inner"):
            yield from (here + (k << 20) for k in range(1, len(step.call.op.inner.steps) + 1))
        else:
            yield here


def test_steps_of_recorded_functions_draw_at_places_of_their_own():
    """However deep, and beside calls of the plan."""
    plan = Plan("rep3", NAMES)
    x = leaf(plan, None, (100,), 1000)
    inner = steps_of(plan, low)

    def middle(calls):
        cell = current()
        first = cell.repeat(inner, tuple(calls))
        cell.record(ideal.mul, calls[0], calls[0])
        again = cell.repeat(inner, tuple(calls))
        return [*first, *again, cell.record(ideal.add, *first, *again)]

    def outer(calls):
        return current().repeat(nested, tuple(calls))

    nested = steps_of(plan, middle)
    op = steps_of(plan, outer)
    plan.add(ideal.mul, x, x)
    for _ in range(3):
        plan.repeat(op, (x,))
        plan.repeat(inner, (x,))
    found = list(places(structure(plan.calls, top=True), 0))
    assert len(found) > 3 * 3 * len(list(places(inner.body, 0)))
    assert len(set(found)) == len(found)
    assert op.body.room == 1 + nested.body.room + 3  # and three results
    assert max(f & place(1) - 1 for f in found) >> 20 <= op.body.room


def test_chunks_and_waves_inside(small_chunks):
    """As outside: several waves of chunks, of plain and composed functions."""
    x, rounds = np.arange(1, 3001).reshape(3, 1000), []

    def program(do, v):
        op = steps_of(do.__self__, low, given=(Given(v.shape, "word", 4000),))
        rounds.append(op.rounds)
        (once,) = do.__self__.repeat(op, (v,))
        (twice,) = do.__self__.repeat(op, (v,))
        return do(ideal.sub, do(ideal.add, once, twice), v)

    got, cost = run(program, (x, 4000))
    root = np.sqrt(x * 2.0**20)
    assert (np.abs(got.astype(float) - (2 * root - 1) * x) <= 2 * root * x * 2**-9).all()
    alone = steps_of(Plan("rep3", NAMES), low, given=(FORM._replace(bound=4000),)).rounds
    assert cost.rounds == rounds[0] == 2 * alone  # two waves, of both calls side by side


def test_roles_turn_from_one_repetition_to_the_next():
    plan = Plan("rep3", NAMES)
    x = leaf(plan, None, (100,), 1000)
    inner, other = steps_of(plan, low), steps_of(plan, low)
    for _ in range(4):
        plan.repeat(inner, (x,))
        plan.repeat(other, (x,))
        plan.repeat(inner, (x,))
    steps = structure(plan.calls, top=True).steps
    turns = [s.turn for s in steps if s is not None and s.body is inner.body]
    assert turns == list(range(8))


def test_a_recording_that_needs_too_many_places_is_refused(monkeypatch):
    monkeypatch.setattr(bodies, "INNER", 20)
    with pytest.raises(UsageError, match="record a shorter part"):
        steps_of(Plan("rep3", NAMES), low)
    assert INNER == 2**20


def test_digests_name_the_steps_and_their_order():
    def digest(c, n=100, swap=False, name="body"):
        def program(calls):
            both = [current().record(ideal.scale, calls[0], as_words(k)) for k in (c, 5)]
            return both[::-1] if swap else both

        form = FORM._replace(shape=(n,))
        return steps_of(Plan("rep3", NAMES), program, name, (form,)).digest

    found = [digest(3), digest(4), digest(3, 99), digest(3, swap=True), digest(3, name="other")]
    assert len(set(found)) == 5
    assert digest(3) == digest(3)

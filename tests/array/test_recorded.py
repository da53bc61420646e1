"""Recorded functions: the same as the function itself, at a call of the plan for each step."""

import numpy as np
import pytest

import mpckernel
from mpckernel.array import concat, reveal, settle, share
from mpckernel.array.recorded import KEPT
from mpckernel.errors import OutOfRange
from mpckernel.runtime.body import RecordedOp
from mpckernel.runtime.work import work
from tests.array.steps import (
    ALICE,
    BOB,
    ROWS,
    data,
    mixed,
    refused,
    repeated,
    run,
    step,
    trained,
    training,
)
from tests.rooms import plain_room, three_rooms


@pytest.fixture(scope="module")
def plain():
    with plain_room() as room:
        yield room


@pytest.fixture(scope="module")
def three():
    with three_rooms() as rooms:
        yield rooms


def test_in_the_clear_it_is_the_function_bit_by_bit(plain):
    one, other = (
        settle(run(plain, lambda _, f=f: reveal(training(f)))[0])
        for f in (step, mpckernel.recorded(step))
    )
    np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(other, trained(), atol=2e-3)


def test_among_three_it_costs_what_the_function_costs(three):
    """And what was announced is what is measured."""
    booked, a, b = [], data()["x"], data()["x"][::-1] * 2
    for _ in range(6):
        a, b = mixed(a, b)
    for f in (mixed, mpckernel.recorded(mixed)):
        for opened in run(three, lambda _, f=f: reveal(*repeated(f))):
            for got, want in zip(settle(opened), (a, b), strict=True):
                np.testing.assert_allclose(got, want, atol=2**-12)
        booked.append([room.ledger.last_cell for room in three.rooms])
        assert sum(ran.sent_bits for ran in booked[-1]) == booked[-1][0].planned.bits
        assert all(ran.rounds == ran.planned.rounds for ran in booked[-1])
    assert booked[0][0].planned == booked[1][0].planned


def test_training_among_three(three):
    f = mpckernel.recorded(step)
    for opened in run(three, lambda _: reveal(training(f))):
        np.testing.assert_allclose(settle(opened), trained(), atol=2e-3)
    booked = [room.ledger.last_cell for room in three.rooms]
    assert sum(ran.sent_bits for ran in booked) == booked[0].planned.bits
    assert all(ran.rounds == ran.planned.rounds for ran in booked)


def test_a_step_is_three_calls_of_the_plan_and_few_recordings(plain):
    f = mpckernel.recorded(step)

    def program(cell):
        training(f, 40)
        return len(cell.plan.calls)

    (calls,) = run(plain, program)
    assert calls <= 2 + 40 * 3
    assert len(f._bodies) <= 8  # the bound of w passes a few powers of two


def test_bounds_grow_as_they_would_without(plain):
    def bounds(f):
        return run(plain, lambda _: training(f, 12).bound)[0]

    assert bounds(mpckernel.recorded(step)) == bounds(step)


def test_every_result_keeps_its_bound(clear):
    """Those of repeated calls, too, which the plan has not gone over call by call."""
    got = clear.cell(lambda: training(mpckernel.recorded(step)), data())
    np.testing.assert_allclose(got, trained(), atol=2e-3)
    clear.cell(lambda: repeated(mpckernel.recorded(mixed)), data())


def test_dry_runs_price_it(three):
    def costs(f):
        return run(three, lambda cell: (repeated(f), cell.cost)[1], dry=True)

    assert costs(mpckernel.recorded(mixed)) == costs(mixed)


def test_a_prediction_counts_what_is_inside(three):
    def asked(f):
        return run(three, lambda cell: (repeated(f), work([cell.plan]))[1], dry=True)[0]

    loose, once = asked(mixed), asked(mpckernel.recorded(mixed))
    sent = {key: pytest.approx(n) for key, n in loose.units.items() if key.endswith("bits")}
    assert {key: n for key, n in once.units.items() if key.endswith("bits")} == sent
    assert once.bits == pytest.approx(loose.bits)
    assert (once.rounds, once.delays) == (loose.rounds, pytest.approx(loose.delays))


def test_results_keep_their_form(three):
    @mpckernel.recorded
    def both(state, *, scale):
        a, b = state["a"], state["b"]
        return {"sum": a + b, "rest": [(a * scale, b), a > b, a]}

    def program(_):
        x, n = share(ALICE.x, bound=1.0), share(BOB.n)
        out = both({"a": x[:, 0], "b": n}, scale=3)
        assert out["sum"].owners == {"alice", "bob"}
        assert out["rest"][0][0].owners == {"alice"}
        assert out["rest"][0][1].dtype == mpckernel.sint
        return reveal(out)

    spaces = [data(), data(), {}]
    for opened in three.run(program, spaces):
        got = settle(opened)
        a, b = data()["x"][:, 0], data()["n"]
        np.testing.assert_allclose(got["sum"], a + b, atol=2**-19)
        ((scaled, same), greater, back) = got["rest"]
        np.testing.assert_allclose(scaled, 3 * a, atol=2**-18)
        np.testing.assert_array_equal(same, b)
        np.testing.assert_array_equal(greater, a > b)
        np.testing.assert_allclose(back, a, atol=2**-20)


def test_recorded_functions_use_each_other(three):
    half = mpckernel.recorded(lambda x: (x * x, x / 2))

    @mpckernel.recorded
    def outer(x):
        square, part = half(x)
        return half(part)[1] + square

    def program(_):
        x = share(ALICE.x, bound=1.0)
        return reveal(outer(outer(x)))

    x = data()["x"]
    y = x / 4 + x * x
    for opened in run(three, program):
        np.testing.assert_allclose(settle(opened), y / 4 + y * y, atol=2**-15)
    booked = three.rooms[0].ledger.last_cell
    assert booked.rounds == booked.planned.rounds


def test_independent_calls_share_rounds(three):
    f = mpckernel.recorded(lambda x: mpckernel.sigmoid(x * x))

    def rounds(times):
        def program(cell):
            x = share(ALICE.x, bound=1.0)
            parts = [f(x[:, k]) for k in range(times)]
            concat(*parts)
            return cell.cost.rounds

        return run(three, program)[0]

    assert rounds(1) == rounds(4)


def test_public_arguments_and_what_the_function_names_are_part_of_its_form(plain):
    factor = 2
    f = mpckernel.recorded(lambda x, c: x * factor + c)

    def program(_):
        nonlocal factor
        n, found = share(ALICE.n), []
        for factor in (2, 3):  # noqa: B007
            for c in (1, np.array([1] * ROWS), 1.5, True, -0.0):
                found.append(reveal(f(n, c)))
        return found

    (opened,) = run(plain, program)
    n, got = np.arange(ROWS), [settle(v) for v in opened]
    for k, factor in enumerate((2, 3)):
        for j, c in enumerate((1, 1, 1.5, 1, 0)):
            np.testing.assert_allclose(got[5 * k + j], n * factor + c)
    assert len(f._bodies) == 10


def test_owners_variables_and_opened_values_are_arguments(three):
    f = mpckernel.recorded(lambda x, c: x * c)

    def program(_):
        least = reveal(share(ALICE.n)[3])
        return reveal(f(ALICE.n, least))

    for opened in run(three, program):
        np.testing.assert_array_equal(settle(opened), 3 * np.arange(ROWS))


def test_secrets_of_earlier_cells_are_arguments(three):
    f = mpckernel.recorded(lambda x: x * x)
    held = dict(enumerate(run(three, lambda _: f(share(ALICE.n, bound=50)))))
    for opened in run(three, lambda cell: reveal(f(held[cell.me]))):
        np.testing.assert_array_equal(settle(opened), np.arange(ROWS) ** 4)


def test_random_steps_are_random_at_each_call(plain, three):
    f = mpckernel.recorded(mpckernel.shuffle)
    for opened in run(three, lambda _: (n := share(ALICE.n), reveal(f(n), f(n)))[1]):
        one, two = settle(opened)
        assert sorted(one) == sorted(two) == list(range(ROWS))
        assert one.tolist() != two.tolist()


def test_bounds_that_do_not_fit_when_rounded_up_are_taken_as_they_are(plain):
    f = mpckernel.recorded(lambda x: x * x)

    def program(cell):
        n = share(ALICE.n, bound=1.4 * 2**30)
        f(n)
        return f(n).bound

    (bound,) = run(plain, program)
    assert bound < 2**61
    assert len(f._bodies) == 2
    refused(plain, lambda _: f(share(ALICE.n, bound=2**31)), OutOfRange, "nothing was sent")


def test_few_recordings_are_kept_and_they_hold_no_secrets(plain):
    f = mpckernel.recorded(lambda x, k: x + k)

    def program(cell):
        n = share(ALICE.n)
        for k in range(KEPT + 10):
            f(n, k)

    run(plain, program)
    assert len(f._bodies) == KEPT
    for body in f._bodies.values():
        assert isinstance(body.op, RecordedOp)
        for call in body.op.calls:
            assert call.result is None
            assert call.private is None
            assert call.handle is None
            assert not any(face() for face in call.faces)

"""Recorded functions: the same as the function itself, at a call of the plan for each step."""

import threading
import time
from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel.array import OwnerName, concat, reveal, settle, share
from mpckernel.array.recorded import KEPT
from mpckernel.errors import CellsDiffer, ImplicitReveal, Interrupted, OutOfRange, UsageError
from mpckernel.runtime.body import RecordedOp
from mpckernel.runtime.cell import Limits
from mpckernel.runtime.work import work
from tests.rooms import NAMES, plain_room, three_rooms

ROWS, FEATURES = 48, 5
ALICE, BOB = (OwnerName(NAMES[k], k) for k in range(2))
RATE = 0.25


@pytest.fixture(scope="module")
def plain():
    with plain_room() as room:
        yield room


@pytest.fixture(scope="module")
def three():
    with three_rooms() as rooms:
        yield rooms


def data() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)  # noqa: TID251  (test data)
    x = np.rint(rng.uniform(-1, 1, (ROWS, FEATURES)) * 256) / 256
    return {"x": x, "y": x.sum(1) > 0, "n": np.arange(ROWS)}


def run(rooms: Any, program: Any, **limits: Any) -> list[Any]:
    spaces = [data(), *({} for _ in rooms.rooms[1:])]
    return rooms.run(program, spaces, limits=Limits(seconds=20, **limits))


def refused(rooms: Any, program: Any, error: type[Exception], match: str) -> None:
    """By every party, and the next cell works."""
    spaces = [data(), *({} for _ in rooms.rooms[1:])]
    for future in rooms.start(program, spaces):
        with pytest.raises(error, match=match):
            future.result(20)


def columns() -> tuple[Any, Any]:
    return share(ALICE.x, bound=1.0), share(ALICE.y)


def step(w: Any, x: Any, y: Any) -> Any:
    return w - (RATE / 12) * (x.T @ (mpckernel.sigmoid(x @ w) - y))


def training(one: Any, steps: int = 8) -> Any:
    """Steps of batches of twelve, each of them another one."""
    x, y = columns()
    w = np.zeros(FEATURES)
    for k in range(steps):
        rows = (np.arange(12) * 5 + 7 * k) % ROWS
        w = one(w, x[rows], y[rows])
    return w


def trained(steps: int = 8) -> np.ndarray:
    x, y = data()["x"], data()["y"]
    w = np.zeros(FEATURES)
    for k in range(steps):
        rows = (np.arange(12) * 5 + 7 * k) % ROWS
        w = w - RATE / 12 * (x[rows].T @ (1 / (1 + np.exp(-x[rows] @ w)) - y[rows]))
    return w


def test_in_the_clear_it_is_the_function_bit_by_bit(plain):
    one, other = (
        settle(run(plain, lambda _, f=f: reveal(training(f)))[0])
        for f in (step, mpckernel.recorded(step))
    )
    np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(other, trained(), atol=2e-3)


def mixed(a: Any, b: Any) -> Any:
    return np.minimum(a * b, 3), (b / 2 + a) * (a > b)


def repeated(f: Any, steps: int = 6) -> Any:
    a, b = share(ALICE.x, bound=1.0), share(ALICE.x, bound=1.0)[::-1] * 2
    for _ in range(steps):
        a, b = f(a, b)
    return a, b


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


OUTSIDE: Any = None


def _uses_a_secret_from_outside(x):
    return x + OUTSIDE


def _opens(x):
    reveal(x)
    return x


def _opens_to_one(x):
    return reveal(x, to="alice")


def _shares(x):
    return x + ALICE.n


def _branches(x):
    return x if x[0] > 0 else -x


def _returns_a_number(x):
    return x, 3


def _returns_nothing(x):
    x + 1


def _waits(x):
    return x * int(OUTSIDE)


@pytest.mark.parametrize(
    ("function", "error", "match"),
    [
        (_uses_a_secret_from_outside, UsageError, "secret from outside; pass it as an argument"),
        (_opens, ImplicitReveal, "opens nothing; give the secret back"),
        (_opens_to_one, ImplicitReveal, "opens nothing"),
        (_shares, UsageError, "takes in no private variable; share it outside"),
        (_branches, ImplicitReveal, "cannot steer"),
        (_returns_a_number, UsageError, "_returns_a_number is recorded and returns secret arrays"),
        (_returns_nothing, UsageError, "is recorded and returns secret arrays"),
    ],
)
def test_refusals(three, function, error, match):
    def program(_):
        global OUTSIDE  # noqa: PLW0603
        n = share(ALICE.n)
        OUTSIDE = n * 2
        mpckernel.recorded(function)(n)

    refused(three, program, error, match)
    run(three, lambda _: reveal(share(ALICE.n)))


def test_what_is_not_open_yet_is_an_argument(plain):
    def inner(x, box):
        return x * int(box())

    f = mpckernel.recorded(inner)

    def program(_):
        opened = reveal(share(ALICE.n)[0])
        f(share(ALICE.n), opened.__int__.__func__.__get__(opened))

    refused(plain, program, UsageError, r"not method")

    def hidden(_):
        opened = reveal(share(ALICE.n)[0])
        boxes = {"opened": [opened]}

        class Box:
            value = opened

        mpckernel.recorded(lambda x: x * int(Box.value))(share(ALICE.n))
        return boxes

    refused(plain, hidden, UsageError, "cannot wait for a value to be opened")


def test_arguments_that_nobody_can_compare_are_refused(plain):
    f = mpckernel.recorded(lambda x, _: x + 1)
    for odd in (object(), np.array([None]), {1, 2}):
        refused(plain, lambda _, odd=odd: f(share(ALICE.n), odd), UsageError, "not ")


def test_errors_name_the_line(plain):
    """The line of the user's cell, in the function itself."""
    source = (
        "import mpckernel\n@mpckernel.recorded\ndef f(x):\n    y = x + 1\n"
        "    return x.resize(3)\nf(n)"
    )

    def program(cell):
        space = {"n": share(ALICE.n)}
        cell.filename = "<joint>"
        exec(compile(source, "<joint>", "exec"), space)

    refused(plain, program, UsageError, "^line 5: ")
    source = source.replace("x.resize(3)", "(y * 2**60) * y")
    refused(plain, program, OutOfRange, "^line 5: .*nothing was sent")


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


def test_a_body_that_differs_ends_the_cell(three):
    def program(cell):
        n = share(ALICE.n)
        rate = 3 + (cell.me == 1)
        f = mpckernel.recorded(lambda x: x * rate)
        return f(n)

    refused(three, program, CellsDiffer, "a public value differs from")

    def longer(cell):
        g = mpckernel.recorded(lambda x: x * 3 if cell.me else (x * 3) * x)
        return g(share(ALICE.n))

    refused(three, longer, CellsDiffer, "from here on the plan differs")
    run(three, lambda _: reveal(share(ALICE.n)))


def test_a_stop_in_the_middle_frees_everybody(three):
    f = mpckernel.recorded(lambda x: np.clip(x * x, 0, 3))
    begun = threading.Event()

    def program(cell):
        n = share(ALICE.n, bound=50)
        for _ in range(400):
            n = f(n)
        begun.set()
        return n

    futures = three.start(program, [data(), {}, {}])
    assert begun.wait(20)
    end = time.monotonic() + 20
    while three.rooms[0].status().rounds < 5 and time.monotonic() < end:
        time.sleep(0.001)
    three.rooms[0].cancel()
    for future in futures:
        with pytest.raises(Interrupted):
            future.result(20)
    for opened in run(three, lambda _: reveal(f(share(ALICE.n, bound=50)))):
        np.testing.assert_array_equal(settle(opened), np.minimum(np.arange(ROWS) ** 2, 3))


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


def test_it_looks_like_the_function():
    f = mpckernel.recorded(step)
    assert f.__name__ == "step"
    assert f.__wrapped__ is step
    with pytest.raises(UsageError, match="%%mpc"):
        f(1)


def test_parties_in_one_process_that_record_at_the_same_time(three):
    """Roles turn from one repetition to the next, so all of them repeat the same body."""
    together, seat = threading.Barrier(3), threading.local()
    repeated, recorded_last = threading.Event(), threading.Event()

    @mpckernel.recorded
    def cubed(x):
        together.wait(10)
        if seat.me == 2:
            repeated.wait(10)
        return x * x * x

    def program(cell):
        seat.me = cell.me
        x = share(ALICE.x, bound=1.0)
        one = cubed(x)
        (recorded_last if seat.me == 2 else repeated).set()
        recorded_last.wait(10)
        return reveal(one, cubed(x + 0))

    for party in run(three, program):
        assert np.abs(settle(party) - data()["x"] ** 3).max() < 2**-18

"""Recorded functions: what they refuse, how they end, and parties that record at one time."""

import threading
import time
from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel.array import reveal, settle, share
from mpckernel.errors import CellsDiffer, ImplicitReveal, Interrupted, OutOfRange, UsageError
from tests.array.steps import ALICE, ROWS, data, refused, run, step
from tests.rooms import plain_room, three_rooms


@pytest.fixture(scope="module")
def plain():
    with plain_room() as room:
        yield room


@pytest.fixture(scope="module")
def three():
    with three_rooms() as rooms:
        yield rooms


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

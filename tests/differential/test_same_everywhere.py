"""One program, three ways to run it: in the clear, in lockstep, over sockets."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from mpckernel.array import OwnerName, recorded, reveal, settle, share
from mpckernel.runtime.room import Room
from mpckernel.transport.zmq import ZmqTransport
from tests.differential.lockstep import Recorded, run_again
from tests.differential.programs import SHAPE, F, Near, choices, exactly, follow, replay
from tests.rooms import NAMES, Rooms, plain_room

BOUND = 8


@pytest.fixture(scope="module")
def sockets() -> Iterator[Rooms]:
    keys = [zmq.curve_keypair() for _ in NAMES]
    links = [ZmqTransport(i, [public for public, _ in keys], keys[i][1]) for i in range(3)]
    for link in links:
        link.dial([other.endpoint for other in links])
    rooms = [Room("test", NAMES, link) for link in links]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda room: room.start(20), rooms))
    with Rooms(rooms) as three:
        yield three


@pytest.fixture(scope="module")
def plain() -> Iterator[Rooms]:
    with plain_room() as room:
        yield room


def owned(seed: int) -> dict[str, np.ndarray]:
    """Reals, integers and booleans, with zeros and equal values among them."""
    rng = np.random.default_rng(seed)  # noqa: TID251  (test data)
    x = np.rint(rng.uniform(-BOUND, BOUND, SHAPE) * 2**F) / 2**F
    x[0, 0] = 0.0
    return {"x": x, "n": rng.integers(-BOUND, BOUND + 1, SHAPE), "b": rng.random(SHAPE) < 0.5}


def shared(owners: tuple[int, int, int]) -> list[Any]:
    a, b, c = (OwnerName(NAMES[k], k) for k in owners)
    return [share(a.x, bound=BOUND), share(b.n, bound=BOUND), share(c.b)]


def check(got: list[Any], want: list[Near], who: str) -> None:
    for k, (g, w) in enumerate(zip(got, want, strict=True)):
        if w.exact:
            np.testing.assert_array_equal(g, w.value, err_msg=f"{who}, value {k}")
        else:
            assert np.all(np.abs(g - w.value) <= w.radius), f"{who}, value {k}"


@given(seed=st.integers(0, 2**32 - 1), steps=choices)
@settings(max_examples=60)
def test_a_program_gives_the_same_everywhere(
    plain: Rooms, sockets: Rooms, seed: int, steps: list[Any]
) -> None:
    private = owned(seed)
    taken, want = follow([exactly(v) for v in private.values()], steps)
    (clear,) = plain.run(lambda cell: reveal(replay(shared((0, 0, 0)), taken)), [private])
    check(settle(clear), want, "in the clear")
    plans: list[Recorded] = []

    def program(cell: Any) -> Any:
        opened = reveal(replay(shared((0, 1, 2)), taken))
        plans.append(Recorded(cell))
        return opened

    parties = sockets.run(program, [{k: v} for k, v in private.items()])
    for party in parties:
        check(settle(party), want, "over sockets")
    run_again(sorted(plans, key=lambda r: r.me))
    for party in parties:
        check(settle(party), want, "in lockstep")


@given(seed=st.integers(0, 2**32 - 1), steps=choices)
@settings(max_examples=20)
def test_recorded_it_gives_the_same_everywhere(
    plain: Rooms, sockets: Rooms, seed: int, steps: list[Any]
) -> None:
    """The program as a recorded function, called twice."""
    private = owned(seed)
    taken, want = follow([exactly(v) for v in private.values()], steps)
    body = recorded(lambda *inputs: replay(list(inputs), taken))

    def twice(cell: Any, owners: tuple[int, int, int]) -> Any:
        x, n, b = shared(owners)
        return reveal([*body(x, n, b), *body(x, n, b)])

    (clear,) = plain.run(lambda cell: twice(cell, (0, 0, 0)), [private])
    check(settle(clear), [*want, *want], "in the clear")
    plans: list[Recorded] = []

    def program(cell: Any) -> Any:
        opened = twice(cell, (0, 1, 2))
        plans.append(Recorded(cell))
        return opened

    parties = sockets.run(program, [{k: v} for k, v in private.items()])
    for party in parties:
        check(settle(party), [*want, *want], "over sockets")
    run_again(sorted(plans, key=lambda r: r.me))
    for party in parties:
        check(settle(party), [*want, *want], "in lockstep")

"""Errors of a claim at its edges and at random points, with truncations that round as they may.

Rounded as rep3 rounds at random, then always to floor, always to floor + 1, and to either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.array.dtypes import SecretType
from mpckernel.runtime.room import Room
from mpckernel.transport.memory import connect
from tests.accuracy.claim import Claim, Reals
from tests.protocols.composed import loose
from tests.rooms import Rooms

alice = OwnerName("alice", 0)
FEW = 2**16  # random points where all truncations round the same way


@dataclass(slots=True)
class Found:
    """The largest error, where it is, and the largest share of what is allowed."""

    error: float = 0.0
    at: tuple[float, ...] = ()
    share: float = 0.0
    worst: tuple[float, ...] = ()
    points: int = 0

    def take(self, error: Reals, allowed: Reals, x: list[Reals]) -> None:
        """Count in these points."""
        if not error.size:
            return
        self.points += error.size
        k, part = int(error.argmax()), error / np.maximum(allowed, 2.0**-60)
        if error[k] >= self.error:
            self.error, self.at = float(error[k]), tuple(float(v[k]) for v in x)
        k = int(part.argmax())
        if part[k] >= self.share:
            self.share, self.worst = float(part[k]), tuple(float(v[k]) for v in x)


class _Loose(Room):
    """A room in the clear of a scheme that only tests know."""

    def keys_for(self, *run: Any) -> Any:
        self.scheme = "plain"
        try:
            return super().keys_for(*run)
        finally:
            self.scheme = "loose"


def loose_room() -> Rooms:
    """One party in the clear whose truncations are floor or floor + 1."""
    (link,) = connect(1)
    room = _Loose("test", ("alice",), link, scheme="plain")
    room.scheme = "loose"
    return Rooms([room.start()])


def measure(claim: Claim, t: SecretType, points: int, rooms: Rooms, modes: bool = True) -> Found:
    """The claim for one type, at its edges and at so many random points."""
    found = Found()
    for mode in loose.ROUNDINGS if modes else (None,):
        part = points if mode in (None, "random") else min(points, FEW)
        for x in _batches(claim, t, part):
            if mode is None:
                _run(claim, t, x, rooms, found)
                continue
            with loose.rounding(mode):
                _run(claim, t, x, rooms, found)
    return found


def _run(claim: Claim, t: SecretType, x: list[Reals], rooms: Rooms, found: Found) -> None:
    names = [f"x{k}" for k in range(len(x))]
    private = [dict(zip(names, x, strict=True)), *[{}] * (len(rooms.rooms) - 1)]
    bound = claim.declared if t.f else int(claim.declared)

    def program(_: Any) -> Any:
        shared = (share(getattr(alice, n), dtype=t, bound=bound) for n in names)
        return reveal(claim.call(*shared))

    got = np.asarray(settle(rooms.run(program, private)[0]), np.longdouble)
    exact = [np.asarray(v, np.longdouble) for v in x]
    want = np.asarray(claim.true(*exact), np.longdouble)
    step = 2.0 ** -(t.f or claim.f)
    allowed = np.broadcast_to(claim.allowed(want, step, *exact), want.shape)
    found.take(np.abs(got - want), allowed, exact)


def _batches(claim: Claim, t: SecretType, points: int) -> Iterator[list[Reals]]:
    rng = np.random.default_rng([points, t.f, len(claim.name)])  # noqa: TID251
    grids = [_edges(ends, claim.edges, t) for ends in claim.domain]
    n = max(len(g) for g in grids)
    if len(grids) == 2:
        meet = np.array(np.meshgrid(*(_few(g) for g in grids))).reshape(2, -1)
        yield from _parts([_typed(v, t) for v in meet], claim.batch)
    yield from _parts([_typed(rng.permutation(np.resize(g, n)), t) for g in grids], claim.batch)
    for begin in range(0, points, claim.batch):
        size = min(claim.batch, points - begin)
        yield [_typed(_random(ends, size, rng, t), t) for ends in claim.domain]


def _parts(columns: list[Reals], most: int) -> Iterator[list[Reals]]:
    for begin in range(0, len(columns[0]), most):
        yield [x[begin : begin + most] for x in columns]


def _few(grid: Reals) -> Reals:
    return grid[:: max(1, len(grid) // 60)]


def _edges(ends: tuple[float, float], more: tuple[float, ...], t: SecretType) -> Reals:
    """0, powers of two, small halves, the ends of the domain and of segments; and their
    neighbours, one step away."""
    step = 2.0**-t.f
    powers = 2.0 ** np.arange(-t.f, 42)
    marks = np.concatenate([[0.0], powers, -powers, np.arange(-64, 65) / 2, ends, more])
    marks = np.rint(marks / step) * step
    near = np.concatenate([marks, marks + step, marks - step])
    return np.unique(near[(near >= ends[0]) & (near <= ends[1])])


def _random(ends: tuple[float, float], n: int, rng: Any, t: SecretType) -> Reals:
    """Half of them spread evenly, half over the orders of magnitude of either sign."""
    step, (least, most) = 2.0**-t.f, ends
    even = rng.uniform(least, most, n)
    size = np.exp2(rng.uniform(-t.f, np.log2(max(abs(least), abs(most))), n))
    spread = np.clip(size * rng.choice([-1, 1], n), least, most)
    x = np.rint(np.where(rng.random(n) < 0.5, even, spread) / step) * step
    return np.clip(x, np.ceil(least / step) * step, np.floor(most / step) * step)


def _typed(x: Reals, t: SecretType) -> Any:
    return x if t.f else x.astype(np.int64)

"""Rooms without kernels: one party in the clear, or three over memory links in one process."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mpckernel.runtime.cell import Cell
from mpckernel.runtime.limits import Limits
from mpckernel.runtime.room import Room
from mpckernel.transport.memory import Faults, connect

NAMES = ("alice", "bob", "carol")
Program = Callable[[Cell], Any]


class Rooms:
    """The seats of all parties; `run` runs one joint cell at each of them, side by side."""

    def __init__(self, rooms: list[Room]) -> None:
        self.rooms = rooms
        self.pool = ThreadPoolExecutor(len(rooms))

    def run(
        self,
        program: Program | Sequence[Program],
        private: Sequence[dict[str, Any]] | None = None,
        texts: Sequence[str] | None = None,
        limits: Limits | None = None,
    ) -> list[Any]:
        """program(cell) at every party, inside the recording; its return values, by party.

        private: the variables of each party. A failure at any party is raised here.
        """
        futures = self.start(program, private, texts, limits)
        return [f.result(60) for f in futures]

    def start(
        self,
        program: Program | Sequence[Program],
        private: Sequence[dict[str, Any]] | None = None,
        texts: Sequence[str] | None = None,
        limits: Limits | None = None,
    ) -> list[Any]:
        """As run, but the futures of all parties."""
        n = len(self.rooms)
        programs = [program] * n if callable(program) else list(program)
        spaces = private or [{} for _ in range(n)]
        each = texts or ["x"] * n
        jobs = zip(self.rooms, programs, spaces, each, strict=True)
        return [self.pool.submit(one_cell, *job, limits or Limits(seconds=20)) for job in jobs]

    def close(self) -> None:
        for room in self.rooms:
            room.close()
        self.pool.shutdown()

    def __enter__(self) -> "Rooms":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def one_cell(room: Room, program: Program, space: dict[str, Any], text: str, limits: Limits) -> Any:
    """One joint cell at one party, as the kernel runs it."""
    from mpckernel.runtime.reasons import code_for

    cell = room.enter(text, limits, space)
    try:
        with cell.recording():
            result = program(cell)
        cell.finish()
    except BaseException as why:
        cell.abort(code_for(why))
        raise
    return result


def plain_room() -> Rooms:
    """One party that holds everything in the clear."""
    (link,) = connect(1)
    return Rooms([Room("test", ("alice",), link, scheme="plain").start()])


def three_rooms(faults: Faults | None = None) -> Rooms:
    """Three parties with scheme rep3 over memory links."""
    rooms = [Room("test", NAMES, link) for link in connect(3, faults)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda room: room.start(10), rooms))
    return Rooms(rooms)

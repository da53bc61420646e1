"""All parties on this machine: this notebook is the first, the others are kernels started here.

They enter the same room by the same path as parties elsewhere: room file, keys, encrypted links.
"""

import asyncio
import shlex
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from functools import partial
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from mpckernel.errors import CellFailed, SetupError, UsageError
from mpckernel.kernel.interrupt import stop_calls
from mpckernel.kernel.opening import Opening
from mpckernel.kernel.outputs import Output, Tap, fold, show_others, show_party

if TYPE_CHECKING:
    from mpckernel.kernel.desk import Desk

START = 60.0  # seconds for the other kernels to start and join
FINISH = 20.0  # seconds that others may go on to show things after a joint cell has committed
FREE = 2.0  # seconds in which they are free after one that did not; then they are stopped
PARTIES = 3
LONG = 24 * 3600.0


class Simulation:
    """The other parties of a local room."""

    def __init__(self, desk: "Desk", names: Sequence[str], folder: str) -> None:
        from mpckernel.session.local import LocalParties

        if len(set(names)) != len(names):
            raise UsageError("the parties of a room have different names")
        if len(names) != PARTIES:
            raise UsageError("a room has three parties: %mpc local alice bob carol")
        self._desk, self.names, self._folder = desk, tuple(names), folder
        self._parties = LocalParties(self.names[1:])

    def open(self) -> None:
        """Start the kernels, open the room, let everybody in."""
        from mpckernel.session.hosting import host
        from mpckernel.session.identity import load_or_create

        self._parties.start()
        keys = {name: load_or_create(name).public for name in self.names}
        me, *others = self.names
        hosting = host("local", me, others, folder=self._folder, keys=keys)
        self._desk.hosting = hosting
        opening = Opening("local", partial(_enter, hosting), simulation=True)
        self._desk.seat_at(opening)
        line = f"%mpc join {shlex.quote(str(hosting.path))} --simulation --wait {START} --as "
        self._wait(opening, {name: self._run(name, line + name) for name in others})

    @asynccontextmanager
    async def cell(self, code: str) -> AsyncIterator[None]:
        """While we run a joint cell, the others run its text; then show what they showed."""
        runs = {name: self._run(name, code) for name in self.names[1:]}
        tap = Tap(self._desk.shell)
        try:
            with tap:
                yield
        finally:
            shown = await self._finished(runs, failed=tap.failed)
            me = self.names[0]
            show_others(me, self.names, {me: tap.outputs, **shown})

    async def private(self, names: Sequence[str], text: str) -> None:
        """Run a cell at one or several of the parties and show what they showed."""
        unknown = [name for name in names if name not in self.names]
        if unknown or not names:
            raise UsageError(f"%%party takes names of this room: {', '.join(self.names)}")
        if self.names[0] in names:
            raise UsageError(
                f"this notebook is {self.names[0]}: its ordinary cells are {self.names[0]}'s own"
            )
        head = "" if text.lstrip().startswith("%%") else "# %%party\n"  # lines count as seen here
        runs = {name: self._run(name, head + text) for name in names}

        def stop() -> None:
            for name in names:
                self._parties.interrupt(name)

        with stop_calls(stop):
            await _settled(runs.values(), None)
        shown = {name: run.result().outputs for name, run in runs.items()}
        for group in fold(self.names, shown):
            show_party(group, self.names, shown[group[0]])
        if any(run.result().status != "ok" for run in runs.values()):
            raise CellFailed

    def ask(self, name: str, code: str) -> "Future[Any]":
        """Run code at a party; its outputs are for the caller alone."""
        return self._parties.submit(name, code, timeout=FINISH)

    def close(self) -> None:
        """End the other kernels."""
        self._parties.stop()
        rmtree(self._folder, ignore_errors=True)

    def _run(self, name: str, code: str) -> "Future[Any]":
        return self._parties.submit(name, code, timeout=LONG)

    def _wait(self, opening: Opening, joins: Mapping[str, "Future[Any]"]) -> None:
        end = time.monotonic() + START
        while not opening.seat.done():
            for name, join in joins.items():
                if join.done() and (problem := _problem(join)):
                    raise SetupError(f"{name}, started here, could not join: {problem}")
            if time.monotonic() > end:
                raise SetupError("the other kernels did not start in time; try again")
            time.sleep(0.02)
        opening.seat.result()
        for name, join in joins.items():
            if problem := _problem(join):
                raise SetupError(f"{name}, started here, could not join: {problem}")

    async def _finished(
        self, runs: Mapping[str, "Future[Any]"], *, failed: bool
    ) -> dict[str, Sequence[Output]]:
        await _settled(runs.values(), FREE if failed else FINISH)
        for name, run in runs.items():
            if failed and not run.done():
                self._parties.interrupt(name)
        await _settled(runs.values(), FREE)
        return {name: _shown(run) for name, run in runs.items()}


def _enter(hosting: Any, notice: Any, cancelled: Any) -> Any:
    return hosting.enter(START, notice=notice, cancelled=cancelled)


async def _settled(runs: Iterable["Future[Any]"], seconds: float | None) -> None:
    """Wait until all are done, well or not, or the time is over."""
    waits = [asyncio.wrap_future(run) for run in runs]
    done, _ = await asyncio.wait(waits, timeout=seconds)
    for each in done:
        each.exception()  # looked at: whoever wants it asks the run


def _shown(run: "Future[Any]") -> Sequence[Output]:
    """What a party showed; a sentence in place of it if it goes on or is gone."""
    if not run.done():
        return [{"output_type": "stream", "name": "stdout", "text": "still running\n"}]
    if (why := run.exception()) is not None:
        return [{"output_type": "error", "ename": type(why).__name__, "evalue": str(why)}]
    outputs: Sequence[Output] = run.result().outputs
    return outputs


def _problem(join: "Future[Any]") -> str:
    """What went wrong in a party's kernel, in its own words."""
    if (why := join.exception()) is not None:
        return str(why)
    errors = [o for o in join.result().outputs if o["output_type"] == "error"]
    return str(errors[0]["evalue"]) if errors else ""

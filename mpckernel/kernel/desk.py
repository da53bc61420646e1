"""What this notebook takes part in: at most one room, and in a simulation the parties it started.

Everything heavy (NumPy, sockets, protocols) is imported at the first use.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

from mpckernel.errors import SetupError, TransportError, UsageError
from mpckernel.kernel import cells, parent
from mpckernel.kernel.listing import secrets
from mpckernel.kernel.namespace import Offered
from mpckernel.kernel.opening import Opening, Seat

if TYPE_CHECKING:
    from mpckernel.kernel.simulation import Simulation
    from mpckernel.runtime.room import Room
    from mpckernel.session.hosting import Hosting

NO_ROOM = (
    "no room is open here; type one of these first: %mpc local alice bob carol (all parties on "
    "this machine), %mpc host ROOM --as ME --with OTHERS, or %mpc join ROOM.mpc --as ME"
)
OURS = ("reveal", "share", "concat", "compress", "within", "sint", "sfix16", "sfix20", "sfix24")


class Desk:
    """`get_ipython().mpc`: where joint cells are handed in."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell, self.offered = shell, Offered(shell)
        self.opening: Opening | None = None
        self.hosting: Hosting | None = None
        self.simulation: Simulation | None = None
        self.invitation = dict[str, str]()  # what each of the others is to type
        self.expected: Callable[[], None] | None = None  # takes the seat a classroom has for us

    async def mpc(self, line: str, text: str) -> None:
        """Run a `%%mpc` cell. Called by the line that the transformer makes of it."""
        options = cells.options(line)
        self.keep_text(f"%%mpc {line}".rstrip() + f"\n{text}")
        room = (await self._seat(options.timeout)).room
        from mpckernel.kernel import joint

        self._offer(room.parties)
        if self.simulation is None:
            shown = not parent.started_here()
            await joint.run(self.shell, room, options, text, progress=shown)
        else:
            async with self.simulation.cell(f"%%mpc {line}\n{text}"):
                await joint.run(self.shell, room, options, text, progress=True)

    async def party(self, line: str, text: str) -> None:
        """Run a `%%party NAME` cell: a private cell of a party that was started here."""
        self.keep_text(f"%%party {line}\n{text}")
        if self.simulation is None:
            raise UsageError(
                "%%party is for simulations (%mpc local alice bob carol); elsewhere every party "
                "has its own notebook"
            )
        await self.simulation.private(line.split(), text)

    not_first = staticmethod(cells.not_first)  # called by what the transformer makes, too

    def room(self) -> "Room":
        """The room, once everybody is in; refuses otherwise with what to do."""
        self.arrive()
        if self.opening is None:
            raise UsageError(NO_ROOM)
        room = self.opening.open
        if room is None and self.opening.seat.done():
            self.opening.seat.result()
        if room is None:
            raise UsageError(f"the room is not complete: {self._missing()}")
        return room

    def arrive(self) -> None:
        """Take the seat that a classroom has for this notebook, if it has one."""
        if self.expected is not None:
            take, self.expected = self.expected, None
            take()

    def prepare(self) -> None:
        """Before a room is opened or entered: one room at a time, and everything loaded."""
        self.check_free()
        from mpckernel.kernel import preload

        preload.now()

    def seat_at(self, opening: Opening, invitation: Mapping[str, str] | None = None) -> None:
        """From now on joint cells run in this room."""
        self.opening, self.invitation = opening, dict(invitation or {})

    def lines_to_send(self) -> dict[str, str]:
        """What each party that is not here yet is to type."""
        missing = self.opening.missing if self.opening else ()
        return {name: line for name, line in self.invitation.items() if name in missing}

    def check_free(self) -> None:
        """One notebook sits in one room at a time."""
        if self.opening is not None and self.opening.seat.done() and self.opening.open is None:
            self.close()  # that attempt failed
        if self.opening is not None:
            raise UsageError(
                f"this notebook is in room {self.opening.name}; leave it with %mpc stop, or use "
                "another notebook for a second room"
            )

    def stop_cell(self) -> None:
        """From any thread: end the joint cell that runs, at every party."""
        if self.opening is not None and (room := self.opening.open) is not None:
            room.cancel()

    def close(self) -> None:
        """Leave the room, stop the parties started here, freeze live views. Never raises."""
        opening, self.opening = self.opening, None
        simulation, self.simulation = self.simulation, None
        hosting, self.hosting = self.hosting, None
        self.freeze()
        for part in (simulation, opening, hosting):
            if part is not None:
                _quietly(part.close)
        self.offered.withdraw()
        self.invitation = {}

    def freeze(self) -> None:
        """Replace live views by what is left of them in a saved notebook."""
        if (views := getattr(self.shell, "mpc_views", None)) is not None:
            _quietly(views.freeze)

    def secrets(self) -> Iterator[tuple[str, Any]]:
        """What `%mpc status` lists and `%mpc inspect` finds."""
        shell = self.shell
        return secrets({k: v for k, v in shell.user_ns.items() if k not in shell.user_ns_hidden})

    def keep_text(self, text: str) -> None:
        """Let In[...] show what the user typed, not what it was turned into."""
        history = self.shell.history_manager
        made = history.input_hist_parsed if history is not None else []
        if made and made[-1].startswith("await get_ipython().mpc."):
            made[-1] = text.rstrip("\n")

    def words(self) -> tuple[str, ...]:
        """The room's fingerprint, to compare aloud."""
        return self.opening.seat.result().members.words if self.opening else ()

    def own_words(self, name: str, index: Sequence[int]) -> str:
        """For the notebook that started this party: what it holds of a secret."""
        from mpckernel.kernel.inspecting import own_words

        return own_words(self, name, index)

    async def _seat(self, timeout: float) -> Seat:
        """Our seat, when everybody has come; says for whom it waits."""
        self.arrive()
        if self.opening is None:
            raise UsageError(NO_ROOM)
        if not self.opening.seat.done():
            await self._wait(self.opening.seat, timeout)
        if self.opening is None:
            raise SetupError("the room was left; %mpc host or %mpc join opens one")
        return self.opening.seat.result()

    async def _wait(self, seat: "Future[Seat]", timeout: float) -> None:
        from mpckernel.kernel.interrupt import stop_calls
        from mpckernel.kernel.waiting import Waiting

        came = asyncio.wrap_future(seat)
        began = time.monotonic()
        with stop_calls(came.cancel), Waiting() as slot:
            while not came.done():
                left = timeout - (time.monotonic() - began)
                if left <= 0:
                    raise TransportError(f"waited {timeout:.0f} s; {self._missing()}")
                slot.say(f"{timeout - left:.0f} s: {self._missing()}")
                await asyncio.wait({came}, timeout=min(0.25, left))

    def _missing(self) -> str:
        from mpckernel.kernel.progress import listed

        missing = self.opening.missing if self.opening else ()
        whom = f"waiting for {listed(missing)} to join" if missing else "waiting for the others"
        lines = "".join(f"\n  {name}: {line}" for name, line in self.lines_to_send().items())
        return f"{whom}; send them{lines}" if lines else whom

    def _offer(self, parties: tuple[str, ...]) -> None:
        """Party names and the few functions of joint cells, where the user has none so named."""
        import numpy as np

        import mpckernel
        from mpckernel.array.owners import OwnerName

        # hints say np.stack and mpckernel.unique; a joint cell means the same at every party
        names: dict[str, Any] = {"np": np, "mpckernel": mpckernel}
        names |= {name: getattr(mpckernel, name) for name in OURS}
        names |= {party: OwnerName(party, k) for k, party in enumerate(parties)}
        self.offered.offer(names)


def _quietly(close: Any) -> None:
    try:
        close()
    except Exception:  # noqa: BLE001 - the next part must be closed as well
        return

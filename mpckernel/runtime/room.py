"""A room at one party: the mesh, its keys, the cell that runs, what is held and what happened."""

import os
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from mpckernel.errors import CellsDiffer, MpcError, PeerError, SetupError, UsageError
from mpckernel.protocols.party import Party
from mpckernel.ring.memory import keep_pages
from mpckernel.ring.prg import Prg, derive
from mpckernel.runtime.agree import normal
from mpckernel.runtime.cell import Cell
from mpckernel.runtime.digest import digest
from mpckernel.runtime.entering import gather, wait_joined
from mpckernel.runtime.estimate import loopback
from mpckernel.runtime.ledger import CellEnded, Ledger, Link
from mpckernel.runtime.limits import Limits
from mpckernel.runtime.mail import Mail
from mpckernel.runtime.mesh import Mesh
from mpckernel.runtime.pace import Pace
from mpckernel.runtime.plan import Plan
from mpckernel.runtime.reasons import code_for
from mpckernel.runtime.reports import Report
from mpckernel.runtime.schedule import Schedule
from mpckernel.runtime.store import Store
from mpckernel.transport.base import Transport
from mpckernel.wire.control import Body
from mpckernel.wire.hello import Hello

if TYPE_CHECKING:
    from mpckernel.runtime.keeping import Vault

T = TypeVar("T")

TRUST = {
    "rep3": "three parties, semi-honest, one may be corrupted and two must not collude; "
    "not audited",
    "plain": "NO PROTECTION: every value is held in the clear; for tests and teaching only",
}
HELLO_SECONDS = 60.0
EARLY = 2  # greetings of one party before ours: it cannot confirm what we have not said
TEXT_BYTES = 1 << 18
JOIN_SECONDS = 1.0  # that the end of a cell waits for those who have not begun it


@dataclass(frozen=True, slots=True)
class Status:
    """What this party is doing now; safe to read from any thread."""

    phase: str  # idle, waiting, recording, agreeing, running, committing, closed
    waiting_for: tuple[str, ...]
    waiting_since: float  # time.time(), 0 if nothing is awaited
    rounds: int
    rounds_planned: int
    wire_bytes: int
    report: Report | None = None  # of the cell itself


class Room:
    """One party's seat. Made over open links; `start` agrees on fresh keys with the others."""

    def __init__(
        self,
        name: str,
        parties: tuple[str, ...],
        transport: Transport,
        *,
        scheme: str = "rep3",
        fingerprint: str = "",
        simulation: bool = False,
    ) -> None:
        if len(parties) != {"plain": 1}.get(scheme, 3):
            raise SetupError(f"scheme {scheme} is not for {len(parties)} parties")
        keep_pages()
        self.name, self.parties, self.me, self.scheme = name, parties, transport.me, scheme
        self.fingerprint, self.simulation, self.trust = fingerprint, simulation, TRUST[scheme]
        self.store, self.ledger, self.mail = Store(), Ledger(), Mail()
        self.pace = Pace(loopback(len(parties))) if simulation else None
        self.vault: Vault | None = None  # files of this party; whoever opens the room sets it
        self.committed = 0  # cells
        self.phase, self.rounds_planned = "idle", 0
        self.schedule: Schedule | None = None
        self.report: Report | None = None
        self.filename_count = 0
        self._hello = Hello(self.me, len(parties), fingerprint)
        self._early: list[tuple[int, Body]] | None = []
        self._keys: dict[frozenset[int], bytes] = {}
        self._mesh_id = b""
        self.mesh = Mesh(transport, parties, self._control, self._lost)

    def start(self, seconds: float = HELLO_SECONDS) -> "Room":
        """Greet the others and agree on keys. Raises SetupError or TransportError."""

        def greet() -> None:
            for body in self._hello.open():
                self._say(body)
            early, self._early = self._early, None
            for peer, body in early or ():
                self._control(peer, body)
            self.mesh.wait(
                lambda: self._hello.done, lambda: tuple(self._hello.missing()), seconds=seconds
            )
            self._keys, self._mesh_id = dict(self._hello.keys), self._hello.mesh_id

        self.mesh.submit(greet).result(seconds + 10)
        return self

    def enter(self, text: str, limits: Limits | None = None, namespace: Any = None) -> Cell:
        """Stand at the next cell and wait until all parties stand at it with the same text.

        Raises CellsDiffer (with a diff), TransportError (names who did not come), Interrupted.
        """
        limits = limits or Limits()
        text = normal(text)
        if len(text.encode()) > TEXT_BYTES:
            raise UsageError("this cell is longer than 256 KiB; move functions into a module")
        self.mesh.rearm()
        nonce = os.urandom(8).hex()
        try:
            run, nonces = self.job(lambda: gather(self, text, limits, nonce))
        except BaseException as why:
            self.phase = "idle"
            if not isinstance(why, CellsDiffer):
                self._tell_abort(nonce, "followed" if self.mail.gone else code_for(why))
            raise
        self.phase = "recording"
        return Cell(self, self.committed + 1, run, nonces, limits, namespace or {})

    def job(self, work: Callable[[], T]) -> T:
        """Run on the mesh's thread and wait; a KeyboardInterrupt here cancels it there."""
        future = self.mesh.submit(work)
        try:
            while True:
                try:
                    return future.result(0.5)
                except FutureTimeout:
                    if future.done():
                        raise
        except KeyboardInterrupt:
            self.mesh.cancel()
            wait([future], 5)  # what it works on must not change under it
            raise

    def cancel(self) -> None:
        """Stop what the cell waits for, from any thread; the others are told."""
        self.mesh.cancel()

    def status(self) -> Status:
        """A snapshot for progress displays."""
        whom, since = self.mesh.waiting
        schedule = self.schedule
        rounds = schedule.rounds if schedule else 0
        planned, sent = self.rounds_planned, self.wire_bytes()
        return Status(self.phase, whom, since, rounds, planned, sent, self.report)

    def wire_bytes(self) -> int:
        """All bytes this party has handed to its links since the start."""
        return sum(c.sent_bytes for c in self.mesh.transport.counters.values())

    def saw(self, plan: Plan, seconds: float) -> None:
        """A plan ran, agreement and commit included; where all parties are on this machine, that
        says how fast it is."""
        if self.pace is not None:
            with suppress(Exception):  # the cell has committed everywhere, and no guess undoes it
                self.pace.saw(plan, seconds)

    def close(self) -> None:
        """Say goodbye, wipe the keys, close the links; secrets of this room are of no use now."""
        self.mesh.close()
        self.store.close()
        self._keys.clear()
        self._hello.keys.clear()
        self.phase = "closed"

    def check_alive(self) -> None:
        """Raise if the cell has been ended elsewhere or the room is closed."""
        if self.phase == "closed":
            raise SetupError("the room is closed; %mpc host or %mpc join opens one")
        if self.mesh.broken is not None:
            raise self.mesh.broken

    def leave_cell(self, cell: Cell, code: str) -> None:
        """Tell the others that this party has ended the cell, and be ready for the next one."""
        self._tell_abort(cell.nonces[self.me], code, cell)
        self.ledger.append(CellEnded(cell.number, code))
        self.phase, self.report = "idle", None

    def run_of(self, nonces: dict[int, str]) -> str:
        """What names an attempt at a cell: the same at every party, never used twice."""
        return digest("run", self._mesh_id, [nonces[k] for k in sorted(nonces)]).hex()

    def tag_for(self, run: str, segment: int) -> bytes:
        """What all messages of one run carry."""
        return digest("tag", self._mesh_id, run, segment)

    def keys_for(self, run: str, segment: int) -> Party | None:
        """Fresh keys of one run: never used before, never stored."""
        if self.scheme == "plain":
            return None
        left, right = (self.me - 1) % 3, (self.me + 1) % 3
        label = digest("prss", run, segment)
        with_left, with_right = (
            Prg(derive(self._keys[frozenset((self.me, peer))], b"run", label))
            for peer in (left, right)
        )
        return Party(self.me, with_left, with_right)

    def _tell_abort(self, nonce: str, code: str, cell: Cell | None = None) -> None:
        def tell() -> None:
            if cell is not None and not cell.checkpoints:
                with suppress(MpcError):  # who does not come hears it all the same
                    wait_joined(cell, JOIN_SECONDS, heed_cancel=False)
            self.mesh.tell("abort", nonce=nonce, code=code)

        try:
            self.mesh.submit(tell).result(2 * JOIN_SECONDS)
        except (MpcError, FutureTimeout):
            return  # the links are gone: the others notice by themselves

    def _say(self, body: Body) -> None:
        fields = {k: v for k, v in body.items() if k != "type"}
        self.mesh.tell(body["type"], **fields)

    def _control(self, peer: int, body: Body) -> None:
        """(mesh thread) One control message."""
        if body["type"] in ("hello", "confirm") and not self._hello.done:
            if self._early is not None:  # they are quicker: our own hello goes first
                if sum(p == peer for p, _ in self._early) >= EARLY:
                    raise PeerError("a party greets again and again; the mesh is closed")
                self._early.append((peer, body))
                return
            for answer in self._hello.receive(peer, body):
                self._say(answer)
            return
        self.mail.put(peer, body)
        if body["type"] == "bye":
            self.mesh.gone.add(peer)
            self.ledger.append(Link(self.parties[peer], "left"))

    def _lost(self, peer: int) -> None:
        self.ledger.append(Link(self.parties[peer], "lost"))

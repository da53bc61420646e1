"""The one thread that owns this party's links: starts the mesh, runs jobs, hears the others.

A job is a function that this thread runs; it waits through `wait`, which hears messages
meanwhile, has a deadline, and ends at once when the room is cancelled or a needed party is lost.
No user code runs here.
"""

import queue
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sized
from concurrent.futures import Future
from typing import Any, TypeAlias, TypeVar

from mpckernel.errors import (
    Bug,
    Interrupted,
    LinkLost,
    MpcError,
    PeerError,
    SetupError,
    TransportError,
)
from mpckernel.transport.base import Back, Event, Lost, Message, Transport
from mpckernel.wire import control
from mpckernel.wire.frames import DATA, Parts, kind_of

T = TypeVar("T")

Feeds: TypeAlias = Mapping[int, Callable[[Parts], None]]  # peer -> what takes its messages

EARLY_BYTES = 1 << 28  # of a run that has begun elsewhere and not yet here
EARLY_EACH = 1 << 10  # what keeping one message costs beside its body, about
TICK = 0.2  # seconds between looks at the cancel flag while nothing arrives
QUICK = 0.002  # seconds in which a round usually comes; nobody is told of such a wait
MANY = 64  # messages heard in one go until somebody looks whether the cell still stands
EAGER = 1e-3  # seconds that the thread looks again and again, giving way, before it sleeps


class Mesh:
    """Links, mail and jobs of one party. Methods marked (thread) run on the mesh's own thread."""

    def __init__(
        self,
        transport: Transport,
        names: tuple[str, ...],
        on_control: Callable[[int, control.Body], None],
        on_lost: Callable[[int], None],
    ) -> None:
        self.transport, self.names, self.me = transport, names, transport.me
        self.peers = tuple(i for i in range(len(names)) if i != self.me)
        self._on_control, self._on_lost = on_control, on_lost
        self.feeds: dict[bytes, Feeds] = {}  # run tag -> who takes its data
        self.waiting: tuple[tuple[str, ...], float] = ((), 0.0)  # for whom, since when
        self.lost: dict[int, str] = {}
        self.gone: set[int] = set()  # said goodbye, or lost: nothing they say counts any more
        self.broken: MpcError | None = None
        self._over: deque[bytes] = deque(maxlen=1024)  # tags of runs that ended here
        self._early: dict[bytes, list[tuple[int, Parts]]] = defaultdict(list)
        self._early_bytes = 0
        self._sent: dict[int, int] = defaultdict(int)
        self._heard: dict[int, int] = defaultdict(int)
        self._known = control.Known()
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None]
        self._jobs = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="mpckernel-mesh", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], T]) -> "Future[T]":
        """Run `job` on the mesh's thread."""
        future: Future[T] = Future()
        if not self._thread.is_alive():
            future.set_exception(self.broken or SetupError("the room is closed"))
            return future
        self._jobs.put((job, future))
        self.transport.wake()
        return future

    def cancel(self) -> None:
        """End the wait of the job that runs now, from any thread."""
        self._cancelled.set()
        self.transport.wake()

    def rearm(self) -> None:
        """A new cell begins: an old cancel does not count."""
        self._cancelled.clear()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def close(self) -> None:
        """Say goodbye and stop; bounded."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._cancelled.set()
            self.transport.wake()
            self._thread.join(5)

    def tell(self, type_: str, **fields: Any) -> None:
        """(thread) A control message to every peer."""
        raw = self._known.encode({"type": type_, **fields})
        for peer in self.peers:
            if peer not in self.lost:
                frames = control.framed(raw, self._sent[peer])
                self._sent[peer] += 1
                self.transport.send(peer, frames)

    def wait(
        self,
        ready: Callable[[], bool],
        whom: Callable[[], tuple[int, ...]],
        *,
        seconds: float,
        since: float | None = None,
        heed_cancel: bool = True,
    ) -> None:
        """(thread) Hear messages until ready(); names whom() when the time is over, which counts
        from `since`, by default from now."""
        began, eager = time.monotonic() if since is None else since, EAGER
        end = began + seconds
        try:
            while not ready():
                if heed_cancel and self.cancelled:
                    raise Interrupted("you pressed stop; no party committed this cell")
                missing = whom()
                names = tuple(self.names[i] for i in missing)
                if self.waiting[0] != names:
                    self.waiting = (names, time.time())
                self._need(missing)
                left = end - time.monotonic()
                if left <= 0:
                    raise TransportError(
                        f"waited {seconds:.0f} s for {self.listed(missing)}; ask them to run "
                        "this cell, or run it again with a longer --timeout"
                    )
                if not self.hear(min(left, TICK), eager):
                    eager = 0.0  # this takes longer
        finally:
            self.waiting = ((), 0.0)

    def soon(self, box: Sized, n: int, peer: int, eager: float = EAGER) -> bool:
        """(thread) Whether n arrays of this party are in the box at once. If not, wait() knows
        what else to look at."""
        for _ in range(MANY):
            if self._cancelled.is_set():
                return False
            event = self.transport.receive(QUICK, eager, peer)
            if not self._handle(event):
                return False
            if len(box) >= n:
                return True
        return False

    def hear(self, seconds: float, eager: float = 0.0) -> bool:
        """(thread) Handle one event, if one comes in time; whether it was a message."""
        return self._handle(self.transport.receive(seconds, eager))

    def _handle(self, event: Event | None) -> bool:
        if isinstance(event, Message):
            if event.peer not in self.gone:  # a party that comes back is no longer in this mesh
                self._message(event)
            return True
        if isinstance(event, Lost) and event.peer not in self.lost:
            self.lost[event.peer] = event.why
            self.gone.add(event.peer)
            self._on_lost(event.peer)
        elif isinstance(event, Back) and event.peer in self.lost:
            self.lost[event.peer] = "came back without its keys; start a new room"
        return False

    def listed(self, parties: tuple[int, ...]) -> str:
        """Names in party order, in words."""
        return " and ".join(self.names[i] for i in sorted(parties)) or "nobody"

    def open_run(self, tag: bytes, feeds: Feeds) -> None:
        """(thread) Data of this run goes to `feeds`, what came early first."""
        self.feeds[tag] = feeds
        for peer, parts in self._early.pop(tag, ()):
            feeds[peer](parts)
        self._early_bytes = 0 if not self._early else self._early_bytes

    def close_run(self, tag: bytes) -> None:
        """(thread) Data of this run is dropped from now on."""
        self.feeds.pop(tag, None)
        self._over.append(tag)
        self._early.clear()
        self._early_bytes = 0

    def shut(self, why: MpcError) -> None:
        """(thread) No more cells over these links; the others are told so, without a reason."""
        if self.broken is None:
            self.broken = why
            self._early.clear()
            self.tell("bye")

    def _need(self, parties: tuple[int, ...]) -> None:
        gone = tuple(i for i in parties if i in self.lost)
        if gone:
            raise LinkLost(
                f"the link to {self.listed(gone)} is lost, and this cell has ended. "
                "Start a new room when they are back (%mpc stop, then %mpc host or join)",
                gone[0],
            )

    def _message(self, event: Message) -> None:
        if self.broken is not None:
            return
        if kind_of(event.parts) == DATA:
            tag = event.parts[0][8:24].tobytes()
            feeds = self.feeds.get(tag)
            if feeds is not None:
                feeds[event.peer](event.parts)
            elif tag not in self._over:
                self._keep(tag, event)
            return
        body = control.unpack(event.parts, self._heard[event.peer], self._known)
        self._heard[event.peer] += 1
        self._on_control(event.peer, body)

    def _keep(self, tag: bytes, event: Message) -> None:
        self._early_bytes += EARLY_EACH + sum(p.nbytes for p in event.parts)
        if self._early_bytes > EARLY_BYTES:
            raise PeerError(f"{self.names[event.peer]} sends data of a run that nobody agreed to")
        self._early[tag].append((event.peer, event.parts))

    def _loop(self) -> None:
        try:
            while True:
                try:
                    item = self._jobs.get_nowait()
                except queue.Empty:
                    self._idle()
                    continue
                if item is None:
                    return
                self._run(*item)
        finally:
            self._end()

    def _idle(self) -> None:
        """Hear the others between jobs; what a peer does wrong ends the mesh at the next job."""
        try:
            self.hear(1.0 if self.broken is None else TICK)
        except MpcError as why:
            self.shut(why)
        except Exception:  # noqa: BLE001  (ours, and the thread must live to say so)
            self.shut(Bug("the mesh failed while idle"))

    def _run(self, job: Callable[[], T], future: "Future[T]") -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            if self.broken is not None:
                raise self.broken
            future.set_result(job())
        except PeerError as why:
            self.shut(why)
            future.set_exception(why)
        except BaseException as why:  # noqa: BLE001  (handed to whoever waits)
            future.set_exception(why)

    def _end(self) -> None:
        try:
            if self.broken is None:
                self.tell("bye")
            self.transport.close()
        finally:
            while True:
                try:
                    item = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if item is not None:
                    item[1].set_exception(SetupError("the room is closed"))

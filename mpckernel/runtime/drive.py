"""Run one party's schedule over its links. Everything here runs on the mesh's thread."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mpckernel.protocols.rounds import Round
from mpckernel.ring.words import Words
from mpckernel.runtime.mesh import EAGER, Mesh
from mpckernel.runtime.schedule import Schedule
from mpckernel.wire.frames import Inbox, Outbox

DATA_SECONDS = 300.0  # a living peer may compute this long between two of its messages
SHORT = 2048  # words: what is to come may be here in less time than it takes to fall asleep


@dataclass(slots=True)
class Drive:
    """The links of one run: arrays become messages and back, as the schedule predicts them."""

    mesh: Mesh
    tag: bytes
    _check: Callable[[], None] = lambda: None
    _out: dict[int, Outbox] = field(default_factory=dict)
    _in: dict[int, Inbox] = field(default_factory=dict)

    def __enter__(self) -> "Drive":
        """From here on what peers send early is kept: before we have told them that we agree."""
        self._out = {peer: Outbox(self.tag) for peer in self.mesh.peers}
        self._in = {peer: Inbox(self.tag) for peer in self.mesh.peers}
        self.mesh.open_run(self.tag, {peer: box.feed for peer, box in self._in.items()})
        return self

    def __exit__(self, *_: object) -> None:
        self.mesh.close_run(self.tag)

    @property
    def sent_bits(self) -> int:
        """The content of all messages so far, without their heads."""
        return 64 * sum(box.words for box in self._out.values())

    def run(self, schedule: Schedule, check: Callable[[], None]) -> None:
        """Until every call has its result; PeerError, TransportError or Interrupted otherwise.

        `check` raises when another party has ended the cell; asked while nothing arrives.
        """
        self._check = check
        self._follow(schedule)

    def _follow(self, schedule: Schedule) -> None:
        steps = schedule.run(self._post, self._flush)
        try:
            hear = next(steps)
            while True:
                hear = steps.send({p: self._take(p, sizes) for p, sizes in hear.items()})
        except StopIteration:
            return
        finally:
            steps.close()  # a run that ends here keeps no shares in an error's frames

    def _post(self, asked: Round) -> None:
        for peer, arrays in asked.send.items():
            add = self._out[peer].add
            for array in arrays:
                for message in add(array):
                    self.mesh.transport.send(peer, message)
        for peer, sizes in asked.hear.items():
            expect = self._in[peer].expect
            for n in sizes:
                expect(n)

    def _flush(self) -> None:
        for peer, box in self._out.items():
            if box.open:
                for message in box.flush():
                    self.mesh.transport.send(peer, message)
        for due in self._in.values():
            if due.open:
                due.flush()

    def _take(self, peer: int, sizes: tuple[int, ...]) -> tuple[Words, ...]:
        box, n = self._in[peer], len(sizes)
        here = box.here
        if len(here) < n:
            eager = EAGER if sum(sizes) <= SHORT else 0.0  # others need the processor to make it
            if not self.mesh.soon(here, n, peer, eager):
                self.mesh.wait(lambda: self._ready(box, n), lambda: (peer,), seconds=DATA_SECONDS)
        return (here.popleft(),) if n == 1 else tuple([here.popleft() for _ in range(n)])

    def _ready(self, box: Inbox, n: int) -> bool:
        if box.ready(n):
            return True
        self._check()
        return False

"""Three seats in one process; Wire sees every message, and adds some in a party's name."""

import time

from mpckernel.errors import PeerError
from mpckernel.session import register as _register  # noqa: F401  (it declares what lobbies say)
from mpckernel.transport.base import Message
from mpckernel.transport.memory import Faults
from mpckernel.wire import control
from mpckernel.wire.frames import DATA, HEAD
from tests.rooms import three_rooms

ALICE, BOB, CAROL = range(3)


class Wire:
    """What goes over the links: (sender, receiver, frames)."""

    def __init__(self):
        self.seen = []
        self.rooms = three_rooms(Faults(self._note))

    def _note(self, sender, receiver, _index, parts):
        self.seen.append((sender, receiver, parts))
        return [(0.0, parts)]

    def data(self, receiver=None):
        """The messages of runs, as (sender, tag, body)."""
        return [
            (sender, parts[0][8:24], b"".join(parts)[HEAD.size :])
            for sender, to, parts in self.seen
            if parts[0][2] == DATA and receiver in (None, to)
        ]

    def forge(self, sender, receiver, parts):
        """Deliver frames as if this party had sent them."""
        link = self.rooms.rooms[receiver].mesh.transport
        link.put(0.0, Message(sender, [memoryview(bytearray(part)) for part in parts]))

    def says(self, sender, receiver, body):
        """In this party's mesh thread: one control message to one party alone, in its order."""
        mesh = self.rooms.rooms[sender].mesh
        mesh.transport.send(receiver, control.pack(body, mesh._sent[receiver]))
        mesh._sent[receiver] += 1

    def instead(self, monkeypatch, party, kind, act):
        """When this party is to tell all that, act(tell, fields) runs in its mesh thread."""
        mesh = self.rooms.rooms[party].mesh
        tell = mesh.tell

        def other(type_, **fields):
            if type_ == kind:
                monkeypatch.setattr(mesh, "tell", tell)
                act(lambda: tell(kind, **fields), {"type": kind, **fields})
            else:
                tell(type_, **fields)

        monkeypatch.setattr(mesh, "tell", other)


def errors(futures):
    return [future.exception(60) for future in futures]


def is_shut(room):
    """The mesh ends soon, with a PeerError; the error."""
    end = time.monotonic() + 10
    while room.mesh.broken is None and time.monotonic() < end:
        time.sleep(0.01)
    assert isinstance(room.mesh.broken, PeerError)
    return room.mesh.broken

"""A room on its way: entered in a thread of its own, so that the notebook stays usable."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mpckernel.errors import Interrupted, MpcError

if TYPE_CHECKING:
    from mpckernel.runtime.room import Room
    from mpckernel.session.joining import Members
    from mpckernel.session.vault import Vault

WAIT = 24 * 3600.0  # seconds in which the others may come
Enter = Callable[[Callable[[list[str]], None], threading.Event], "Members"]


@dataclass(frozen=True, slots=True)
class Seat:
    """This notebook's place in a room that is complete."""

    room: "Room"
    members: "Members"

    def close(self) -> None:
        """Say goodbye and free the place."""
        self.room.close()
        self.members.close()


class Opening:
    """Waits for the others to join. `seat` holds the result; `missing` says who is not there."""

    def __init__(self, name: str, enter: Enter, *, simulation: bool = False) -> None:
        self.name, self.missing = name, tuple[str, ...]()
        self.seat: Future[Seat] = Future()
        self._enter, self._simulation = enter, simulation
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._open, name="mpckernel-join", daemon=True)
        self._thread.start()

    @property
    def open(self) -> "Room | None":
        """The room, once everybody is in."""
        done = self.seat.done() and self.seat.exception() is None
        return self.seat.result().room if done else None

    def close(self) -> None:
        """Leave the room, or give up waiting for it."""
        self._cancelled.set()
        self._thread.join(5)
        if self.open is not None:
            self.seat.result().close()

    def _open(self) -> None:
        try:
            self.seat.set_result(self._greet(self._enter(self._notice, self._cancelled)))
        except Exception as why:  # noqa: BLE001 - raised again where the seat is asked for
            self.seat.set_exception(why)

    def _greet(self, members: "Members") -> Seat:
        from mpckernel.runtime.room import Room

        if self._cancelled.is_set():
            members.close()
            raise Interrupted("the room was left before everybody had come")
        room = Room(
            members.room_name,
            members.names,
            members.transport,
            scheme=members.scheme,
            fingerprint=members.digest,
            simulation=self._simulation,
        )
        room.vault = _vault(members)
        try:
            return Seat(room.start(), members)
        except MpcError:
            room.close()
            members.close()
            raise

    def _notice(self, missing: list[str]) -> None:
        self.missing = tuple(missing)


def _vault(members: "Members") -> "Vault":
    """This party's sealed files, in the notebook's folder."""
    from mpckernel.session.vault import Seat as VaultSeat
    from mpckernel.session.vault import Vault

    return Vault(VaultSeat(members.scheme, members.names, members.public_keys, members.me))

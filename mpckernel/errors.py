"""Every exception this package raises on purpose, by who must act.

Form of a message: what happened; where; what to do. Never a secret, a share or text a peer chose.
"""


class MpcError(Exception):
    """Base class."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows this in place of our frames: the sentence is the whole story."""
        return [f"{type(self).__name__}: {self}"]


class UsageError(MpcError):
    """You: the cell asks for what cannot be had. Raised before the first share is sent."""


class Unsupported(UsageError, TypeError):
    """There is no secret version of this function, or a shape would depend on a secret."""


class ImplicitReveal(UsageError, TypeError):
    """Something tried to read a secret as if it were public."""


class OutOfRange(UsageError, ValueError):
    """A value, or what a plan could produce, does not fit the ring or the declared range."""


class RangeLeft(OutOfRange):
    """While a cell ran, a value left the range declared for it; nothing since the cell's last
    commit is kept."""


class OverLimit(UsageError):
    """The cell needs more than this party's limits allow; --max-rounds and --max-bytes set them."""


class CellsDiffer(UsageError):
    """The parties are about to run different cells or plans; the message shows where."""


class Interrupted(MpcError):
    """A party pressed stop; no party committed."""


class Refused(MpcError):
    """A party declined the cell, or its own cell failed before it agreed."""


class PeerError(MpcError):
    """Another party sent something the protocol does not allow. Fatal for the mesh."""


class Desync(PeerError):
    """Two parties disagree on where they are: call numbers, cells or commits differ."""


class TransportError(MpcError):
    """The network: a link is lost or a deadline has passed. Names the party."""


class LinkLost(TransportError):
    """The link to one party is gone; `party` is its number."""

    def __init__(self, message: str, party: int) -> None:
        super().__init__(message)
        self.party = party


class SetupError(MpcError):
    """Keys, versions, roles, addresses or room files do not match."""


class Bug(MpcError):
    """Ours. Please report it with the text of the cell, never with data."""


class CellFailed(MpcError):
    """The cell's own exception has been shown already; this one shows nothing."""

    def _render_traceback_(self) -> list[str]:
        return []

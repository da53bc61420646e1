"""Why a cell ended: the codes that travel, and the sentences made from them here.

Only the code comes from a peer; one that is neither in this table nor "lost:N", N a party's
number, is a PeerError.
"""

from mpckernel.errors import (
    CellsDiffer,
    Interrupted,
    LinkLost,
    MpcError,
    OverLimit,
    PeerError,
    RangeLeft,
    Refused,
    TransportError,
)

NOTHING_KEPT = "no party committed this cell"
REASONS: dict[str, tuple[type[MpcError], str]] = {
    "interrupted": (Interrupted, "{who} pressed stop; {kept}"),
    "failed": (Refused, "{who}'s cell raised an error; {kept}"),
    "input": (Refused, "{who} could not give an input; {kept}"),
    "range": (RangeLeft, "a value left the range that was declared for it; {kept}"),
    "limit": (Refused, "{who}'s limits do not allow this cell; {kept}"),
    "differs": (Refused, "{who}'s cell does not do the same as this one; {kept}"),
    "timeout": (TransportError, "{who} waited too long; {kept}"),
    "left": (
        Refused,
        "{who} left the room; {kept}. To go on, every party opens a new "
        "room: %mpc stop, then %mpc host or %mpc join (in a class room: restart all kernels)",
    ),
    "followed": (Refused, "{who} left this cell; {kept}"),
    "bug": (Refused, "{who} ran into an internal error; {kept}"),
}


def error_for(code: str, parties: tuple[str, ...], peer: int, kept: str = NOTHING_KEPT) -> MpcError:
    """The exception to raise here when party `peer` ended the cell with `code`. kept: what is
    there all the same, if the cell had checkpoints."""
    who = parties[peer]
    if code.startswith("lost:") and code[5:] in map(str, range(len(parties))):
        return TransportError(f"{who} lost the link to {parties[int(code[5:])]}; {kept}")
    if code not in REASONS:
        return PeerError(f"{who} ended the cell with an unknown reason; the mesh is closed")
    kind, sentence = REASONS[code]
    return kind(sentence.format(who=who, kept=kept))


def code_for(why: BaseException) -> str:
    """The code to tell the others when this exception ended the cell here."""
    if isinstance(why, KeyboardInterrupt | Interrupted):
        return "interrupted"
    if isinstance(why, LinkLost):
        return f"lost:{why.party}"
    if isinstance(why, TransportError):
        return "timeout"
    if isinstance(why, RangeLeft):
        return "range"
    if isinstance(why, CellsDiffer):
        return "differs"
    if isinstance(why, OverLimit):
        return "limit"
    return "failed"


def readable(text: str, limit: int = 300) -> str:
    """Text that came from a peer as one short printable line, safe to show."""
    plain = "".join(c if c.isprintable() and ord(c) < 0x2500 else " " for c in text[:limit])
    return " ".join(plain.split())

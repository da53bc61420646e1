"""Why a cell ended: the codes that travel, and the sentences made from them here.

Only the code comes from a peer; a code that is not in this table is a PeerError.
"""

from mpckernel.errors import Interrupted, MpcError, PeerError, Refused, TransportError

REASONS: dict[str, tuple[type[MpcError], str]] = {
    "interrupted": (Interrupted, "{who} pressed stop; no party committed this cell"),
    "failed": (Refused, "{who}'s cell raised an error; no party committed this cell"),
    "input": (Refused, "{who} could not give an input; no party committed this cell"),
    "limit": (Refused, "{who}'s limits do not allow this cell; nothing was sent"),
    "differs": (Refused, "{who} has another cell; nothing was sent"),
    "lost": (TransportError, "{who} lost a link to another party; no party committed this cell"),
    "timeout": (TransportError, "{who} waited too long; no party committed this cell"),
    "left": (Refused, "{who} left the room; no party committed this cell"),
    "followed": (Refused, "{who} left this cell; no party committed it"),
    "bug": (Refused, "{who} ran into an internal error; no party committed this cell"),
}


def error_for(code: str, who: str) -> MpcError:
    """The exception to raise here when `who` ended the cell with `code`."""
    if code not in REASONS:
        return PeerError(f"{who} ended the cell with an unknown reason; the mesh is closed")
    kind, sentence = REASONS[code]
    return kind(sentence.format(who=who))


def code_for(why: BaseException) -> str:
    """The code to tell the others when this exception ended the cell here."""
    if isinstance(why, KeyboardInterrupt | Interrupted):
        return "interrupted"
    if isinstance(why, TransportError):
        return "timeout" if "waited" in str(why) else "lost"
    return "failed"


def readable(text: str, limit: int = 300) -> str:
    """Text that came from a peer as one short printable line, safe to show."""
    plain = "".join(c if c.isprintable() and ord(c) < 0x2500 else " " for c in text[:limit])
    return " ".join(plain.split())

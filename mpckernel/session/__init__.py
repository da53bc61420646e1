"""Who takes part: identities, room files, tickets, the lobby, local parties."""

from mpckernel.session.hosting import Hosting, host, reopen
from mpckernel.session.joining import Members, join

__all__ = ["Hosting", "Members", "host", "join", "reopen"]

"""Put joint cells, magics, completion and inspection into a shell, and take them out again."""

import atexit

from IPython.core.interactiveshell import InteractiveShell

from mpckernel.kernel import cells, complete, magics
from mpckernel.kernel.desk import Desk
from mpckernel.kernel.tracebacks import explain_no_more, explain_refusals


def load(shell: InteractiveShell) -> Desk:
    """The shell's desk; made at the first call."""
    desk = getattr(shell, "mpc", None)
    if isinstance(desk, Desk):
        return desk
    desk = Desk(shell)
    shell.mpc = desk  # pyright: ignore[reportAttributeAccessIssue]  # what joint cells call
    shell.input_transformers_cleanup.append(cells.transform)
    magics.register(shell, desk)
    complete.register(shell, desk)
    explain_refusals(shell)
    atexit.register(desk.close)
    return desk


def unload(shell: InteractiveShell) -> None:
    """Leave the room; cells are ordinary cells again."""
    desk = getattr(shell, "mpc", None)
    if not isinstance(desk, Desk):
        return
    desk.close()
    shell.input_transformers_cleanup.remove(cells.transform)
    magics.unregister(shell)
    complete.unregister(shell)
    explain_no_more(shell)
    del shell.mpc  # pyright: ignore[reportAttributeAccessIssue]

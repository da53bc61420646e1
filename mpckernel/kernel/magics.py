"""`%mpc`, `%%mpc` and `%%party` as IPython knows them: help, signature, completion, old paths."""

import asyncio
from collections.abc import Callable, Coroutine
from inspect import Parameter, Signature
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand

from mpckernel.errors import UsageError
from mpckernel.kernel import cells
from mpckernel.kernel.desk import Desk

_KEYWORD = Parameter.KEYWORD_ONLY


def register(shell: InteractiveShell, desk: Desk) -> None:
    """Make the magics known."""

    @no_var_expand  # keys have $ and {} in them
    def mpc(line: str) -> Any:
        """Rooms and what happens in them: `%mpc help` lists all."""
        from mpckernel.kernel.commands import obey

        return obey(desk, line)

    mpc.__signature__ = Signature([Parameter("command", Parameter.VAR_POSITIONAL)])  # type: ignore[attr-defined]
    shell.magics_manager.register_function(mpc, "line", "mpc")
    shell.magics_manager.register_function(_joint(desk), "cell", "mpc")
    shell.magics_manager.register_function(_private(desk), "cell", "party")
    for name in ("mpc", "party"):  # %%mpc below other lines is the line magic %mpc to IPython
        shell.magics_manager.register_function(_below(name), "line", f"%{name}")


def unregister(shell: InteractiveShell) -> None:
    """Forget them."""
    lines = ("mpc", "%mpc", "%party")
    for kind, name in (*(("line", n) for n in lines), ("cell", "mpc"), ("cell", "party")):
        shell.magics_manager.magics[kind].pop(name, None)


def _joint(desk: Desk) -> Callable[[str, str], None]:
    def mpc(line: str, cell: str) -> None:
        _complete(desk.mpc(line, cell))

    mpc.__doc__ = (
        "Run this cell together with the other parties, on secret-shared variables.\n\n"
        f"{cells.option_words().format_help()}\n"
        "Every party runs the same cell in its own notebook. alice.df['age'] reads a private\n"
        "variable of alice; reveal(x) is the only way out; the last line is displayed."
    )
    fields = ("dry", False), ("max_rounds", None), ("max_bytes", None), ("timeout", 120.0)
    mpc.__signature__ = Signature(  # type: ignore[attr-defined]
        [Parameter(name, _KEYWORD, default=value) for name, value in fields]
    )
    return mpc


def _private(desk: Desk) -> Callable[[str, str], None]:
    def party(line: str, cell: str) -> None:
        """In a simulation: run this cell privately at the named party (or parties)."""
        _complete(desk.party(line, cell))

    party.__signature__ = Signature([Parameter("name", Parameter.VAR_POSITIONAL)])  # type: ignore[attr-defined]
    return party


def _below(name: str) -> Callable[[str], None]:
    def below(line: str) -> None:  # noqa: ARG001  (its options)
        """Only comments stand above it."""
        cells.not_first(name)

    return below


def _complete(cell: Coroutine[Any, Any, None]) -> None:
    """For callers that skip the input transformers, such as `run_cell_magic`."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(cell)
        return
    cell.close()
    raise UsageError("%%mpc and %%party must be the first line of their cell, but for comments")

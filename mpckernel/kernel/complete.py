"""Tab and Shift-Tab: sub-commands of `%mpc`, options of `%%mpc`, and faces of secrets."""

import sys
from glob import glob
from types import SimpleNamespace
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from mpckernel.kernel import attributes
from mpckernel.kernel.desk import Desk

_FLAGS = {"host": ["--as", "--with", "--address", "--folder"], "join": ["--as", "--ticket"]}
_OPTIONS = ["--dry", "--max-rounds", "--max-bytes", "--timeout"]
_KEYS = ("%mpc", "mpc", "%%mpc", "%%party")


def register(shell: InteractiveShell, desk: Desk) -> None:
    """Completers for our magics; an inspection that shows what is public of a secret."""

    def of_mpc(_self: Any, event: SimpleNamespace) -> list[str]:
        return _words(desk, event.line)

    for key in _KEYS:
        shell.set_hook("complete_command", of_mpc, str_key=key)
    shell.Completer.custom_matchers.append(attributes.matcher(desk))
    shell.inspector.mime_hooks = {**shell.inspector.mime_hooks, "text/plain": describe}


def unregister(shell: InteractiveShell) -> None:
    """Take them away."""
    completers = shell.Completer.custom_completers
    if completers is not None:
        for key in _KEYS:
            completers.strs.pop(key, None)
    matchers = shell.Completer.custom_matchers
    matchers[:] = [m for m in matchers if m.__module__ != attributes.__name__]
    hooks = shell.inspector.mime_hooks.items()
    shell.inspector.mime_hooks = {k: hook for k, hook in hooks if hook is not describe}


def _words(desk: Desk, line: str) -> list[str]:
    """What may stand at the end of this line."""
    head, *rest = line.split()
    if head == "%%mpc":
        return _OPTIONS
    if head == "%%party":
        return list(desk.simulation.names[1:]) if desk.simulation else []
    if not rest or (len(rest) == 1 and not line.endswith(" ")):
        from mpckernel.kernel.commands import COMMANDS

        return list(COMMANDS)
    if rest[0] == "inspect":
        return [name for name, _ in desk.secrets()]
    if rest[0] == "join":
        return [*glob("*.mpc"), *_FLAGS["join"]]
    return _FLAGS.get(rest[0], [])


def describe(hook: Any) -> list[tuple[str, str]] | None:
    """For Shift-Tab and `?`: type, shape, owners, bound; never a value."""
    module = sys.modules.get("mpckernel.array.secret")
    secret = hook.obj
    if module is None or not isinstance(secret, module.SecretArray):
        return None
    most = secret.bound / 2**secret.dtype.f
    owners = ", ".join(sorted(secret.owners)) or "public values only"
    return [
        ("Type", f"secret {secret.dtype}"),
        ("Shape", str(secret.shape)),
        ("From", owners),
        ("Bound", f"|x| <= {most:g}"),
        ("Shares", f"at {', '.join(secret.parties)}"),
        ("Values", "not here; reveal(x) in a joint cell opens them to all, with to=NAME to one"),
    ]

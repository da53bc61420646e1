"""The user's names around a joint cell: what it may use, and taking everything back."""

import sys
from collections.abc import Iterable, Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from mpckernel.errors import UsageError


class Snapshot:
    """All names as they are now. Values are not copied: a list changed in place stays changed."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names, self._kept = names, dict(names)
        self._bound: set[str] = set()  # anew, before the last renewal

    def renew(self) -> None:
        """From now on all names as they are now, after a checkpoint."""
        self._bound.update(self.changed())
        self._kept = dict(self._names)

    def restore(self) -> list[str]:
        """Nothing half-defined: names made since are gone, names replaced are back; which they
        were. New names of imports stay: later cells count on them, and they hold no result."""
        new = self._names.keys() - self._kept.keys()
        imported = {name for name in new if _imported(self._names[name])}
        taken = [name for name in self._anew() if name not in imported]
        for name in new - imported:
            del self._names[name]
        self._names.update(self._kept)
        return taken

    def changed(self) -> list[str]:
        """Names made or bound anew since the beginning."""
        news = self._anew()
        return [*news, *[n for n in self._bound if n in self._names and n not in news]]

    def _anew(self) -> list[str]:
        """Since the last renewal."""
        gone = object()
        return [n for n, x in self._names.items() if self._kept.get(n, gone) is not x]


def _imported(x: Any) -> bool:
    """A module, or a class or function out of one."""
    if isinstance(x, type | FunctionType | BuiltinFunctionType):
        return x.__module__ != "__main__" and x.__module__ in sys.modules
    return isinstance(x, ModuleType)


class Offered:
    """Names put among the user's own where he has none of that name; hidden from `%who`."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell, self._given = shell, dict[str, Any]()

    def offer(self, names: Mapping[str, Any]) -> None:
        """Put these names there. A name the user has bound himself is his."""
        space = self._shell.user_ns
        for name, value in names.items():
            if name not in space or self._is_ours(name):
                space[name] = self._given[name] = value
                self._shell.user_ns_hidden[name] = value

    def withdraw(self) -> None:
        """Take them away again."""
        for name in list(self._given):
            if self._is_ours(name):
                del self._shell.user_ns[name]
            self._shell.user_ns_hidden.pop(name, None)
            del self._given[name]

    def _is_ours(self, name: str) -> bool:
        return name in self._given and self._shell.user_ns.get(name) is self._given[name]


def refuse_hidden(
    read: Mapping[str, int], names: Mapping[str, Any], parties: Iterable[str]
) -> None:
    """UsageError if a cell reads variables of a party whose name is a variable of the user's own.

    read: names whose attributes the cell reads, and in which line.
    """
    from mpckernel.array.owners import OwnerName

    for name in parties:
        if name in read and not isinstance(names.get(name), OwnerName):
            raise UsageError(
                f"line {read[name]}: {name} is a variable of this notebook and hides the party of "
                f"that name; give it another name, and `del {name}`"
            )

"""Tab after this party's own name in a joint cell: its own variables.

Source: IPython's matchers, version 2. Nothing is looked up at another party, and no value is read.
"""

import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher

from mpckernel.kernel.desk import Desk

_DOTTED = re.compile(r"(?:^|[^\w.])([A-Za-z_]\w*)\.(\w*)$")


def matcher(desk: Desk) -> Callable[[CompletionContext], Any]:
    """What IPython asks for each Tab."""

    @context_matcher()
    def mpc_attributes(context: CompletionContext) -> Any:
        found = _DOTTED.search(context.text_until_cursor)
        names = _after(desk, found[1]) if found else ()
        head = context.token[: context.token.rfind(".") + 1]
        start = found[2] if found else ""
        return {
            "completions": [
                SimpleCompletion(head + name, type="instance")
                for name in sorted(set(names))
                if name.startswith(start)
            ]
        }

    return mpc_attributes


def _after(desk: Desk, name: str) -> Iterable[str]:
    """What may follow `name.`"""
    array = sys.modules.get("mpckernel.array")
    value = desk.shell.user_ns.get(name)
    if array is None or value is None:
        return ()
    room = desk.opening.open if desk.opening else None
    if room is None or not isinstance(value, array.OwnerName) or name != room.parties[room.me]:
        return ()
    hidden = desk.shell.user_ns_hidden
    return (n for n in desk.shell.user_ns if n not in hidden and not n.startswith("_"))

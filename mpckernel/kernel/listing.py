"""The secrets that a notebook can name: its variables, and what tables, models and lists hold.

    ages      t.age      net.0.weight      model.coef_      parts[0]

A name of a model's or a table's is not Python, but that of state_dict() or of the column.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

MOST = 100  # items of a list or dict that are looked at


def secrets(names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(name, secret array), by name; what begins with an underscore is not the user's."""
    if "mpckernel.array.secret" in sys.modules:  # else there is none
        for name, value in sorted(names.items()):
            if not name.startswith("_"):
                yield from _within(name, value)


def is_left(array: Any) -> bool:
    """Whether a secret belongs to a room that was left: nothing is computed on it any more."""
    return array.call.result is None


def _within(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if (array := _array(value)) is not None:
        yield name, array
    elif isinstance(value, _class("mpckernel.array.frames.base", "Frame")):
        yield from ((f"{name}.{column}", x) for column, x in value._columns.items())
    elif isinstance(value, _class("mpckernel.nn.module", "Module")):
        for listed in (value.named_parameters(), value.named_buffers()):
            yield from _arrays((f"{name}.{at}", x) for at, x in listed)
    elif isinstance(value, _class("mpckernel.learn.base", "Estimator")):
        learned = sorted(vars(value).items())
        yield from _arrays((f"{name}.{at}", x) for at, x in learned if at[0] != "_")
    elif type(value) in (list, tuple):
        yield from _arrays((f"{name}[{k}]", x) for k, x in enumerate(value[:MOST]))
    elif type(value) is dict:
        items = list(value.items())[:MOST]
        yield from _arrays((f"{name}[{at!r}]", x) for at, x in items if type(at) in (str, int))


def _arrays(named: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    return ((name, array) for name, x in named if (array := _array(x)) is not None)


def _array(value: Any) -> Any:
    """The secret array that this is, or that a tensor has now; None if there is none."""
    if isinstance(value, _class("mpckernel.nn.tensor", "Tensor")):
        value = value._raw
    return value if isinstance(value, _class("mpckernel.array.secret", "SecretArray")) else None


def _class(module: str, name: str) -> Any:
    """A class, if anybody has imported it: listing what is there loads nothing."""
    return getattr(sys.modules.get(module), name, ())

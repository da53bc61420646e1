"""The array API standard (2024.12) on secrets: `xp = x.__array_namespace__()`.

Code that is written for the standard runs on secret arrays as far as secrets allow: float64 is
fixed point (sfix20), int64 is sint, bool is sbool. ARRAY_API.md says what is missing, and why.
"""

import math
from typing import Any

from mpckernel.array.dtypes import SecretType
from mpckernel.array.secret import DEVICE
from mpckernel.array.standard import arranging, creation, linalg
from mpckernel.array.standard import names as standard
from mpckernel.errors import UsageError

__array_api_version__ = "2024.12"
e, inf, nan, pi = math.e, math.inf, math.nan, math.pi
newaxis = None

CHAPTERS = (standard, arranging, creation, linalg)  # each has entered its functions
_CONSTANTS = ("e", "inf", "nan", "newaxis", "pi")
_NAMES: dict[str, Any] = {**standard.STANDARD, **creation.TYPES}


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(
            f"the array API on secrets has no {name!r}; see mpckernel/array/ARRAY_API.md"
        )
    return _NAMES[name]


def __dir__() -> list[str]:
    return sorted([*_NAMES, *_CONSTANTS, "linalg", "__array_namespace_info__"])


class Info:
    """What this namespace can do."""

    def capabilities(self) -> dict[str, Any]:
        """No shape depends on secret values."""
        return {"boolean indexing": False, "data-dependent shapes": False, "max dimensions": 64}

    def default_device(self) -> str:
        """Where secrets are: among the parties."""
        return DEVICE

    def devices(self) -> list[str]:
        """The one device."""
        return [DEVICE]

    def default_dtypes(self, *, device: Any = None) -> dict[str, SecretType]:
        """What numbers become."""
        _known(device)
        types = creation.TYPES
        real, whole = types["float64"], types["int64"]
        return {"real floating": real, "integral": whole, "indexing": whole}

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, SecretType]:
        """All types by name, or those of a kind."""
        _known(device)
        types = creation.TYPES
        return {k: t for k, t in types.items() if kind is None or creation.isdtype(t, kind)}


def _known(device: Any) -> None:
    if device not in (None, DEVICE):
        raise UsageError(f"the one device of secrets is {DEVICE!r}")


def __array_namespace_info__() -> Info:  # noqa: N807  (the standard's name)
    """The standard's inspection functions."""
    return Info()

"""Notebooks of different parties compute together on secret-shared variables.

The names a user imports. Each is loaded at its first use, so that `import mpckernel` and the
start of a kernel cost nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from mpckernel.array import (
        SecretArray,
        compress,
        concat,
        conv2d,
        erf,
        gelu,
        logsumexp,
        lookup,
        one_hot,
        recorded,
        relu,
        reveal,
        rsqrt,
        sbool,
        scaled_matmul,
        sfix,
        sfix16,
        sfix20,
        sfix24,
        share,
        shuffle,
        sigmoid,
        sint,
        softmax,
        softplus,
        swide,
        topk,
        unique,
        well_conditioned,
        within,
    )
    from mpckernel.errors import MpcError

__version__ = "0.1.0"

__all__ = [
    "MpcError",
    "SecretArray",
    "__version__",
    "compress",
    "concat",
    "conv2d",
    "erf",
    "gelu",
    "logsumexp",
    "lookup",
    "one_hot",
    "recorded",
    "relu",
    "reveal",
    "rsqrt",
    "sbool",
    "scaled_matmul",
    "sfix",
    "sfix16",
    "sfix20",
    "sfix24",
    "share",
    "shuffle",
    "sigmoid",
    "sint",
    "softmax",
    "softplus",
    "swide",
    "topk",
    "unique",
    "well_conditioned",
    "within",
]


def __getattr__(name: str) -> Any:
    """A public name, loaded now."""
    if name in ("learn", "nn"):
        return import_module(f"mpckernel.{name}")
    if name == "optim":  # as in `from torch import nn, optim`
        return import_module("mpckernel.nn.optim")
    if name not in __all__:
        raise AttributeError(f"module 'mpckernel' has no attribute {name!r}")
    home = "mpckernel.errors" if name == "MpcError" else "mpckernel.array"
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """`%load_ext mpckernel`: the magics of the MPC kernel in any IPython."""
    import_module("mpckernel.kernel.extension").load(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Leave the room, take the magics away."""
    import_module("mpckernel.kernel.extension").unload(shell)

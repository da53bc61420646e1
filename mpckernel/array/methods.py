"""Methods of secret arrays: which function a name means, and what to write in place of others."""

from typing import Any

import numpy as np

from mpckernel.array.rules import RULES

TENSOR = {
    "float": "x.astype(float)", "double": "x.astype('sfix24')", "int": "x.astype(int)",
    "long": "x.astype(int)", "bool": "x.astype(bool)", "view": "x.reshape", "permute":
    "x.transpose", "unsqueeze": "x[:, None]", "numel": "x.size", "dim": "x.ndim", "clone": "x",
    "detach": "x", "cpu": "x", "cuda": "x", "to": "x", "numpy": "reveal(x)",
}  # fmt: skip
DATA_FRAME = {"apply", "columns", "describe", "groupby", "head", "iloc", "index", "loc", "values"}
IN_PLACE = {"byteswap", "fill", "partition", "put", "resize", "setfield", "setflags", "sort"}
_SAME_NAME = (
    "all any argmax argmin clip conj cumsum diagonal dot max mean min prod ptp ravel repeat "
    "reshape round squeeze std sum swapaxes take trace transpose var"
)
METHODS: dict[str, Any] = {name: getattr(np, name) for name in _SAME_NAME.split()}
METHODS |= {"astype": "x.astype", "flatten": np.ravel}


def function_of(name: str) -> Any:
    """The function that x.name applies. AttributeError if arrays have no method of this name."""
    if name in METHODS:
        return METHODS[name]
    known = not name.startswith("_") and name not in TENSOR
    if known and callable(getattr(np.ndarray, name, None)):
        own = name in IN_PLACE or not hasattr(np, name)
        return f"x.{name}" if own else getattr(np, name)  # refused when called
    raise AttributeError(f"a secret array has no attribute {name!r}{_instead(name)}")


def _instead(name: str) -> str:
    """What somebody who knows pandas or PyTorch writes here."""
    if name in TENSOR:
        return f"; write {TENSOR[name]}"
    if name in DATA_FRAME:
        return "; it is an array: choose columns before, alice.df['age']"
    function = getattr(np, name, None)
    if not callable(function) or function not in RULES:
        return ""
    needed = [p.name for p in RULES[function].signature.parameters.values() if p.default is p.empty]
    return f"; write np.{name}({', '.join(['x', *needed[1:]])})"

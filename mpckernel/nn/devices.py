"""Where tensors and modules are: with the parties, as shares, whatever a program says of devices.

Source of the names: torch.Tensor and torch.nn.Module.
"""

from typing import Any, NoReturn, Self

from mpckernel.array.operators import here
from mpckernel.array.secret import DEVICE
from mpckernel.errors import Unsupported

SAME = {"cpu", DEVICE, "torch.float32"}  # what a program may ask for, and has


class OnShares:
    """to("cpu") and cpu() give the thing itself; other devices and types are refused."""

    __slots__ = ()

    def to(self, *asked: Any, device: Any = "cpu", dtype: Any = None, **_: Any) -> Self:
        """Itself, for "cpu" and float32. Raises Unsupported for any other device or type."""
        for x in (*asked, device, dtype):
            if not (x is None or isinstance(x, bool) or str(x) in SAME):
                _refuse(f"to({str(x)!r})")
        return self

    def cpu(self) -> Self:
        return self

    def cuda(self, *_: Any, **__: Any) -> NoReturn:
        _refuse("cuda()")

    def double(self) -> NoReturn:
        _refuse("double()")

    def half(self) -> NoReturn:
        _refuse("half()")


def _refuse(what: str) -> NoReturn:
    raise Unsupported(
        f"{here()}{what}: secrets stay with the parties, as shares in fixed point; leave it out, "
        "or write to('cpu'). For more bits: x.astype('sfix24'), or model.dtype = mpckernel.sfix24"
    )

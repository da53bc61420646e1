"""A composed function as one call: what it gives at k depends on its operands at k alone.

`do(lanewise(roots.sqrt), x, c=40)` asks for the same as `roots.sqrt(do, x, c=40)`. Who records
may then cut the lanes into chunks and take one chunk after the other through the whole function,
so that what it needs on the way does not grow with the number of lanes.

Source: none; notation for the files next to it.
Notation: a lane is one place of the common shape. Inside, values may have leading axes of their
own (bits, digits), but nothing may move from lane to lane.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Lanewise:
    """program(do, *operands, **params) -> one Value of the operands' shape.

    saturates: the bound of the result does not follow those of the operands, which are then
    rounded up to powers of two, so that steps of a training share one recording.
    """

    program: Callable[..., Any]
    saturates: bool = False

    @property
    def name(self) -> str:
        """Module and function: what a plan says of it."""
        module = self.program.__module__.rpartition(".")[2]
        return f"{module}.{self.program.__qualname__}"


def lanewise(program: Callable[..., Any], *, saturates: bool = False) -> Lanewise:
    """What to ask for in place of a functionality.

    Operands of one shape, and public numbers; parameters are hashable public values. Where
    operands differ in shape the function is recorded as it stands: a row is not normalised once
    for each line that it meets.
    """
    return Lanewise(program, saturates)

"""Dropout."""

from typing import Any

from mpckernel.errors import UsageError
from mpckernel.nn.derivatives.dropping import dropout, whole
from mpckernel.nn.module import Module


class Dropout(Module):
    """In training each element is 0 with probability p, else 1/(1-p) of itself; after eval() as is.

    Which ones is decided by random bits that nobody knows, anew in every step. p: public, rounded
    to a multiple of 1/256 (repr shows it); 1/(1-p) is rounded to 8 bits, relative 2^-9. One choice
    an element and direction; nothing more for p = 1/2, else up to 7 bits and a cut. Leaks nothing.
    inplace: as in PyTorch; nothing depends on it. Raises UsageError for p outside 0 to 1.
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise UsageError("Dropout: p is a probability from 0 to 1")
        self.p, self.inplace = p, inplace

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return dropout(x, self.p, self.training)

    def extra_repr(self) -> str:
        return f"p={float(whole(self.p)):g}"

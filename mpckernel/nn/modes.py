"""Whether functions go on the tape, and in which type products are: for all that is called inside.

Source: torch.no_grad.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from mpckernel.array.dtypes import SecretType, promote
from mpckernel.array.secret import SecretArray
from mpckernel.nn.pending import Pending

_taped: ContextVar[bool] = ContextVar("mpckernel_taped", default=True)
_products: "ContextVar[SecretType | None]" = ContextVar("mpckernel_products", default=None)


@contextmanager
def no_grad() -> Iterator[None]:
    """Inside, nothing is put on the tape."""
    token = _taped.set(False)
    try:
        yield
    finally:
        _taped.reset(token)


@contextmanager
def products_in(t: SecretType | None) -> Iterator[None]:
    """Inside, products and their gradients are of type t; None: of the operands' finer type."""
    token = _products.set(t)
    try:
        yield
    finally:
        _products.reset(token)


def taped() -> bool:
    """Whether functions of tensors are put on the tape here."""
    return _taped.get()


def chosen_type() -> SecretType | None:
    """What `products_in` says, None outside of it."""
    return _products.get()


def product_type(*arrays: Any) -> SecretType:
    """The type of a product of these arrays here."""
    chosen = _products.get()
    if chosen is not None:
        return chosen
    return promote(*[x.dtype for x in arrays if isinstance(x, SecretArray | Pending)])

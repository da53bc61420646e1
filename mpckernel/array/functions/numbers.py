"""What secrets are not: NaN, infinite or complex. The answers are public."""

from typing import Any

import numpy as np

from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray


@implements(np.nan_to_num)
def nan_to_num(x: SecretArray, **_: Any) -> SecretArray:
    """x itself: secrets hold no NaN and no infinity."""
    return x


@implements(np.isnan, np.isinf)
def isnan(x: SecretArray) -> np.ndarray:
    """Public False everywhere: secrets hold no NaN and no infinity."""
    return np.zeros(x.shape, np.bool_)


@implements(np.isfinite)
def isfinite(x: SecretArray) -> np.ndarray:
    """Public True everywhere: secrets hold no NaN and no infinity."""
    return np.ones(x.shape, np.bool_)


@implements(np.isneginf, np.isposinf, np.iscomplex)
def isneginf(x: SecretArray) -> np.ndarray:
    """Public False everywhere: secrets are finite and real."""
    return np.zeros(x.shape, np.bool_)


@implements(np.isreal)
def isreal(x: SecretArray) -> np.ndarray:
    """Public True everywhere: secrets are real."""
    return np.ones(x.shape, np.bool_)


@implements(np.iscomplexobj)
def iscomplexobj(_: SecretArray) -> bool:
    """Public False: secrets are real."""
    return False


@implements(np.isrealobj)
def isrealobj(_: SecretArray) -> bool:
    """Public True: secrets are real."""
    return True


@implements(np.imag)
def imag(val: SecretArray) -> np.ndarray:
    """Public zeros: secrets are real."""
    return np.zeros(val.shape)

"""NumPy's vocabulary on secret values. Importing it fills the table of rules."""

from mpckernel.array import (
    activations,
    angles,
    choosing,
    circular,
    comparing,
    contracting,
    convolution,
    counting,
    curves,
    distributions,
    division,
    elementwise,
    exponentials,
    indexing,
    interpolation,
    joining,
    likes,
    linear,
    logarithms,
    numbers,
    order,
    placing,
    powers,
    quantiles,
    quotients,
    reductions,
    rounding,
    scans,
    searching,
    shaping,
    solving,
    statistics,
)
from mpckernel.array.activations import erf, gelu, relu, sigmoid, softplus
from mpckernel.array.convolution import conv2d
from mpckernel.array.counting import compress, unique
from mpckernel.array.distributions import logsumexp, softmax
from mpckernel.array.division import rsqrt
from mpckernel.array.dtypes import sbool, sfix, sfix16, sfix20, sfix24, sint, swide
from mpckernel.array.indexing import lookup, one_hot
from mpckernel.array.inputs import concat, share
from mpckernel.array.order import shuffle, topk
from mpckernel.array.owners import OwnerName
from mpckernel.array.reveal import Opened, Withheld, reveal, settle
from mpckernel.array.secret import SecretArray
from mpckernel.array.solving import well_conditioned

CHAPTERS = (
    elementwise,
    rounding,
    comparing,
    choosing,
    numbers,
    reductions,
    scans,
    statistics,
    division,
    quotients,
    exponentials,
    logarithms,
    powers,
    activations,
    distributions,
    circular,
    angles,
    linear,
    contracting,
    convolution,
    solving,
    order,
    quantiles,
    searching,
    counting,
    shaping,
    indexing,
    placing,
    joining,
    likes,
    curves,
    interpolation,
)

__all__ = [
    "CHAPTERS",
    "Opened",
    "OwnerName",
    "SecretArray",
    "Withheld",
    "compress",
    "concat",
    "conv2d",
    "erf",
    "gelu",
    "logsumexp",
    "lookup",
    "one_hot",
    "relu",
    "reveal",
    "rsqrt",
    "sbool",
    "settle",
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
]

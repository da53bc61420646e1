"""NumPy's vocabulary on secret values. Importing it fills the table of rules."""

from mpckernel.array.dtypes import sbool, sfix, sfix16, sfix20, sfix24, sint, swide
from mpckernel.array.functions import (
    activations,
    angles,
    choosing,
    circular,
    comparing,
    contracting,
    convolution,
    counting,
    curves,
    determinants,
    distributions,
    division,
    elementwise,
    exponentials,
    factoring,
    hyperbolic,
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
    ranges,
    reductions,
    rounding,
    scaled,
    scans,
    searching,
    shaping,
    solving,
    statistics,
    ufuncs,
)
from mpckernel.array.functions.activations import erf, gelu, relu, sigmoid, softplus
from mpckernel.array.functions.convolution import conv2d
from mpckernel.array.functions.counting import compress, unique
from mpckernel.array.functions.distributions import logsumexp, softmax
from mpckernel.array.functions.division import rsqrt
from mpckernel.array.functions.indexing import lookup, one_hot
from mpckernel.array.functions.order import shuffle, topk
from mpckernel.array.functions.ranges import within
from mpckernel.array.functions.scaled import scaled_matmul
from mpckernel.array.functions.solving import well_conditioned
from mpckernel.array.inputs import concat, share
from mpckernel.array.opened import Opened, Withheld, settle
from mpckernel.array.owners import OwnerName
from mpckernel.array.recorded import recorded
from mpckernel.array.reveal import reveal
from mpckernel.array.secret import SecretArray

CHAPTERS = (
    elementwise,
    rounding,
    comparing,
    ranges,
    choosing,
    numbers,
    reductions,
    scans,
    statistics,
    ufuncs,
    division,
    quotients,
    exponentials,
    logarithms,
    hyperbolic,
    powers,
    activations,
    distributions,
    circular,
    angles,
    linear,
    scaled,
    contracting,
    convolution,
    solving,
    factoring,
    determinants,
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
    "recorded",
    "relu",
    "reveal",
    "rsqrt",
    "sbool",
    "scaled_matmul",
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
    "within",
]

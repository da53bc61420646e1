"""What work takes, measured: seconds on one core of the machine the figures are from.

Written by `mpckernel bench --calibrate --ship`; a user's own, from `mpckernel bench --calibrate`,
take its place (estimate.py).
"""

FITTED = 1795462302.0  # seconds since 1970; results of later runs judge it

SPEEDS: dict[str, float] = {
    "cell": 0.000764,
    "round": 6.23e-05,
    "call": 6.8e-05,
    "step": 6.8e-05,
    "mul bits": 7.36e-11,
    "mul_trunc bits": 1.26e-10,
    "trunc bits": 1.76e-10,
    "floor bits": 1.35e-10,
    "msb bits": 1.01e-10,
    "is_zero bits": 9.76e-11,
    "headroom bits": 1.02e-10,
    "to_bits bits": 1.19e-10,
    "bit_to_word bits": 8.33e-11,
    "open_words bits": 5.98e-11,
    "add elements": 2.69e-09,
    "sub elements": 2.88e-09,
    "scale elements": 1.88e-08,
    "shift elements": 1.51e-08,
    "matmul bits": 7.36e-11,
    "matmul products": 1.26e-10,
    "matmul_trunc bits": 1.26e-10,
    "matmul_trunc products": 1.36e-10,
    "lanewise bits": 7.15e-11,
    "select bits": 2.14e-11,
    "kept call": 4e-05,
    "factors elements": 6.59e-09,
    "places rounds": 0.000251,
    "places bits": 2.78e-10,
    "permute bits": 2.78e-10,
    "other bits": 1.02e-10,
    "other elements": 2.88e-09,
    "other products": 1.31e-10,
}

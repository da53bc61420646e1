"""What work takes, measured: seconds on one core of the machine the figures are from.

Written by `mpckernel bench --calibrate --ship`; a user's own, from `mpckernel bench --calibrate`,
take its place (estimate.py).
"""

FITTED = 1795473422.0  # seconds since 1970; results of later runs judge it

SPEEDS: dict[str, float] = {
    "cell": 0.000848,
    "round": 5.39e-05,
    "far round": 5.78e-05,
    "call": 4.83e-05,
    "step": 4.83e-05,
    "mul bits": 6.64e-11,
    "mul_trunc bits": 1.16e-10,
    "trunc bits": 1.68e-10,
    "floor bits": 1.17e-10,
    "msb bits": 9.01e-11,
    "is_zero bits": 8.95e-11,
    "headroom bits": 9.08e-11,
    "to_bits bits": 9.85e-11,
    "bit_to_word bits": 7.91e-11,
    "open_words bits": 4.78e-11,
    "add elements": 4.04e-09,
    "sub elements": 4.45e-09,
    "scale elements": 1.96e-08,
    "shift elements": 1.58e-08,
    "matmul bits": 6.64e-11,
    "matmul products": 1.28e-10,
    "matmul_trunc bits": 1.16e-10,
    "matmul_trunc products": 1.17e-10,
    "lanewise bits": 7.39e-11,
    "select bits": 2.68e-11,
    "kept call": 4.66e-05,
    "factors elements": 6.98e-09,
    "places rounds": 0.000338,
    "places bits": 2.52e-10,
    "permute bits": 2.52e-10,
    "other bits": 9.04e-11,
    "other elements": 3.6e-09,
    "other products": 1.23e-10,
}

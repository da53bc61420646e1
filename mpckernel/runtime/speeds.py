"""What work takes, measured: seconds on one core of the machine the figures are from.

Written by `mpckernel bench --calibrate --ship`; a user's own, from `mpckernel bench --calibrate`,
take its place (estimate.py).
"""

FITTED = 1795486489.0  # seconds since 1970; results of later runs judge it

SPEEDS: dict[str, float] = {
    "cell": 0.000606,
    "round": 4.25e-05,
    "call": 3.44e-05,
    "step": 3.44e-05,
    "mul bits": 4.97e-11,
    "mul_trunc bits": 9.08e-11,
    "trunc bits": 1.44e-10,
    "floor bits": 8.89e-11,
    "msb bits": 6.32e-11,
    "is_zero bits": 6.92e-11,
    "headroom bits": 6.88e-11,
    "to_bits bits": 8.79e-11,
    "bit_to_word bits": 6.33e-11,
    "open_words bits": 3.39e-11,
    "add elements": 2.02e-09,
    "sub elements": 2.26e-09,
    "scale elements": 1.33e-08,
    "shift elements": 1.29e-08,
    "matmul bits": 4.97e-11,
    "matmul products": 9.77e-11,
    "matmul_trunc bits": 9.08e-11,
    "matmul_trunc products": 9.64e-11,
    "lanewise bits": 5.7e-11,
    "select bits": 1.59e-11,
    "kept call": 3.18e-05,
    "factors elements": 4.84e-09,
    "places rounds": 0.000196,
    "places bits": 2.06e-10,
    "permute bits": 2.06e-10,
    "other bits": 6.94e-11,
    "other elements": 2.12e-09,
    "other products": 9.71e-11,
    "far round": 4.7e-05,
}

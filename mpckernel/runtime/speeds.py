"""What work takes, measured: seconds on one core of the machine the figures are from.

Written by `mpckernel bench --calibrate --ship`; a user's own, from `mpckernel bench --calibrate`,
take its place (estimate.py).
"""

FITTED = 1795441125.0  # seconds since 1970; results of later runs judge it

SPEEDS: dict[str, float] = {
    "cell": 0.00137,
    "round": 5.46e-05,
    "call": 4.79e-05,
    "step": 4.79e-05,
    "mul bits": 5.99e-11,
    "mul_trunc bits": 1.13e-10,
    "trunc bits": 1.67e-10,
    "floor bits": 1.04e-10,
    "msb bits": 9e-11,
    "is_zero bits": 8.83e-11,
    "headroom bits": 8.17e-11,
    "to_bits bits": 1.02e-10,
    "bit_to_word bits": 7.78e-11,
    "open_words bits": 4.58e-11,
    "add elements": 2.99e-09,
    "sub elements": 3.2e-09,
    "scale elements": 1.6e-08,
    "shift elements": 1.39e-08,
    "matmul bits": 5.99e-11,
    "matmul products": 1.12e-10,
    "matmul_trunc bits": 1.13e-10,
    "matmul_trunc products": 1.16e-10,
    "lanewise bits": 7.71e-11,
    "select bits": 3.16e-11,
    "kept call": 5.35e-05,
    "factors elements": 6.87e-09,
    "places rounds": 0.000268,
    "places bits": 2.55e-10,
    "permute bits": 2.55e-10,
    "other bits": 8.88e-11,
    "other elements": 3.24e-09,
    "other products": 1.14e-10,
}

"""What work takes, measured: seconds on one core of the machine the figures are from.

Written by `mpckernel bench --calibrate --ship`; a user's own, from `mpckernel bench --calibrate`,
take its place (estimate.py).
"""

FITTED = 1795407515.0  # seconds since 1970; results of later runs judge it

SPEEDS: dict[str, float] = {
    "cell": 0.0011,
    "call": 5.58e-05,
    "step": 5.58e-05,
    "round": 5.96e-05,
    "mul bits": 6.92e-11,
    "mul_trunc bits": 1.16e-10,
    "trunc bits": 1.72e-10,
    "floor bits": 1.17e-10,
    "msb bits": 1.1e-10,
    "is_zero bits": 1.01e-10,
    "headroom bits": 8.73e-11,
    "to_bits bits": 1.14e-10,
    "bit_to_word bits": 8.91e-11,
    "open_words bits": 6.03e-11,
    "add elements": 1.68e-09,
    "sub elements": 1.88e-09,
    "scale elements": 1.52e-08,
    "shift elements": 1.41e-08,
    "matmul bits": 6.92e-11,
    "matmul products": 1.15e-10,
    "matmul_trunc bits": 1.16e-10,
    "matmul_trunc products": 1.07e-10,
    "other bits": 1.06e-10,
    "other elements": 1.78e-09,
    "other products": 1.11e-10,
    "lanewise bits": 1.08e-10,
    "select bits": 1.34e-11,
    "factors elements": 1.96e-08,
    "places bits": 2.76e-10,
    "permute bits": 2.76e-10,
}

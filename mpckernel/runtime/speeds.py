"""What work takes, measured: seconds on one core of the machine the figures are from.

Written by `mpckernel bench --calibrate --ship`; a user's own, from `mpckernel bench --calibrate`,
take its place (estimate.py).
"""

FITTED = 1795477872.0  # seconds since 1970; results of later runs judge it

SPEEDS: dict[str, float] = {
    "cell": 0.000771,
    "round": 4.84e-05,
    "call": 5.22e-05,
    "step": 5.22e-05,
    "mul bits": 6.03e-11,
    "mul_trunc bits": 1.09e-10,
    "trunc bits": 1.68e-10,
    "floor bits": 1.01e-10,
    "msb bits": 8.86e-11,
    "is_zero bits": 8.22e-11,
    "headroom bits": 8.05e-11,
    "to_bits bits": 1.03e-10,
    "bit_to_word bits": 7.57e-11,
    "open_words bits": 4.18e-11,
    "add elements": 3.4e-09,
    "sub elements": 2.9e-09,
    "scale elements": 1.74e-08,
    "shift elements": 1.43e-08,
    "matmul bits": 6.03e-11,
    "matmul products": 1.09e-10,
    "matmul_trunc bits": 1.09e-10,
    "matmul_trunc products": 1.15e-10,
    "lanewise bits": 6.71e-11,
    "select bits": 2.16e-11,
    "kept call": 4.78e-05,
    "factors elements": 7.49e-09,
    "places rounds": 0.00029,
    "places bits": 2.52e-10,
    "permute bits": 2.52e-10,
    "other bits": 8.54e-11,
    "other elements": 3.27e-09,
    "other products": 1.14e-10,
    "far round": 5.43e-05,
}

"""What work takes, measured: seconds on one core of the machine the figures are from.

Written by `mpckernel bench --calibrate --ship`; a user's own, from `mpckernel bench --calibrate`,
take its place (estimate.py).
"""

SPEEDS: dict[str, float] = {
    "cell": 0.0015,
    "call": 2e-05,
    "round": 0.0002,
    "other bits": 1.6e-10,
    "other elements": 1.5e-09,
    "other products": 4e-10,
}

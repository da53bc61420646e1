"""Functions of a mantissa, as octave_fit.py has fitted them. Do not edit: run it.

Source: `python -m mpckernel.protocols.composed.octave_fit --write`.
"""

# fmt: off
from mpckernel.protocols.composed.octave import Octave

SQRT = Octave(
    error=4.919384082313627e-07,  # 2^-20.96
    most=1.0,
    coefficients=(
        249614930140848640,
        39675541805,
        -13226742849,
        2095,
        -7288936838,
        1842,
        -1932,
    ),
)

RSQRT = Octave(
    error=2.6414845706312917e-06,  # 2^-18.53
    most=1.4142135623730951,
    coefficients=(
        332819685162464512,
        -52904350163,
        52918866926,
        -13893,
        67345076115,
        -23331,
        30133,
    ),
)

CBRT = Octave(
    error=3.2075058697955683e-07,  # 2^-21.57
    most=1.0,
    coefficients=(
        261874631432749824,
        27749501299,
        -12333849430,
        2170,
        -8045353647,
        2151,
        -2342,
    ),
)

LN = Octave(
    error=1.5890436770860106e-06,  # 2^-19.26
    most=0.6931471805599453,
    coefficients=(
        -82918602609588864,
        91628338262,
        -61094184908,
        12875,
        -53635859099,
        15964,
        -18673,
    ),
)

LOG2 = Octave(
    error=2.0908873921143822e-06,  # 2^-18.87
    most=1.0,
    coefficients=(
        -119626257757776992,
        132191725774,
        -88140239591,
        18575,
        -77380672592,
        23031,
        -26939,
    ),
)

LOG10 = Octave(
    error=8.949609764385968e-07,  # 2^-20.09
    most=0.3010299956639812,
    coefficients=(
        -36011190484568612,
        39793682748,
        -26532500222,
        5592,
        -23294164740,
        6933,
        -8109,
    ),
)

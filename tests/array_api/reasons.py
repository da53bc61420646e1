"""Why a function of the standard misses: every miss in ARRAY_API.md has its reason here."""

SPECIAL = (
    "Special values are those of IEEE 754: NaN, infinities and the negative zero. Fixed point has "
    "none of them; the tests that pass ask for zeros and ones."
)

_SHAPE = "the shape of the result would tell a secret"
_NOT_YET = "no secret version"
_REVEAL = "iterates until the data converge; reveal first"
_FFT = "complex numbers"

REASONS: dict[str, str] = {
    "nonzero": _SHAPE,
    "unique_all": _SHAPE,
    "unique_counts": _SHAPE,
    "unique_inverse": _SHAPE,
    "unique_values": _SHAPE,
    "from_dlpack": "a secret has no memory to hand over; public memory is taken",
    "bitwise_left_shift": "the number of bits is public; the suite's is secret",
    "bitwise_right_shift": "the number of bits is public; the suite's is secret",
    "divide": "a public zero as divisor is refused: there is no infinity",
    "repeat": "a secret number of times would show in the shape; public numbers pass",
    "nextafter": "steps are all of one size: x + 2^-20",
    "std": "no result where no degree of freedom is left: there is no NaN",
    "var": "no result where no degree of freedom is left: there is no NaN",
    "linalg.eigh": _REVEAL,
    "linalg.eigvalsh": _REVEAL,
    "linalg.svd": _REVEAL,
    "linalg.svdvals": _REVEAL,
    "linalg.pinv": _REVEAL,
    "linalg.matrix_rank": _REVEAL,
    "linalg.qr": _NOT_YET,
}
_MISSING = (
    "acos acosh asin asinh atan atan2 atanh floor_divide hypot log log1p log2 log10 pow remainder "
    "linalg.cholesky linalg.det linalg.inv linalg.slogdet linalg.solve"
)
REASONS |= dict.fromkeys(_MISSING.split(), _NOT_YET)
_TRANSFORMS = (
    "fft ifft fftn ifftn rfft irfft rfftn irfftn hfft ihfft fftfreq rfftfreq fftshift ifftshift"
)
REASONS |= dict.fromkeys([f"fft.{name}" for name in _TRANSFORMS.split()], _FFT)
NOT_HELD = {"std", "var"}  # whether the suite meets the reason is up to its examples

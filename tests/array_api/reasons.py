"""Why a function of the standard misses: every miss in ARRAY_API.md has its reason here."""

SPECIAL = (
    "Special values are those of IEEE 754: NaN, infinities and the negative zero. Fixed point has\n"
    "none of them; the tests that pass need none."
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
    "linalg.pinv": "one matrix, not many",
    "pow": "a secret whole power of integers is fixed point, not an integer",
    "linalg.matrix_rank": _REVEAL,
    "linalg.qr": _NOT_YET,
    "linalg.cholesky": "matrices without elements; others pass or are refused as not definite",
    "linalg.inv": "matrices without elements; others pass or are refused as ill-conditioned",
    "linalg.slogdet": "a plain tuple, whose parts have no names",
    "linalg.solve": "matrices without elements; others pass or are refused as ill-conditioned",
    "arange": "the suite's numbers go beyond 2^42",
}
_TRANSFORMS = (
    "fft ifft fftn ifftn rfft irfft rfftn irfftn hfft ihfft fftfreq rfftfreq fftshift ifftshift"
)
REASONS |= dict.fromkeys([f"fft.{name}" for name in _TRANSFORMS.split()], _FFT)
# The suite's one test of values asks for what cannot be; the rest of the function is there.
PARTLY = {
    *("arange", "from_dlpack", "linalg.cholesky", "linalg.inv", "linalg.pinv", "linalg.solve"),
    *("linalg.slogdet", "repeat", "std", "var"),
}
NOT_HELD = {"arange", "std", "var"}  # whether the suite meets the reason is up to its examples

OBJECT = {  # tests of the array object and of constants: (what they try, why they miss)
    "test_getitem": ("indexing by public integers, slices, ..., None", ""),
    "test_scalar_casting": ("bool(x), int(x), float(x)", "only here, where x is revealed"),
    "test_getitem_masking": ("indexing by a secret mask", _SHAPE),
    "test_getitem_arrays_and_ints_1": ("secret positions beside integers", "x[i] alone is there"),
    "test_getitem_arrays_and_ints_2": ("secret positions on several axes", "x[i] alone is there"),
    "test_setitem": ("assignment", "a secret array does not change"),
    "test_setitem_masking": ("assignment by a mask", "a secret array does not change"),
    "test_dlpack_device": ("`__dlpack_device__`", "a secret has no memory to hand over"),
    "test_dunder_dlpack": ("`__dlpack__`", "a secret has no memory to hand over"),
    "test_inf": ("arrays of infinities", "there is no infinity"),
    "test_nan": ("arrays of NaN", "there is no NaN"),
}

"""For the array API test suite: values that fixed point can hold, types that exist.

Loaded before the suite (`-p tests.array_api.plugin`). What it changes: three types (bool, int64,
float64), no complex numbers; numbers are multiples of 2^-10 within 2^10, whole ones within 2^20;
one zero.
"""

import os
from types import SimpleNamespace

import hypothesis.extra.array_api as strategies
import pytest
from hypothesis import Phase, settings

os.environ["ARRAY_API_TESTS_MODULE"] = "tests.array_api.adapter"
os.environ["ARRAY_API_TESTS_VERSION"] = "2024.12"
os.environ["ARRAY_API_TESTS_SKIP_DTYPES"] = "uint8,uint16,uint32,uint64,int8,int16,int32,float32"

from typing import Any

from tests.array_api import adapter


@pytest.hookimpl(trylast=True)
def pytest_configure(config: Any) -> None:
    """Failures as they are found: nobody reads the smallest one here."""
    usual = settings.get_profile("array-api-tests")
    fast = (Phase.explicit, Phase.generate)
    settings.register_profile("table", usual, phases=fast, database=None)
    settings.load_profile("table")


STEPS = 2**10
REALS, WHOLE = 2.0**10, 2**20


def _within(kwargs: dict[str, Any], most: float) -> dict[str, Any]:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    kwargs["min_value"] = -most if low is None else max(low, -most)
    kwargs["max_value"] = most if high is None else min(high, most)
    return kwargs


_from_dtype = strategies._from_dtype


def from_dtype(xp: Any, api_version: Any, dtype: Any, **kwargs: Any) -> Any:
    """Numbers that fixed point holds exactly."""
    if dtype == adapter.float64:
        for name in ("allow_nan", "allow_infinity"):
            kwargs.pop(name, None)
        found = _from_dtype(xp, api_version, dtype, **_within(kwargs, REALS))
        low, high = kwargs["min_value"], kwargs["max_value"]
        return found.map(lambda v: min(max(round(v * STEPS) / STEPS, low), high))
    if dtype == adapter.int64:
        _within(kwargs, WHOLE)
    return _from_dtype(xp, api_version, dtype, **kwargs)


strategies._from_dtype = from_dtype


# The suite cannot be imported without complex numbers; they are taken away again.

COMPLEX = ("complex64", "complex128")
adapter.complex64, adapter.complex128 = COMPLEX
adapter.float32, adapter.int32 = "float32", adapter.int64

import array_api_tests._array_module  # noqa: E402, F401

_asarray = adapter.asarray


def _with_complex(x: Any) -> Any:
    return SimpleNamespace(dtype="complex128") if isinstance(x, complex) else _asarray(x)


adapter.asarray = _with_complex
from array_api_tests import dtype_helpers as dh  # noqa: E402

adapter.asarray = _asarray
dh.complex_dtypes = ()
dh.numeric_dtypes = dh.real_dtypes
dh.all_dtypes = (adapter.bool, *dh.real_dtypes)
dh.all_float_dtypes = dh.real_float_dtypes
dh.kind_to_dtypes.update({"complex floating": (), "numeric": dh.real_dtypes})
dh.func_in_dtypes.default_factory = lambda: dh.all_dtypes
for name, types in dh.func_in_dtypes.items():
    dh.func_in_dtypes[name] = tuple(t for t in types if t not in COMPLEX)
dh.promotion_table = dh.EqualityMapping(
    [(pair, t) for pair, t in dh.promotion_table.items() if t not in COMPLEX]
)
limits = adapter.iinfo(adapter.int64), adapter.finfo(adapter.float64)
dh.dtype_ranges = dh.EqualityMapping([(t.dtype, dh.MinMax(t.min, t.max)) for t in limits])

from array_api_tests import array_helpers as ah  # noqa: E402

ah.isnegzero = lambda x: ah.false(x.shape)  # there is one zero
ah.isposzero = lambda x: ah.equal(x, ah.zero(x.shape, x.dtype))

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.runtime.digest import digest, encode

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)


def kinded(value: object) -> object:
    """Equal only if types are equal too: 1, True and 1.0 are different things to agree on."""
    if isinstance(value, tuple):
        return ("t", *map(kinded, value))
    return (type(value).__name__, value)


@given(plain, plain)
def test_different_values_never_encode_alike(a, b):
    assert (encode(a) == encode(b)) == (kinded(a) == kinded(b))


def test_fields_do_not_run_into_each_other():
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(("a",), "b") != digest("a", ("b",))
    assert digest(1) != digest("1") != digest(True)


def test_arrays_differ_by_type_shape_and_content():
    a = np.arange(6, dtype=np.uint64)
    seen = {
        digest(x) for x in (a, a.reshape(2, 3), a.reshape(3, 2), a.view(np.int64), a[::-1].copy())
    }
    assert len(seen) == 5
    assert digest(a[::2]) == digest(a[::2].copy())

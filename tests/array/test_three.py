"""Three parties over memory links against one party in the clear, on random programs."""

from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpckernel.array import OwnerName, Withheld, concat, reveal, settle, sfix16, share
from mpckernel.errors import CellsDiffer, UsageError
from tests.array.clear import Clear
from tests.rooms import Rooms, three_rooms

PARTIES = [OwnerName(name, k) for k, name in enumerate(("alice", "bob", "carol"))]
STEP = 2.0**-20

# Of x: (3, 4) reals up to 8, n: (3, 4) integers up to 8, b: (3, 4) booleans. Exact ones first.
EXACT: dict[str, Callable[..., Any]] = {
    "add": lambda x, n, b: x + n,
    "subtract": lambda x, n, b: n - b,
    "multiply": lambda x, n, b: n * n,
    "mixed product": lambda x, n, b: n * x,
    "scale": lambda x, n, b: 3 * n - 2,
    "compare": lambda x, n, b: x < n,
    "compare public": lambda x, n, b: x >= 0.3,
    "equal": lambda x, n, b: n == 2,
    "equal secrets": lambda x, n, b: n == n[::-1],
    "logic": lambda x, n, b: (b & (n > 1)) | ~b ^ (x > 0),
    "where": lambda x, n, b: np.where(b, x, n),
    "where public": lambda x, n, b: np.where(np.eye(3, 4) == 1, n, 7),
    "abs": lambda x, n, b: np.abs(x),
    "sign": lambda x, n, b: np.sign(n),
    "floor": lambda x, n, b: np.floor(x),
    "astype": lambda x, n, b: x.astype(int),
    "clip": lambda x, n, b: np.clip(x, -1.5, n),
    "max": lambda x, n, b: x.max(axis=1),
    "argmin": lambda x, n, b: np.argmin(n, axis=0),
    "any": lambda x, n, b: b.any(axis=0),
    "all": lambda x, n, b: np.all(b),
    "sum": lambda x, n, b: x.sum(axis=0),
    "count": lambda x, n, b: np.count_nonzero(b),
    "cumsum": lambda x, n, b: n.cumsum(axis=1),
    "matmul": lambda x, n, b: n @ n.T,
    "matmul public": lambda x, n, b: x @ np.arange(8).reshape(4, 2),
    "einsum": lambda x, n, b: np.einsum("ij,kj->ik", n, b),
    "stack": lambda x, n, b: np.stack([x, n, b], axis=1)[0, 1:, ::2],
    "move": lambda x, n, b: np.roll(x.T, 1)[[0, 2]].reshape(2, 3),
    "bits moved": lambda x, n, b: np.concatenate([b, b[:1]]).T[:, 1:],
    "repeat bits": lambda x, n, b: np.repeat(b, 2, axis=0),
    "or public": lambda x, n, b: (b | True) ^ (b | np.False_) ^ (b | (np.arange(4) > 1)),
    "floor divide": lambda x, n, b: n // 4,
    "empty": lambda x, n, b: x[:0] * 2 > 1,
}
STOCHASTIC: dict[str, tuple[Callable[..., Any], float]] = {
    "product": (lambda x, n, b: x * x, STEP),
    "product of three": (lambda x, n, b: x * x * x, 20 * STEP),
    "by public": (lambda x, n, b: x * 0.3, 6 * STEP),
    "integers by public": (lambda x, n, b: n * 0.7, 6 * STEP),
    "matmul": (lambda x, n, b: x @ x.T, STEP),
    "limbs": (lambda x, n, b: (x * 2**17) * x, 1.001 * STEP),
    "matmul in limbs": (lambda x, n, b: (x * 2**16) @ x.T, 1.001 * STEP),
    "dot": (lambda x, n, b: np.vecdot(x, x), STEP),
    "power": (lambda x, n, b: x**2 + x, 2 * STEP),
    "coarser": (lambda x, n, b: x.astype(sfix16), 2.0**-16),
}


@pytest.fixture(scope="module")
def three() -> Iterator[Rooms]:
    with three_rooms() as rooms:
        yield rooms


def owned(seed: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)  # noqa: TID251  (test data)
    x = np.rint(rng.uniform(-8, 8, (3, 4)) * 2**20) / 2**20
    n = rng.integers(-8, 9, (3, 4))
    return [{"x": x}, {"n": n}, {"b": rng.random((3, 4)) < 0.5}]


def inputs() -> tuple[Any, ...]:
    alice, bob, carol = PARTIES
    return share(alice.x, bound=8), share(bob.n, bound=8), share(carol.b)


@given(seed=st.integers(0, 2**32 - 1), names=st.lists(st.sampled_from(sorted(EXACT)), min_size=3))
@settings(max_examples=10)
def test_exact_programs(three: Rooms, seed: int, names: list[str]) -> None:
    private = owned(seed)

    def program(cell: Any) -> Any:
        return reveal([EXACT[name](*inputs()) for name in names])

    values = [v for space in private for v in space.values()]
    wants = [EXACT[name](*_as_numbers(name, *values)) for name in names]
    for party in three.run(program, private):
        for name, got, want in zip(names, settle(party), wants, strict=True):
            np.testing.assert_array_equal(got, want, err_msg=name)


def _as_numbers(name: str, x: Any, n: Any, b: Any) -> tuple[Any, ...]:
    return x, n, b.astype(int) if name in ("subtract", "stack", "einsum") else b


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=5)
def test_every_exact_operation(three: Rooms, seed: int) -> None:
    test_exact_programs.hypothesis.inner_test(three, seed, sorted(EXACT))  # type: ignore[attr-defined]


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=10)
def test_every_rounded_operation(three: Rooms, seed: int) -> None:
    private = owned(seed)

    def program(cell: Any) -> Any:
        return reveal([f(*inputs()) for f, _ in STOCHASTIC.values()])

    values = [v for space in private for v in space.values()]
    for party in three.run(program, private):
        for (name, (f, error)), got in zip(STOCHASTIC.items(), settle(party), strict=True):
            want = f(*values) if name != "coarser" else values[0]
            assert np.all(np.abs(got - want) <= error), name


def test_the_clear_and_the_secret_agree(three: Rooms, clear: Clear) -> None:
    """What both schemes can run gives the same exact results."""
    private = owned(7)
    merged = {k: v for space in private for k, v in space.items()}
    alice = PARTIES[0]

    def everything(x: Any, n: Any, b: Any) -> Any:
        return [EXACT[name](x, n, b) for name in sorted(EXACT)]

    def there(cell: Any) -> Any:
        return reveal(everything(*inputs()))

    here = clear.cell(
        lambda: everything(share(alice.x, bound=8), share(alice.n, bound=8), share(alice.b)), merged
    )
    for got, want in zip(settle(three.run(there, private)[1]), here, strict=True):
        np.testing.assert_array_equal(got, want, strict=True)


def test_columns_of_all_owners(three: Rooms) -> None:
    private = [{"age": [30, 40]}, {"age": [55]}, {"age": [61, 18, 70]}]

    def program(cell: Any) -> Any:
        alice, bob, carol = PARTIES
        age = concat(alice.age, bob.age, carol.age)
        assert age.owners == {"alice", "bob", "carol"}
        where = "shares at alice, bob and carol; one party's shares tell nothing"
        assert repr(age) == f"<secret sint (6,) from alice, bob and carol; {where}>"
        assert where in unescape(age._repr_html_())
        return reveal(age.sum(), (age > 50).sum()), reveal(age.max(), to=bob), age

    results = three.run(program, private)
    for me, (sums, oldest, _) in enumerate(results):
        assert settle(sums) == (274, 3)
        value = settle(oldest)
        assert value == 70 if me == 1 else isinstance(value, Withheld)
    again = three.run([lambda cell, x=x: reveal(x.min()) for *_, x in results])
    assert [settle(v) for v in again] == [18, 18, 18]


def test_what_an_owner_cannot_give_ends_everywhere(three: Rooms) -> None:
    def program(cell: Any) -> Any:
        return reveal(PARTIES[1].nope + 1)

    futures = three.start(program)
    for future in futures:
        with pytest.raises(UsageError, match=r"^bob: no variable nope, asked for by this cell"):
            future.result(20)

    def out_of_range(cell: Any) -> Any:
        return reveal(share(PARTIES[2].x, bound=10) + 1)

    private: list[dict[str, Any]] = [{}, {}, {"x": [1.0, 4711.5]}]
    for future in three.start(out_of_range, private):
        with pytest.raises(UsageError, match=r"^carol: carol.x: 1 value is beyond") as caught:
            future.result(20)
        assert "4711" not in str(caught.value)


def test_a_public_value_that_differs_is_found(three: Rooms) -> None:
    def program(cell: Any) -> Any:
        return reveal(share(PARTIES[0].x) * (2 + cell.me))

    for future in three.start(program, [{"x": 1}, {}, {}]):
        with pytest.raises(CellsDiffer, match="public value differs"):
            future.result(20)


def test_using_an_opened_value_at_every_party(three: Rooms) -> None:
    def program(cell: Any) -> Any:
        x = share(PARTIES[0].x)
        n = reveal(x.sum())
        total = x[:0].sum()
        for k in range(n):
            total = total + k
        return reveal(total)

    results = three.run(program, [{"x": [1, 3]}, {}, {}])
    assert [settle(r) for r in results] == [6, 6, 6]

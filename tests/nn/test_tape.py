"""What is put on the tape, in which order gradients meet, and what is refused."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.errors import ImplicitReveal, Unsupported, UsageError
from mpckernel.nn.modes import products_in
from mpckernel.nn.pending import Pending, combined, exactly, rounded
from mpckernel.nn.tape import Scaled, together
from tests.rooms import plain_room

ALICE = OwnerName("alice", 0)
X = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]])
W = np.array([[0.5, 1.0], [-1.0, 0.25], [2.0, -0.5]])


@pytest.fixture(scope="module")
def room():
    with plain_room() as one:
        yield one


def run(room: Any, program: Any) -> Any:
    (result,) = room.run(
        lambda cell: program(tensor("x"), tensor("w")), [{"x": X, "w": W, "c": X @ W}]
    )
    return settle(result)


def tensor(name: str) -> nn.Tensor:
    values = share(getattr(ALICE, name), bound=8, dtype=mpckernel.sfix16)
    return nn.Tensor(values, requires_grad=True)


def opened(*xs: Any) -> Any:
    return reveal([x.data for x in xs])


def test_gradients_meet(room: Any) -> None:
    """x is used three times, with different public factors."""

    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        loss = np.sum(x * x) / 4 + np.mean(x) - 0.5 * np.sum(x[0])
        loss.backward()
        return opened(x.grad, loss)

    slope, loss = run(room, program)
    want = X / 2 + 1 / 6 - np.array([[0.5], [0.0]])
    np.testing.assert_allclose(slope, want, atol=2.0**-14)
    np.testing.assert_allclose(loss, (X**2).sum() / 4 + X.mean() - X[0].sum() / 2, atol=2.0**-13)


def test_a_weight_used_twice(room: Any) -> None:
    """The gradients of a weight are products that are computed as one."""

    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        loss = np.sum(x.data @ w) + np.sum((2 * x.data) @ w)
        loss.backward()
        assert isinstance(w.gradient.data, Pending)
        assert len(w.gradient.data.terms) == 1
        return opened(w.grad)

    (slope,) = run(room, program)
    np.testing.assert_allclose(slope, 3 * X.sum(0)[:, None] * np.ones((1, 2)), atol=2.0**-13)


def test_a_weight_and_its_transpose(room: Any) -> None:
    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        loss = np.sum((x.data @ w) @ w.T)
        loss.backward()
        return opened(w.grad)

    (slope,) = run(room, program)
    ones = np.ones_like(X)
    np.testing.assert_allclose(slope, X.T @ (ones @ W) + ones.T @ (X @ W), atol=2.0**-12)


def test_gradients_add_up_until_they_are_cleared(room: Any) -> None:
    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        np.sum(x).backward()
        (3 * np.sum(x)).backward()
        first = x.grad
        x.zero_grad()
        assert x.grad is None
        np.sum(x).backward()
        return opened(first, x.grad)

    first, again = run(room, program)
    assert (first == 4).all()
    assert (again == 1).all()


def test_a_tape_is_used_once(room: Any) -> None:
    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        kept = np.sum(x * x)
        kept.backward(retain_graph=True)
        kept.backward()
        with pytest.raises(UsageError, match="has been called before"):
            kept.backward()
        return opened(x.grad)

    np.testing.assert_array_equal(run(room, program)[0], 4 * X)


def test_what_is_not_on_the_tape(room: Any) -> None:
    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        with nn.no_grad():
            aside = x @ w
        assert not aside.requires_grad
        with pytest.raises(UsageError, match="nothing with requires_grad"):
            np.sum(aside).backward()
        np.sum(x * x.detach()).backward()
        assert not (x > 0).requires_grad
        assert not np.argmax(x, axis=1).requires_grad
        return opened(x.grad)

    np.testing.assert_array_equal(run(room, program)[0], X)


def test_refused(room: Any) -> None:
    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        with pytest.raises(UsageError, match="takes gradient="):
            (x @ w).backward()
        with pytest.raises(Unsupported, match=r"np\.sort has no derivative"):
            np.sort(x)
        with pytest.raises(Unsupported, match="not written into"):
            np.add(x, x, out=np.zeros((2, 3)))
        with pytest.raises(Unsupported, match="reduce of tensors"):
            np.add.reduce(x)
        with pytest.raises(Unsupported, match="each letter once"):
            np.einsum("ii->i", w[:2])
        with pytest.raises(Unsupported, match="constant_values are 0"):
            np.pad(x, 1, constant_values=3)
        for look in (bool, int, float, list, np.asarray):
            with pytest.raises(ImplicitReveal):
                look(x)
        return reveal(share(ALICE.x))

    run(room, program)


def test_beside_secrets_and_public_arrays(room: Any) -> None:
    """Whoever stands on the left, a tensor comes out."""

    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        secret = share(ALICE.x, bound=8, dtype=mpckernel.sfix16)
        found = [secret + x, X + x, ALICE.x * x, secret @ w, np.where(secret > 0, x, 0)]
        assert all(isinstance(y, nn.Tensor) and y.requires_grad for y in found)
        np.sum(found[0] + found[1] + found[2] + found[4]).backward()
        return opened(x.grad)

    np.testing.assert_allclose(run(room, program)[0], 2 + X + (X > 0), atol=2.0**-14)


def test_names_of_arguments(room: Any) -> None:
    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        np.sum(np.clip(a=x, a_min=-1.0, a_max=1.0)).backward()
        return opened(x.grad)

    np.testing.assert_array_equal(run(room, program)[0], np.abs(X) <= 1)


def test_products_are_of_the_type_asked_for(room: Any) -> None:
    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        fine = nn.Tensor(share(ALICE.x, bound=8))
        assert (fine @ w).dtype == mpckernel.sfix20
        with products_in(mpckernel.sfix(12)):
            assert (fine @ w).dtype == mpckernel.sfix(12)
            assert (fine * fine).dtype == mpckernel.sfix(12)
        return opened(fine)

    run(room, program)


def test_a_product_that_waits(room: Any) -> None:
    """Rate, sum and change of scale go into one cut."""

    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        c = share(ALICE.c, bound=64, dtype=mpckernel.sfix16)
        late = Pending(x.data, w.data, t=mpckernel.sfix16)
        before = len(mpckernel.array.secret.current().plan.calls)
        new = late.update(mpckernel.sfix16, Fraction(-1, 8), c)
        calls = mpckernel.array.secret.current().plan.calls[before:]
        cuts = [k for k in calls if k.op is not None and k.op.rounds_of(**k.params)]
        assert len(cuts) <= 1
        turned = late.T.update(mpckernel.sfix16, 1, np.transpose(c))
        flat = np.reshape(late, (4,)).update(mpckernel.sfix16, 1, np.reshape(c, (4,)))
        both = late + late
        return reveal([new, turned, flat, both.value(), late + c, late.sum()])

    new, turned, flat, both, plus, total = run(room, program)
    step, z = 2.0**-15, X @ W
    np.testing.assert_allclose(new, z - z / 8, atol=step)
    np.testing.assert_allclose(turned, 2 * z.T, atol=step)
    np.testing.assert_allclose(flat, 2 * z.reshape(-1), atol=step)
    np.testing.assert_allclose(both, 2 * z, atol=step)
    np.testing.assert_allclose(plus, 2 * z, atol=step)
    np.testing.assert_allclose(total, z.sum(), atol=4 * step)


@pytest.mark.parametrize("times", [1, 0, 0.1, -0.9, 2.0**-20, 300, 255.6, -1 / 3, 1e-9])
def test_factors_have_eight_bits(times: float) -> None:
    near = rounded(times)
    assert abs(near - Fraction(times)) <= abs(Fraction(times)) / 256
    mantissa = near.numerator
    while mantissa and mantissa % 2 == 0:
        mantissa //= 2
    assert abs(mantissa) < 256
    assert near.denominator & (near.denominator - 1) == 0


def test_exact_and_cut_factors(room: Any) -> None:
    def program(x: nn.Tensor, w: nn.Tensor) -> Any:
        y = exactly(x.data, 0.875)
        assert y.dtype.f == 19
        large = exactly(x.data, 512)
        cut = combined(x.data, mpckernel.sfix16, Fraction(3, 8), x.data)
        return reveal([y, large, cut])

    exact, large, cut = run(room, program)
    np.testing.assert_array_equal(exact, X * 0.875)
    np.testing.assert_array_equal(large, X * 512)
    np.testing.assert_allclose(cut, X * 1.375, atol=2.0**-16)


def test_sums_of_factors() -> None:
    a, b = Scaled(np.array([2]), Fraction(1)), Scaled(np.array([3]), Fraction(1, 4))
    assert together(a, b) == Scaled(np.array([11]), Fraction(1, 4))
    odd = together(a, Scaled(np.array([3.0]), Fraction(1, 3) * Fraction(2, 7)))
    assert float(odd.data[0] * odd.times) == pytest.approx(2 + 2 / 7)
    zero = together(a, Scaled(np.array([3]), Fraction(0)))
    assert float(zero.data[0] * zero.times) == 2

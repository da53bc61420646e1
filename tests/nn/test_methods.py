"""What PyTorch's users write after a dot: it works, or the way out is named."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.errors import ImplicitReveal, Unsupported, UsageError
from tests.rooms import plain_room

ALICE = OwnerName("alice", 0)
X = np.array([[[1.5, -2.0, 0.5], [0.25, 3.0, -1.0]]])


@pytest.fixture(scope="module")
def room():
    with plain_room() as one:
        yield one


def run(room: Any, program: Callable[[nn.Tensor], Any], x: np.ndarray = X) -> Any:
    def cell(_: Any) -> Any:
        values = share(ALICE.x, bound=4, dtype=mpckernel.sfix16)
        return reveal(program(nn.Tensor(values, requires_grad=True)))

    (result,) = room.run(cell, [{"x": x}])
    return settle(result)


METHODS: dict[str, Callable[[Any], Any]] = {
    "view": lambda t: t.view(t.size(0), -1),
    "flatten": lambda t: t.flatten(1),
    "flatten all": lambda t: t.flatten(),
    "transpose": lambda t: t.transpose(1, 2),
    "t": lambda t: t[0].t(),
    "permute": lambda t: t.permute((2, 1, 0)).contiguous(),
    "unsqueeze": lambda t: t.unsqueeze(-1).squeeze(dim=0),
    "clamp": lambda t: t.clamp(-1, 1),
    "clamp by name": lambda t: t.clamp(min=0.0) + t.clamp(max=1),
    "arithmetic": lambda t: t.add(1).mul(2).sub(t).div(4).neg(),
    "mm": lambda t: t[0].mm(t[0].t()),
    "abs": lambda t: t.abs().sum(dim=-1, keepdim=True),
    "pow": lambda t: t.pow(2).mean(dim=(0, 1)),
    "clone": lambda t: t.clone().float().to("cpu").cpu(),
    "relu": lambda t: t.relu(),
    "softmax": lambda t: t.softmax(dim=-1) + t.log_softmax(-1).exp(),
    "sigmoid": lambda t: t.sigmoid() + t.tanh(),
    "var": lambda t: t.var() + t.var(dim=2, keepdim=True) + t.var(2, False).sum(),
    "std": lambda t: t.std() + t.std(-1, correction=0).sum(),
    "max": lambda t: t.max() + t.amax(dim=2) - t.min() - t.amin(1).sum(),
    "repeat": lambda t: t.repeat(2, 1, 3) + t.repeat((2, 1, 1, 3)),
    "repeat_interleave": lambda t: t.repeat_interleave(2, dim=1),
}


@pytest.mark.parametrize("name", METHODS)
def test_values_and_gradients_are_those_of_pytorch(room: Any, name: str) -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.tensor(X, requires_grad=True)
    want = METHODS[name](theirs)
    want.sum().backward()

    def program(t: nn.Tensor) -> Any:
        y = METHODS[name](t)
        np.sum(y * 1.0).backward(share(ALICE.x)[0, 0, 0] * 0 + 1)
        return [y, t.grad]

    value, gradient = run(room, program)
    np.testing.assert_allclose(value, want.detach().numpy(), atol=2.0**-8)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), atol=2.0**-8)


def test_names_that_mean_something_else_in_numpy(room: Any) -> None:
    def program(t: nn.Tensor) -> Any:
        for call in (lambda: t.max(1)[0], lambda: t.max(dim=1), lambda: t.max(t)):
            with pytest.raises(Unsupported, match=r"t\.amax\(dim=1\) gives the values, t\.argmax"):
                call()
        with pytest.raises(Unsupported, match=r"t\.amin"):
            t.min(2)
        with pytest.raises(UsageError, match=r"each of 3 axes; .*np\.repeat"):
            t.repeat(2)
        return [
            np.var(t),
            np.std(t, axis=2),
            t.var(axis=1, ddof=0),
            t.max(axis=1, keepdim=True)[:, 0],
            np.repeat(t, 2),
        ]

    want = [np.var(X), np.std(X, axis=2), X.var(axis=1), X.max(axis=1), np.repeat(X, 2)]
    for got, expected in zip(run(room, program), want, strict=True):
        np.testing.assert_allclose(got, expected, atol=2.0**-8)


def test_sizes(room: Any) -> None:
    def program(t: nn.Tensor) -> Any:
        assert t.size == t.numel() == np.size(t) == 6
        assert t.size() == t.shape == (1, 2, 3)
        assert (t.size(0), t.size(-1), t.dim()) == (1, 3, 3)
        with pytest.raises(UsageError, match=r"size\(3\) of an array of shape \(1, 2, 3\)"):
            t.size(3)
        assert t.transpose(2, 0, 1).shape == t.transpose((2, 0, 1)).shape == (3, 1, 2)
        assert t.transpose().shape == (3, 2, 1)
        return t[0, 0, 0].flatten()

    assert run(room, program).shape == (1,)


def test_types(room: Any) -> None:
    def program(t: nn.Tensor) -> Any:
        whole, on = t.long(), t.bool()
        assert t.float() is t
        assert not whole.requires_grad
        assert (whole.dtype.kind, whole.float().dtype.f, on.dtype.kind) == ("i", 20, "b")
        return [whole, t.int(), on.float(), t.gt(0).float()]

    whole, again, on, up = run(room, program, X - 0.5)
    np.testing.assert_array_equal(whole, np.trunc(X - 0.5))
    np.testing.assert_array_equal(again, whole)
    np.testing.assert_array_equal(on, X != 0.5)
    np.testing.assert_array_equal(up, X > 0.5)


def test_what_would_need_values_says_reveal(room: Any) -> None:
    def program(t: nn.Tensor) -> Any:
        loss = t.mean()
        for look in (
            loss.item,
            t.tolist,
            t.detach().cpu().numpy,
            loss.__float__,
        ):
            with pytest.raises(ImplicitReveal, match=r"on purpose, and use what reveal\(t\)"):
                look()
        with pytest.raises(ImplicitReveal, match=r"on purpose: \{reveal\(loss\):\.3f\}"):
            f"{loss:.3f}"
        assert f"{loss}" == repr(loss)
        assert f"{reveal(loss):.3f}" == f"{X.mean():.3f}"
        with pytest.raises(Unsupported, match=r"np\.where\(mask, new, x\)"):
            t[0] = 1
        return loss

    assert run(room, program) == pytest.approx(X.mean(), abs=2.0**-14)


def test_public_numbers_are_read() -> None:
    t = nn.Tensor(np.array([[0.125]]))
    assert (t.item(), t.tolist(), float(t), f"{t:.2f}") == (0.125, [[0.125]], 0.125, "0.12")
    np.testing.assert_array_equal(t.detach().numpy(), [[0.125]])
    for look in (np.asarray, bool, list):
        with pytest.raises(Unsupported, match=r"of public numbers, t\.numpy\(\)"):
            look(t)


def test_names_that_are_none() -> None:
    t = nn.Tensor(np.ones(3))
    assert {"softmax", "clamp", "view"} <= set(dir(t))
    with pytest.raises(AttributeError, match="no attribute 'bernoulli_'"):
        t.bernoulli_()
    for name in ("DataLoader", "utils"):
        with pytest.raises(AttributeError, match=r"nn\.fit\(model, .* batch_size=\.\.\.\)"):
            getattr(nn, name)
    with pytest.raises(AttributeError, match="BCEWithLogitsLoss"):
        _ = nn.BCELoss
    with pytest.raises(AttributeError, match=r"no attribute 'LSTM'$"):
        _ = nn.LSTM

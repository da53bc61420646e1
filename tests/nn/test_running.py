"""Running means and variances: how near to PyTorch's formula a layer is after eval()."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, sfix, sfix16, share
from mpckernel.errors import PeerError
from mpckernel.nn import running
from mpckernel.nn.torch import _model
from tests.array.clear import alice
from tests.rooms import Rooms, three_rooms

BOB = OwnerName("bob", 1)
EPS, MEAN = 1e-5, 0.123456789
VARIANCES = 10.0 ** np.arange(-8, 5)
LOW = 2.0**-17  # of a result, of a layer that errs by its own roundings alone
NORM = {"name": "", "class": "BatchNorm1d", "children": 0, "training": False, "frozen": []}
ARGUMENTS = {"num_features": 2, "eps": EPS, "momentum": 0.1, "affine": False}


@pytest.fixture(scope="module")
def three() -> Iterator[Rooms]:
    with three_rooms() as rooms:
        yield rooms


def layer() -> nn.BatchNorm1d:
    made = nn.BatchNorm1d(len(VARIANCES))
    made.running_mean, made.running_var = np.full(len(VARIANCES), MEAN), VARIANCES
    made.eval()
    return made


def rows(mean: float) -> np.ndarray:
    """Up to two standard deviations away, exact as sfix16."""
    z = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0])[:, None] * np.sqrt(VARIANCES + EPS)
    return np.round((mean + z) * 2**16) / 2**16


def far(got: Any, want: np.ndarray) -> np.ndarray:
    """By channel, of the result, and of 1 where it is less."""
    return (np.abs(got - want) / np.maximum(1, np.abs(want))).max(axis=0)


@pytest.mark.parametrize("predict", [False, True])
@pytest.mark.parametrize("into", [False, True])
def test_taken_over_at_any_variance(three: Rooms, predict: bool, into: bool) -> None:
    x = rows(MEAN)

    def program(_: Any) -> Any:
        mine = nn.BatchNorm1d(len(VARIANCES)) if into else None
        model = nn.from_torch(alice.model, into=mine)
        given = share(BOB.x, bound=256.0, dtype=sfix16)
        return reveal(nn.predict(model, given) if predict else model(given).data)

    got = settle(three.run(program, [{"model": layer()}, {"x": x}, {}])[0])
    want = (x - MEAN) / np.sqrt(VARIANCES + EPS)
    assert (far(got, want) <= 2.0**-29 / (2 * (VARIANCES + EPS)) + 4 * LOW).all()


def test_public_ones_are_as_near(clear: Any) -> None:
    x = rows(MEAN)

    def program() -> Any:
        return nn.predict(nn.from_torch(layer()), share(alice.x, bound=256.0, dtype=sfix16))

    got = clear.cell(program, {"x": x})
    want = (x - MEAN) / np.sqrt(VARIANCES + EPS)
    assert (far(got, want) <= 2.0**-29 / (2 * (VARIANCES + EPS)) + 4 * LOW).all()


def test_learned_and_then_fixed(clear: Any) -> None:
    """After so many equal batches that only what rounding leaves is between both."""
    generator, steps = np.random.default_rng(1), 60  # noqa: TID251
    z = generator.normal(size=(32, len(VARIANCES)))
    batch = np.round((z - z.mean(axis=0)) / z.std(axis=0) * np.sqrt(VARIANCES) * 2**16) / 2**16

    def program(batch: Any, x: Any) -> Any:
        made = nn.BatchNorm1d(len(VARIANCES), momentum=0.5)
        for _ in range(steps):
            made(batch)
        made.eval()
        return made(x).data, made.running_var

    x = rows(0.0)
    got, variance = clear(program, bound=512.0, batch=batch, x=x)
    mean, exact = batch.mean(axis=0), batch.var(axis=0, ddof=1)
    want = (x - mean) / np.sqrt(exact + EPS)
    assert (np.abs(variance - exact) <= 2.0**-28 / 0.5 + exact * 2.0**-20).all()
    beside = (2.0**-28 / 0.5) / (2 * (exact + EPS)) + 2.0**-16 / np.sqrt(exact + EPS)
    assert (far(got, want) <= beside + 4 * LOW).all()


def test_taken_over_and_trained_on(three: Rooms) -> None:
    """train() after eval() goes on from the owner's numbers, under PyTorch's names."""
    x = np.linspace(-2, 2, 24).reshape(12, 2)

    def program(_: Any) -> Any:
        model = nn.from_torch(alice.model).train()
        model(share(BOB.x, bound=4.0, dtype=sfix16))
        return list(model.state_dict()), reveal(dict(model.state_dict()))

    model = nn.BatchNorm1d(2)
    model.running_mean, model.running_var = np.array([0.25, 3.0]), np.array([1e-6, 40.0])
    names, state = three.run(program, [{"model": model.eval()}, {"x": x}, {}])[0]
    assert names == ["weight", "bias", "running_mean", "running_var"]
    after = settle(state)
    mean = 0.9 * model.running_mean + 0.1 * x.mean(axis=0)
    variance = 0.9 * model.running_var + 0.1 * x.var(axis=0, ddof=1)
    np.testing.assert_allclose(after["running_mean"], mean, rtol=0, atol=2.0**-16)
    np.testing.assert_allclose(after["running_var"], variance, rtol=0, atol=2.0**-16)


def test_types_of_running_numbers() -> None:
    assert [running.finest(most).f for most in (1e-9, 1.0, 2.0**30, 2.0**31, 2.0**50)] == [
        30, 30, 30, 29, 10,
    ]  # fmt: skip


@pytest.mark.parametrize(("mean", "variance"), [(sfix(30), sfix(7)), (sfix16, sfix(30))])
def test_which_types_a_peer_may_choose(clear: Any, mean: Any, variance: Any) -> None:
    """Of running numbers any fixed one, of weights none but what from_torch was asked for."""

    def program() -> Any:
        ones = [share(np.ones(2), dtype=t) for t in (sfix16, sfix16, mean, variance)]
        affine = {**NORM, "arguments": {**ARGUMENTS, "affine": True}}
        model = _model(iter([affine]), iter([(x, 2.0) for x in ones]), sfix16)[1]
        with pytest.raises(PeerError, match="cannot be"):
            _model(iter([affine]), iter([(x, 2.0) for x in ones[::-1]]), sfix16)
        whole = [share(np.ones(2, np.int64)) for _ in range(2)]
        with pytest.raises(PeerError, match="cannot be"):
            _model(iter([{**NORM, "arguments": ARGUMENTS}]), iter([(x, 2.0) for x in whole]), mean)
        return model.running_var + 0 * share(alice.x)

    assert (clear.cell(program, {"x": 1.0}) == 1).all()

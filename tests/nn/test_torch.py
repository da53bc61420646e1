"""Models taken over from their owner: the same answers, and refusals before anything is sent."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import OwnerName, Withheld, reveal, settle, sfix, sfix24, share
from mpckernel.errors import PeerError, Unsupported, UsageError
from mpckernel.nn.torch import _model, _understood, from_torch
from tests.nn import standins
from tests.rooms import Rooms, three_rooms

ALICE, BOB = OwnerName("alice", 0), OwnerName("bob", 1)


@pytest.fixture(scope="module")
def three() -> Iterator[Rooms]:
    with three_rooms() as rooms:
        yield rooms


@pytest.fixture(scope="module")
def digits() -> dict[str, Any]:
    """Random features of images and the least squares on them: 95 % of the digits."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = x / 16
    rng = np.random.default_rng(7)  # noqa: TID251  (test data)
    w, b = rng.normal(size=(128, 64)) / 4, rng.normal(size=128) / 4
    hidden = np.maximum(x[:1500] @ w.T + b, 0)
    top = np.linalg.lstsq(np.c_[hidden, np.ones(1500)], np.eye(10)[y[:1500]], rcond=1e-4)[0].T
    model = standins.Sequential(
        standins.Linear(w, b), standins.ReLU(), standins.Linear(top[:, :-1], top[:, -1])
    )
    scores = np.maximum(x[1500:] @ w.T + b, 0) @ top[:, :-1].T + top[:, -1]
    return {"model": model, "x": x[1500:], "y": y[1500:], "scores": scores}


def test_private_inference_of_twenty_digits(three: Rooms, digits: dict[str, Any]) -> None:
    def program(cell: Any) -> Any:
        model = from_torch(ALICE.model)
        images = share(BOB.images, dtype=sfix(8), bound=1)
        scores = model(images)
        return reveal(np.argmax(scores, axis=1), to=BOB), reveal(scores, to=BOB)

    private = [{"model": digits["model"]}, {"images": digits["x"][:20]}, {}]
    results = [settle(got) for got in three.run(program, private)]
    assert isinstance(results[0][0], Withheld)
    assert isinstance(results[2][1], Withheld)
    labels, scores = results[1]
    np.testing.assert_allclose(scores, digits["scores"][:20], atol=0.01)
    np.testing.assert_array_equal(labels, digits["scores"][:20].argmax(axis=1))
    assert (labels == digits["y"][:20]).mean() >= 0.9


def test_what_the_others_see_of_a_model(three: Rooms, digits: dict[str, Any]) -> None:
    def program(cell: Any) -> Any:
        model = from_torch(ALICE.model)
        bounds = {k: (x.shape, x.bound, x.owners) for k, x in model.state_dict().items()}
        return repr(model), bounds, model.training

    shown = three.run(program, [{"model": digits["model"]}, {}, {}])
    assert shown[0] == shown[1] == shown[2]
    text, bounds, training = shown[1]
    assert not training
    assert "in_features=64, out_features=128, bias=True" in text
    assert list(bounds) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    for (shape, bound, owners), size in zip(bounds.values(), (8192, 128, 1280, 10), strict=True):
        assert int(np.prod(shape)) == size
        assert bound & (bound - 1) == 0, "a power of two"
        assert owners == {"alice"}


def test_nested_and_named_layers_keep_their_names(three: Rooms) -> None:
    rng = np.random.default_rng(1)  # noqa: TID251  (test data)
    w = [rng.normal(size=(3, 4)), rng.normal(size=(2, 3))]
    inner = standins.Sequential(first=standins.Linear(w[0]), on=standins.ReLU())
    model = standins.Sequential(body=inner, head=standins.Linear(w[1], [1, -1]))
    model.training = model._modules["head"].training = True
    x = rng.normal(size=(5, 4))

    def program(cell: Any) -> Any:
        made = from_torch(ALICE.model, dtype=sfix24)
        modes = [m.training for m in made.modules()]
        return list(made.state_dict()), modes, reveal(made(share(BOB.x)).data)

    for names, modes, values in three.run(program, [{"model": model}, {"x": x}, {}]):
        assert names == ["body.first.weight", "head.weight", "head.bias"]
        assert modes == [True, False, False, False, True]
        want = np.maximum(x @ w[0].T, 0) @ w[1].T + [1, -1]
        np.testing.assert_allclose(settle(values), want, atol=1e-3)


def test_a_single_layer_and_a_declared_bound(three: Rooms) -> None:
    def program(cell: Any) -> Any:
        made = from_torch(ALICE.layer, bound=3)
        return made.weight.data.bound, reveal(made.weight.data)

    layer = standins.Linear([[0.5, -3]])
    for bound, weight in three.run(program, [{"layer": layer}, {}, {}]):
        assert bound == 3 << 16
        np.testing.assert_array_equal(settle(weight), [[0.5, -3]])


def refused(three: Rooms, model: Any, match: str, program: Any = None) -> None:
    before = [room.wire_bytes() for room in three.rooms]
    futures = three.start(
        program or (lambda cell: from_torch(ALICE.model)), [{"model": model}, {}, {}]
    )
    for future in futures:
        why = future.exception(30)
        assert isinstance(why, UsageError), why
        assert match in str(why), why
    spent = [room.wire_bytes() - b for room, b in zip(three.rooms, before, strict=True)]
    assert max(spent) < 4000, "nothing but words"


def test_unsupported_layers_are_all_named_before_anything_is_sent(three: Rooms) -> None:
    big = standins.Linear(np.zeros((100, 100)))
    inner = standins.Sequential(standins.LSTM())
    model = standins.Sequential(big, standins.ConvTranspose2d(), inner)
    refused(
        three,
        model,
        "alice.model: layer 1 is ConvTranspose2d, which has no secret version; "
        "layer 2.0 is LSTM, which has no secret version. Known: ",
    )


def test_a_layer_that_is_told_something_else(three: Rooms) -> None:
    pool = standins.MaxPool2d(2)
    pool.padding = 1
    refused(three, standins.Sequential(pool), "layer 0 is MaxPool2d with padding=1")


def test_a_forward_of_its_own(three: Rooms) -> None:
    net = standins.Net(standins.Linear([[1.0]]), standins.Linear([[2.0]]))
    refused(three, net, "it is Net, with a forward of its own, which the others cannot see")


def test_what_is_no_model(three: Rooms) -> None:
    refused(three, np.zeros(3), "alice.model is no module of PyTorch or of mpckernel.nn")
    refused(three, standins.Linear([[np.nan]]), "alice.model, weight: 1 value is not finite")
    hooked = standins.Linear([[1.0]])
    hooked._forward_hooks = {1: None}  # type: ignore[attr-defined]
    refused(three, hooked, "it is Linear with hooks")


class Own(nn.Module):
    """The parties' copy of alice's Net."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(2, 3, bias=False), nn.Linear(3, 1)

    def forward(self, x: Any) -> Any:
        return self.last(nn.functional.relu(self.first(x)))


def test_into_a_model_of_the_same_form(three: Rooms) -> None:
    w, v = np.array([[1.0, 2], [3, -4], [0.5, 0]]), np.array([[1.0, 1, 2]])
    net = standins.Net(standins.Linear(w), standins.Linear(v, [0.25]))
    x = np.array([[1.0, -1], [0.5, 2]])

    def program(cell: Any) -> Any:
        nn.manual_seed(0)
        return reveal(from_torch(ALICE.model, into=Own())(share(BOB.x)).data)

    for got in three.run(program, [{"model": net}, {"x": x}, {}]):
        np.testing.assert_allclose(settle(got), np.maximum(x @ w.T, 0) @ v.T + 0.25, atol=1e-3)
    other = standins.Net(standins.Linear(w, [0, 0, 0]), standins.Linear(v, [0.25]))
    refused(three, other, "differ in first.bias", program)


def test_a_public_model(three: Rooms, digits: dict[str, Any]) -> None:
    def program(cell: Any) -> Any:
        model = from_torch(digits["model"])
        return reveal(model(share(BOB.images, bound=1)).data)

    private = [{}, {"images": digits["x"][:4]}, {}]
    for got in three.run(program, private):
        np.testing.assert_allclose(settle(got), digits["scores"][:4], atol=0.01)
    with pytest.raises(Unsupported, match="LSTM"):
        from_torch(standins.LSTM())


def test_a_model_of_ours_at_its_owner(three: Rooms) -> None:
    nn.manual_seed(3)
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)).eval()
    raw = {k: p._raw for k, p in model.named_parameters()}

    def program(cell: Any) -> Any:
        return reveal(from_torch(ALICE.model).state_dict())

    for got in three.run(program, [{"model": model}, {}, {}]):
        state = settle(got)
        assert list(state) == list(raw)
        for name, values in raw.items():
            np.testing.assert_allclose(state[name], values, atol=2.0**-17)


def test_arguments_without_an_equivalent(three: Rooms) -> None:
    flat = standins.Flatten()
    flat.start_dim = "one"  # type: ignore[assignment]
    wide = standins.Conv2d(np.ones((1, 1, 3, 3)), [0.0], padding=(9, 9))
    refused(three, wide, "it is Conv2d with arguments that have no equivalent here")
    norm = standins.BatchNorm1d(3)
    model = standins.Sequential(norm, flat)
    refused(three, model, "layer 0 is BatchNorm1d with arguments that have no equivalent here")
    norm.momentum = 2.0
    refused(three, model, "layer 0 is refused: BatchNorm1d: 0 < momentum <= 1")


LINEAR = {
    "name": "",
    "class": "Linear",
    "children": 0,
    "arguments": {"in_features": 2, "out_features": 1, "bias": False},
    "training": True,
    "frozen": [],
}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a.b"},
        {"class": "exec"},
        {"class": "LSTM"},
        {"class": ["Linear"]},
        {"children": 1},
        {"children": -1},
        {"arguments": {}},
        {"arguments": {**LINEAR["arguments"], "in_features": -2}},
        {"arguments": {**LINEAR["arguments"], "in_features": 2**40}},
        {"arguments": {**LINEAR["arguments"], "in_features": "2"}},
        {"arguments": {**LINEAR["arguments"], "in_features": [2]}},
        {"arguments": {**LINEAR["arguments"], "in_features": True}},
        {"arguments": {**LINEAR["arguments"], "limit": 3}},
        {"more": 1},
        {"training": 1},
        {"frozen": ["bias"]},
        {"frozen": [{}]},
        {"frozen": None},
        {"class": "Flatten", "arguments": {"start_dim": None, "end_dim": float("nan")}},
        {"class": "Flatten", "arguments": {"start_dim": None, "end_dim": -1}},
        {"class": "Flatten", "arguments": {"start_dim": 1, "end_dim": 2**30}},
        {"class": "Softmax", "arguments": {"dim": 1.5}},
        {"class": "Softmax", "arguments": {"dim": [0, 1]}},
        {"class": "Dropout", "arguments": {"p": True}},
        {"class": "MaxPool2d", "arguments": {"kernel_size": 2**30, "stride": 1}},
        {"class": "MaxPool2d", "arguments": {"kernel_size": 2, "stride": [1, 1, 1]}},
    ],
)
def test_a_model_that_cannot_be_is_the_peers_fault(change: dict[str, Any]) -> None:
    one = {**LINEAR, **change}
    with pytest.raises(PeerError, match="cannot be; the mesh is closed"):
        _model(iter([one]), iter([(np.zeros((1, 3)), 1.0)]), sfix24)


@pytest.mark.parametrize("padding", [2**30, 4, [0, 4], [3], -1, 1.0, None, "full"])
def test_a_padding_that_only_takes_memory_is_the_peers_fault(padding: Any) -> None:
    given = {"in_channels": 1, "out_channels": 1, "kernel_size": [3, 3], "stride": 1}
    one = {**LINEAR, "class": "Conv2d", "arguments": {**given, "padding": padding, "bias": False}}
    with pytest.raises(PeerError, match="cannot be; the mesh is closed"):
        _model(iter([one]), iter([(np.zeros((1, 1, 3, 3)), 1.0)]), sfix24)


def test_layers_without_end_are_the_peers_fault() -> None:
    nested = {**LINEAR, "name": "0", "class": "Sequential", "children": 1, "arguments": {}}
    for layers in ([nested] * 20, [nested], [{**nested, "children": 4096}]):
        with pytest.raises(PeerError, match="cannot be"):
            _model(iter(layers), iter([]), sfix24)
    good: dict[str, Any] = {"layers": [LINEAR], "norms": []}
    _understood(good, [])
    for bad in ({"layers": []}, {"layers": [LINEAR] * 5000}, {"norms": [1]}, {"training": True}):
        with pytest.raises(PeerError, match="cannot be"):
            _understood({**good, **bad}, [])

"""The same with PyTorch where it is installed, and one sentence where it is not."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.errors import ImplicitReveal, Unsupported, UsageError
from mpckernel.nn import torch as exchange
from mpckernel.nn.layers import LAYERS, arguments_of
from tests.rooms import Rooms, three_rooms

ALICE, BOB = OwnerName("alice", 0), OwnerName("bob", 1)


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def three() -> Iterator[Rooms]:
    with three_rooms() as rooms:
        yield rooms


def lenet(torch: Any) -> Any:
    torch.manual_seed(3)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1),
        torch.nn.MaxPool2d(2),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(64, 8),
        torch.nn.ReLU(),
        torch.nn.Linear(8, 3, bias=False),
    ).eval()


def same_layers(one: Any, other: Any) -> None:
    """With the same arguments, where 2 and (2, 2) are the same."""
    assert [type(m) for m in one.modules()] == [type(m) for m in other.modules()]
    for a, b in zip(one.modules(), other.modules(), strict=True):
        if type(a).__name__ != "Sequential":
            mine, theirs = arguments_of(a), arguments_of(b)
            assert {k: np.ravel(v).tolist()[:1] for k, v in mine.items()} == {
                k: np.ravel(v).tolist()[:1] for k, v in theirs.items()
            }


def test_a_convolutional_model(three: Rooms, torch: Any) -> None:
    model, x = lenet(torch), torch.rand(3, 1, 8, 8)
    want = model(x).detach().numpy()

    def program(cell: Any) -> Any:
        made = nn.from_torch(ALICE.model)
        return reveal(made(share(BOB.x, bound=1)).data), reveal(made.state_dict())

    private = [{"model": model}, {"x": x.numpy()}, {}]
    for got in three.run(program, private):
        scores, state = settle(got)
        np.testing.assert_allclose(scores, want, atol=2e-3)
        assert list(state) == list(model.state_dict())


def test_there_and_back(three: Rooms, torch: Any) -> None:
    model, made = lenet(torch), [None, None, None]

    def program(cell: Any) -> Any:
        made[cell.me] = nn.from_torch(ALICE.model)
        return reveal(made[cell.me].state_dict(), to=ALICE)

    states = [settle(s) for s in three.run(program, [{"model": model}, {}, {}])]
    back = nn.to_torch(made[0], states[0])
    same_layers(back, model)
    assert not back.training
    for name, values in back.state_dict().items():
        assert values.dtype == torch.float32
        np.testing.assert_allclose(values, model.state_dict()[name], atol=2.0**-17)
    with pytest.raises(ImplicitReveal, match="revealed to alice only"):
        nn.to_torch(made[1], states[1])
    with pytest.raises(UsageError, match=r"this model's values are secret; .* reveal\("):
        nn.to_torch(made[2])


def test_a_public_model_of_ours(torch: Any) -> None:
    nn.manual_seed(1)
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    made = nn.to_torch(model)
    want = dict(model.named_parameters())
    for name, values in made.state_dict().items():
        np.testing.assert_allclose(values, want[name]._raw, atol=1e-7)
    with pytest.raises(UsageError, match=r"state and model differ in 0\.weight"):
        nn.to_torch(model, {k: x._raw for k, x in want.items() if k != "0.weight"})


SAMPLES: dict[str, Any] = {
    "Linear": (3, 2),
    "Conv2d": (2, 3, (3, 1)),
    "MaxPool2d": ((2, 3),),
    "AvgPool2d": (2,),
    "BatchNorm1d": (3,),
    "BatchNorm2d": (3,),
    "LayerNorm": ((2, 3),),
    "Embedding": (5, 2),
    "Dropout": (0.25,),
    "LeakyReLU": (0.125,),
    "Softmax": (1,),
}


@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_every_layer_goes_there_and_back(torch: Any, kind: str) -> None:
    torch.manual_seed(1)
    model = getattr(torch.nn, kind)(*SAMPLES.get(kind, ()))
    ours = nn.from_torch(model)
    back = nn.to_torch(ours)
    same_layers(back, model)
    assert back.training == model.training
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(back.state_dict()[name], values, err_msg=name)


def test_a_layer_without_weights_may_be_there_twice(three: Rooms, torch: Any) -> None:
    torch.manual_seed(1)
    on, x = torch.nn.ReLU(), torch.rand(4, 3) - 0.5
    model = torch.nn.Sequential(torch.nn.Linear(3, 5), on, torch.nn.Linear(5, 2), on)

    def program(cell: Any) -> Any:
        made = nn.from_torch(ALICE.model)
        return len(made), reveal(made(share(BOB.x, bound=1)).data)

    for n, scores in three.run(program, [{"model": model}, {"x": x.numpy()}, {}]):
        assert n == 4
        np.testing.assert_allclose(settle(scores), model(x).detach().numpy(), atol=2e-3)
    same_layers(nn.to_torch(nn.from_torch(model))[3], on)


def test_weights_that_two_layers_share_are_refused(torch: Any) -> None:
    one, other = torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)
    with pytest.raises(Unsupported, match="layer 2 shares its weight with layer 0, which would be"):
        nn.from_torch(torch.nn.Sequential(one, torch.nn.ReLU(), one))
    other.weight = one.weight
    with pytest.raises(Unsupported, match=r"layer 1\.0 shares its weight with layer 0, .* into="):
        nn.from_torch(torch.nn.Sequential(one, torch.nn.Sequential(other)))


def test_an_embedding_with_a_row_that_is_not_learned(torch: Any) -> None:
    with pytest.raises(Unsupported, match="Embedding with padding_idx=0"):
        nn.from_torch(torch.nn.Embedding(5, 2, padding_idx=0))


def half_frozen(torch: Any) -> Any:
    """A model with a layer in another mode, and weights that are not learned."""
    model = torch.nn.Sequential(
        torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2), torch.nn.Dropout(), torch.nn.Linear(2, 1)
    )
    model[1].eval()
    model[0].requires_grad_(False)
    model[3].bias.requires_grad = False
    return model


def modes(model: Any) -> Any:
    learns = {name: p.requires_grad for name, p in model.named_parameters()}
    return [m.training for m in model.modules()], learns


@pytest.mark.parametrize("into", [False, True])
def test_modes_and_what_is_learned_come_along(three: Rooms, torch: Any, into: bool) -> None:
    model = half_frozen(torch)

    def own() -> Any:
        return nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Dropout(), nn.Linear(2, 1))

    def program(cell: Any) -> Any:
        return modes(nn.from_torch(ALICE.model, into=own() if into else None))

    assert three.run(program, [{"model": model}, {}, {}]) == [modes(model)] * 3
    public = nn.from_torch(model, into=own() if into else None)
    assert modes(public) == modes(nn.to_torch(public)) == modes(model)


def test_without_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(exchange, "import_module", missing)
    with pytest.raises(UsageError, match="to_torch needs PyTorch here: pip install torch"):
        nn.to_torch(nn.Sequential())


def test_the_package_does_not_import_pytorch() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from mpckernel import nn; nn.from_torch; nn.Linear; "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

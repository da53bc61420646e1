"""A program's words about devices: nothing to do, or refused with what to write instead."""

from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.errors import Unsupported

THINGS = [nn.Sequential(nn.Identity()), nn.Tensor(np.ones(2))]


@pytest.mark.parametrize("thing", THINGS, ids=lambda x: type(x).__name__)
def test_nothing_to_do(thing: Any) -> None:
    assert thing.to("cpu") is thing
    assert thing.to(device="cpu", non_blocking=True) is thing
    assert thing.cpu().float() is thing


@pytest.mark.parametrize("thing", THINGS, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize(
    "ask",
    [
        lambda x: x.cuda(),
        lambda x: x.cuda(0),
        lambda x: x.to("cuda:0"),
        lambda x: x.to(device="mps"),
        lambda x: x.to(dtype=float),
        lambda x: x.half(),
        lambda x: x.double(),
    ],
)
def test_refused(thing: Any, ask: Any) -> None:
    with pytest.raises(Unsupported, match=r"leave it out, or write to\('cpu'\)"):
        ask(thing)


def test_devices_and_types_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for thing in THINGS:
        assert thing.to(torch.device("cpu"), torch.float32) is thing
        for odd in (torch.device("cuda"), torch.float64):
            with pytest.raises(Unsupported, match=str(odd)):
                thing.to(odd)

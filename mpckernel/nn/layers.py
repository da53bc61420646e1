"""The layers that exist here and in PyTorch: their arguments, their arrays, what must not differ.

Layers are known by the name of their class, so that nothing of PyTorch is imported.
Source: the constructors of torch.nn.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite, prod
from typing import Any, TypeAlias

from mpckernel import nn
from mpckernel.errors import PeerError
from mpckernel.nn.initial import blank
from mpckernel.ring.words import Shape

Arguments: TypeAlias = dict[str, Any]
Shapes: TypeAlias = dict[str, Shape]

LARGEST = 2**31  # of an argument
MOST = 2**28  # weights in one array


@dataclass(frozen=True, slots=True)
class Layer:
    """arguments: of both constructors, attributes of both modules. only: attributes of PyTorch's
    with the values that are the same thing here. shapes: of its arrays, from the arguments."""

    arguments: tuple[str, ...] = ()
    only: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    shapes: Callable[[Arguments], Shapes] = lambda _: {}


def _with_bias(a: Arguments, weight: Shape) -> Shapes:
    return {"weight": weight} | ({"bias": weight[:1]} if a["bias"] else {})


def _linear(a: Arguments) -> Shapes:
    return _with_bias(a, (a["out_features"], a["in_features"]))


def _conv2d(a: Arguments) -> Shapes:
    return _with_bias(a, (a["out_channels"], a["in_channels"], *pair(a["kernel_size"])))


def _batch_norm(a: Arguments) -> Shapes:
    n = (a["num_features"],)
    learned = {"weight": n, "bias": n} if a["affine"] else {}
    return learned | {"running_mean": n, "running_var": n}


def _layer_norm(a: Arguments) -> Shapes:
    n = a["normalized_shape"]
    shape = (n,) if isinstance(n, int) else tuple(n)
    return {"weight": shape, "bias": shape}


def _embedding(a: Arguments) -> Shapes:
    return {"weight": (a["num_embeddings"], a["embedding_dim"])}


_BATCH_NORM = Layer(
    ("num_features", "eps", "momentum", "affine"), {"track_running_stats": (True,)}, _batch_norm
)
_POOLED = {"padding": (0, (0, 0)), "ceil_mode": (False,)}
_KNOWN = {
    "Linear": Layer(("in_features", "out_features", "bias"), {}, _linear),
    "Conv2d": Layer(
        ("in_channels", "out_channels", "kernel_size", "stride", "padding", "bias"),
        {"dilation": (1, (1, 1)), "groups": (1,), "padding_mode": ("zeros",)},
        _conv2d,
    ),
    "MaxPool2d": Layer(
        ("kernel_size", "stride"),
        {**_POOLED, "dilation": (1, (1, 1)), "return_indices": (False,)},
    ),
    "AvgPool2d": Layer(("kernel_size", "stride"), {**_POOLED, "divisor_override": (None,)}),
    "BatchNorm1d": _BATCH_NORM,
    "BatchNorm2d": _BATCH_NORM,
    "LayerNorm": Layer(("normalized_shape", "eps"), {"elementwise_affine": (True,)}, _layer_norm),
    "Embedding": Layer(
        ("num_embeddings", "embedding_dim"),
        {"max_norm": (None,), "scale_grad_by_freq": (False,)},
        _embedding,
    ),
    "Dropout": Layer(("p",)),
    "Flatten": Layer(("start_dim", "end_dim")),
    "GELU": Layer((), {"approximate": ("none",)}),
    "LeakyReLU": Layer(("negative_slope",)),
    "LogSoftmax": Layer(("dim",)),
    "ReLU": Layer(),
    "Sigmoid": Layer(),
    "Softmax": Layer(("dim",)),
    "Softplus": Layer((), {"beta": (1,), "threshold": (20,)}),
    "Tanh": Layer(),
    "Identity": Layer(),
    "Sequential": Layer(),
}
LAYERS = {name: layer for name, layer in _KNOWN.items() if name in nn.__all__}


def pair(x: Any) -> Shape:
    """One number for rows and columns, or one each."""
    return (x, x) if isinstance(x, int) else tuple(x)


def arguments_of(module: Any) -> Arguments:
    """Of a layer of either library: numbers and lists of numbers."""
    layer = LAYERS[type(module).__name__]
    given = {name: getattr(module, name) for name in layer.arguments}
    return {
        name: x is not None and x is not False if name == "bias" else _argument(x)
        for name, x in given.items()
    }


def made(kind: str, arguments: Arguments) -> Any:
    """A module of mpckernel.nn with values that mean nothing yet. Raises what its constructor
    raises: UsageError, or TypeError and ValueError for arguments that are none."""
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
    with blank():
        return getattr(nn, kind)(**given)


def arrays_of(module: Any) -> dict[str, Any]:
    """Its own parameters and buffers by name, as the module holds them."""
    names = LAYERS[type(module).__name__].shapes(arguments_of(module))
    return {name: getattr(module, name) for name in names}


def differences(module: Any) -> list[str]:
    """What this layer is told that there is no equivalent for: "groups=2"."""
    only = LAYERS[type(module).__name__].only
    found = {name: getattr(module, name, values[0]) for name, values in only.items()}
    return [f"{name}={found[name]}" for name, values in only.items() if found[name] not in values]


def checked(kind: Any, arguments: Any) -> Shapes:
    """The shapes of a layer that another party describes: it may say anything. PeerError."""
    layer = LAYERS.get(kind) if isinstance(kind, str) else None
    try:
        good = (
            layer is not None
            and type(arguments) is dict
            and arguments.keys() == set(layer.arguments)
            and all(map(_sane, arguments.values()))
        )
        shapes = layer.shapes(arguments) if layer is not None and good else None
        if shapes is not None and all(map(_whole, shapes.values())):
            return shapes
    except (TypeError, ValueError, KeyError):
        pass  # a number where a list must be, and the like: refused below
    raise PeerError("a party describes a layer that cannot be; the mesh is closed")


def _sane(x: Any) -> bool:
    if type(x) is list:
        return 0 < len(x) <= 8 and all(type(n) is int and 0 <= n < LARGEST for n in x)
    if type(x) is float:
        return isfinite(x)
    return x in (None, "same", "valid") or (type(x) in (int, bool) and -8 <= x < LARGEST)


def _whole(shape: Shape) -> bool:
    sizes = all(type(n) is int and 0 < n < LARGEST for n in shape)
    return sizes and prod(shape) <= MOST


def _argument(x: Any) -> Any:
    return list(x) if isinstance(x, tuple | list) else x

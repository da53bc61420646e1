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

MOST = 2**28  # weights in one array
WIDEST = 4096  # a window of a convolution or a pool, its stride and its padding
AXES = 32
RUNNING = ("running_mean", "running_var")


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
    return learned | dict.fromkeys(RUNNING, n)


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
        {"max_norm": (None,), "padding_idx": (None,), "scale_grad_by_freq": (False,)},
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


def is_running(name: str) -> bool:
    """Whether this array is averaged, not learned, by its name."""
    return name.rsplit(".", maxsplit=1)[-1] in RUNNING


def differences(module: Any) -> list[str]:
    """What this layer is told that there is no equivalent for: "groups=2"."""
    only = LAYERS[type(module).__name__].only
    found = {name: getattr(module, name, values[0]) for name, values in only.items()}
    return [f"{name}={found[name]}" for name, values in only.items() if found[name] not in values]


def fits(kind: str, arguments: Any) -> bool:
    """Whether these are arguments of this layer: their types, and numbers within public limits,
    so that a description sizes nothing by itself."""
    layer = LAYERS[kind]
    return (
        type(arguments) is dict
        and arguments.keys() == set(layer.arguments)
        and all(_SANE[name](x) for name, x in arguments.items())
        and _narrow(arguments)
    )


def checked(kind: Any, arguments: Any) -> Shapes:
    """The shapes of a layer that another party describes: it may say anything. PeerError."""
    if isinstance(kind, str) and kind in LAYERS and fits(kind, arguments):
        shapes = LAYERS[kind].shapes(arguments)
        if all(prod(shape) <= MOST for shape in shapes.values()):
            return shapes
    raise PeerError("a party describes a layer that cannot be; the mesh is closed")


def _whole(x: Any, least: int, most: int) -> bool:
    return type(x) is int and least <= x <= most


def _count(x: Any) -> bool:
    return _whole(x, 1, MOST)


def _real(x: Any) -> bool:
    return type(x) in (int, float) and isfinite(x)


def _axis(x: Any) -> bool:
    return _whole(x, -AXES, AXES)


def _window(x: Any, least: int = 1) -> bool:
    both = x if type(x) is list else [x, x]
    return len(both) == 2 and all(_whole(n, least, WIDEST) for n in both)


def _narrow(a: Arguments) -> bool:
    """A padding wider than the window would be memory for nothing."""
    if a.get("padding") in (None, "same", "valid"):
        return True
    return all(p <= k for p, k in zip(pair(a["padding"]), pair(a["kernel_size"]), strict=True))


_SANE: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("in_features", "out_features", "in_channels", "out_channels"), _count),
    **dict.fromkeys(("num_features", "num_embeddings", "embedding_dim"), _count),
    **dict.fromkeys(("bias", "affine"), lambda x: type(x) is bool),
    **dict.fromkeys(("eps", "momentum", "p", "negative_slope"), _real),
    **dict.fromkeys(("start_dim", "end_dim"), _axis),
    "dim": lambda x: x is None or _axis(x),
    "kernel_size": _window,
    "stride": lambda x: x is None or _window(x),
    "padding": lambda x: (type(x) is str and x in ("same", "valid")) or _window(x, 0),
    "normalized_shape": lambda x: (
        _count(x) or (type(x) is list and 0 < len(x) <= 8 and all(map(_count, x)))
    ),
}


def _argument(x: Any) -> Any:
    return list(x) if isinstance(x, tuple | list) else x

"""Models of PyTorch, taken over and given back, without importing it.

    model = nn.from_torch(alice.model)        %%mpc: alice's layers, her weights as secrets
    state = reveal(model.state_dict(), to=alice)
    net = nn.to_torch(model, state)           in alice's own cell: a torch.nn.Module

A model of another party is looked at in that party's kernel alone; the others learn its layers and
their arguments. What cannot be taken over is named before anything is sent. PyTorch is loaded by
to_torch alone. Source: the attributes of torch.nn's layers.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np

from mpckernel.array.describing import Part, share_parts
from mpckernel.array.dtypes import SecretType, sfix16, type_from
from mpckernel.array.operators import here
from mpckernel.array.owners import OwnerPath
from mpckernel.array.secret import SecretArray
from mpckernel.errors import PeerError, Unsupported, UsageError
from mpckernel.nn import norms
from mpckernel.nn.describing import (
    COUNTS,
    NAME,
    described,
    learned,
    part,
    raw_state,
    refuse_unknown,
    to_share,
    training,
    values_of,
)
from mpckernel.nn.layers import arguments_of, checked, is_running, made
from mpckernel.nn.linear import limit_for
from mpckernel.nn.module import Module
from mpckernel.nn.parameter import Parameter
from mpckernel.nn.undoing import kept_if_committed
from mpckernel.ring.words import Shape

MOST_LAYERS, DEEPEST = 4096, 16
_NO_MODEL = "a party describes a model that cannot be; the mesh is closed"

Arrays: TypeAlias = Iterator[tuple[Any, float]]  # with a public bound of its norm


def from_torch(
    module: Any,
    dtype: Any = sfix16,
    bound: float | None = None,
    into: Module | None = None,
) -> Module:
    """The same model here: a Sequential of known layers, or one known layer.

    module: `alice.model`, which only alice's kernel looks at, and whose weights become secrets; or
    a module that every party has, whose weights are public. It is a torch.nn.Module or one of
    mpckernel.nn. dtype: of the weights. bound: a promise |weight| <= bound; by default the owner
    tells, for each array, the next powers of two above its largest element and above its norm.
    into: for a model whose class has a forward of its own, an equal one written with mpckernel.nn,
    whose values are then replaced. Modes of layers (train, eval) and requires_grad come along; with
    into, those of layers of equal names, and that of the whole for the others.
    Error: weights are rounded to the nearest multiple of 2^-f, f of dtype; running means and
    variances of 2^-30, or as fine as their bound leaves room for.
    Leaks the layers with their arguments and modes, which weights are learned, shapes and those
    bounds. Raises Unsupported, at every party and before anything is sent, naming the layers that
    have no secret version.
    """
    t = type_from(dtype)
    if into is not None:
        return _filled(into, module, t, bound)
    if not isinstance(module, OwnerPath):
        layers, parts = described(module, type(module).__name__)
        arrays = iter([(values, norms.whole(values)) for _, values in parts])
        return _model(iter(layers), arrays, t)[1]
    about, shared = share_parts(module, lambda x: to_share(x, repr(module), t, bound), None)
    layers, arrays = _understood(about, shared)
    _, model = _model(iter(layers), arrays, t)
    if next(arrays, None) is not None:
        raise PeerError(_NO_MODEL)
    return model


def to_torch(module: Module, state: dict[str, Any] | None = None) -> Any:
    """A torch.nn.Module with these layers and values, in float32; for an ordinary, private cell.

    state: what reveal(module.state_dict()) or reveal(..., to=this party) gave; None where the
    module's values are public. Error: float32 holds 24 bits. Leaks nothing.
    Raises UsageError where PyTorch is not installed, and ImplicitReveal for values that were
    revealed to another party.
    """
    try:
        torch = import_module("torch")
    except ImportError:
        raise UsageError(f"{here()}to_torch needs PyTorch here: pip install torch") from None
    if state is None:
        state = {name: _opened(x) for name, x in raw_state(module)}
    refuse_unknown(module, type(module).__name__)
    net = _torch_layer(torch.nn, module)
    values = {name: torch.tensor(np.array(x, np.float32)) for name, x in state.items()}
    kept = {k: v for k, v in net.state_dict().items() if k.endswith(COUNTS)}
    if set(values) | set(kept) != set(net.state_dict()):
        odd = ", ".join(sorted(set(values) ^ (set(net.state_dict()) - set(kept))))
        raise UsageError(f"{here()}to_torch: state and model differ in {odd}")
    net.load_state_dict({**values, **kept})
    own = dict(net.named_parameters())
    for name, p in module.named_parameters():
        own[name].requires_grad_(p.requires_grad)
    return net


def _understood(about: dict[str, Any], arrays: list[SecretArray]) -> tuple[list[Any], Arrays]:
    """Another party's description: it may be anything."""
    layers, lengths = about.get("layers"), about.get("norms")
    good = (
        len(about) == 2
        and type(layers) is type(lengths) is list
        and 0 < len(layers) <= MOST_LAYERS
        and len(lengths) == len(arrays)
        and all(type(k) is int and -16 <= k < 62 for k in lengths)
    )
    if not good:
        raise PeerError(_NO_MODEL)
    return layers, iter([(x, 2.0**k) for x, k in zip(arrays, lengths, strict=True)])


def _model(
    layers: Iterator[Any], arrays: Arrays, t: SecretType, depth: int = 0
) -> tuple[str, Module]:
    """The next module of the description, by its name, with those inside it."""
    one = next(layers, None)
    if type(one) is not dict or len(one) != 6 or depth > DEEPEST:
        raise PeerError(_NO_MODEL)
    name, kind, children = one.get("name"), one.get("class"), one.get("children")
    shapes = checked(kind, one.get("arguments"))
    inside = type(children) is int and 0 <= children <= MOST_LAYERS
    named = type(name) is str and (NAME.fullmatch(name) or not depth)
    frozen, mode = one.get("frozen"), one.get("training")
    told = type(mode) is bool and type(frozen) is list and all(x in [*shapes] for x in frozen)
    if not named or not inside or not told or (kind != "Sequential" and children):
        raise PeerError(_NO_MODEL)
    values = {array: next(arrays, (None, 0.0)) for array in shapes}
    if not all(_is_one(x, array, shapes[array], t) for array, (x, _) in values.items()):
        raise PeerError(_NO_MODEL)
    module = _layer(kind, one["arguments"])
    module.training = mode
    for array, (x, length) in values.items():
        _put(module, array, x, length, t, learned=array not in frozen)
    for _ in range(children):
        module.add_module(*_model(layers, arrays, t, depth + 1))
    return name, module


def _is_one(x: Any, name: str, shape: Shape, t: SecretType) -> bool:
    """Whether this can be the array of this name."""
    if x is None or tuple(x.shape) != shape:
        return False
    return not isinstance(x, SecretArray) or _of_type(x, name, t)


def _of_type(x: SecretArray, name: str, t: SecretType) -> bool:
    return x.dtype == t or (is_running(name) and x.dtype.kind == "f")


def _layer(kind: str, arguments: dict[str, Any]) -> Module:
    try:
        return made(kind, arguments)
    except (UsageError, TypeError, ValueError):
        raise PeerError("a party describes a layer that cannot be; the mesh is closed") from None


def _put(
    module: Module, name: str, values: Any, length: float, t: SecretType, *, learned: bool
) -> None:
    """One array into its place: what is learned gets the usual room to move."""
    values = norms.knows(values, whole=length)
    if name in module._buffers:
        module.register_buffer(name, values)
    else:
        limit = limit_for(np.asarray(length))
        setattr(module, name, Parameter(values, learned, norm=limit, dtype=t))


def _filled(into: Module, module: Any, t: SecretType, bound: float | None) -> Module:
    """Values by name, into a model that every party has."""
    names = [name for name, _ in raw_state(into)]
    modules, weights = dict(into.named_modules()), dict(into.named_parameters())

    def give(thing: Any) -> tuple[dict[str, Any], list[Part]]:
        found = {name: values_of(x) for name, x in raw_state(thing)}
        if list(found) != names:
            odd = ", ".join(sorted(set(found) ^ set(names))) or "their order"
            raise Unsupported(f"{module!r} and the model given as into= differ in {odd}")
        theirs, given = dict(thing.named_modules()), dict(thing.named_parameters())
        about = {
            "training": [training(theirs.get(name, thing)) for name in modules],
            "learned": [learned(given[name]) for name in weights],
        }
        return about, [part(repr(module), k, x, t, bound) for k, x in found.items()]

    if isinstance(module, OwnerPath):
        about, shared = share_parts(module, give, None)
        told = _flags(about.get("training"), modules) and _flags(about.get("learned"), weights)
        typed = all(_of_type(x, k, t) for k, x in zip(names, shared, strict=False))
        if len(shared) != len(names) or not told or not typed:
            raise PeerError(_NO_MODEL)
        values: list[Any] = list(shared)
    else:
        about, parts = give(module)
        values = [part.value for part in parts]
    into.load_state_dict(dict(zip(names, values, strict=True)))
    for one, flag in zip(modules.values(), about["training"], strict=True):
        kept_if_committed(one, "training")
        one.training = flag
    for one, flag in zip(weights.values(), about["learned"], strict=True):
        kept_if_committed(one, "requires_grad")
        one.requires_grad = flag
    return into


def _flags(x: Any, of: dict[str, Any]) -> bool:
    """Whether this is a flag for each."""
    return type(x) is list and len(x) == len(of) and all(type(v) is bool for v in x)


def _opened(x: Any) -> Any:
    try:
        return values_of(x)
    except Unsupported:
        raise UsageError(
            f"{here()}to_torch: this model's values are secret; in a joint cell, state = "
            "reveal(model.state_dict(), to=...), and give that"
        ) from None


def _torch_layer(home: Any, module: Module) -> Any:
    kind = type(module).__name__
    make: Callable[..., Any] = getattr(home, kind)
    net = make(**{k: _torch_argument(v) for k, v in arguments_of(module).items()})
    for name, child in module.named_children():
        net.add_module(name, _torch_layer(home, child))
    net.training = module.training
    return net


def _torch_argument(x: Any) -> Any:
    return tuple(x) if isinstance(x, list) else x

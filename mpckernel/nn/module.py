"""Modules: what holds parameters, by name, and computes; as in torch.nn.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(64, 64), nn.Linear(64, 10)

        def forward(self, x):
            return self.last(nn.functional.relu(self.first(x)))

Modules made of modules: containers.py. What a training step takes of a model: state.py.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NoReturn

import numpy as np

from mpckernel.array.dtypes import SecretType, sfix16
from mpckernel.array.operators import here, plain_parts
from mpckernel.array.owners import OwnerPath
from mpckernel.array.publics import operand
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.nn.devices import OnShares
from mpckernel.nn.keywords import explain
from mpckernel.nn.modes import chosen_type, products_in
from mpckernel.nn.parameter import Parameter
from mpckernel.nn.tensor import Tensor
from mpckernel.nn.undoing import undoing


class Module(OnShares):
    """Base class: give `forward`; attributes that are parameters or modules are found by name.

    dtype: the type of products in a whole model, sfix16 unless set; the outermost one counts.
    """

    dtype: SecretType = sfix16

    def __init_subclass__(cls) -> None:
        explain(cls)

    def __init__(self) -> None:
        self.training = True
        self._parameters: dict[str, Parameter | None] = {}
        self._buffers: dict[str, Any] = {}
        self._modules: dict[str, Module] = {}

    def forward(self, *_: Any) -> Any:
        """What the module computes; a module of your own defines it."""
        raise UsageError(f"{type(self).__name__} has no forward")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = [_tensor(x) for x in args]
        with products_in(chosen_type() or self.dtype):
            return self.forward(*given, **kwargs)

    # By name.

    def __setattr__(self, name: str, value: Any) -> None:
        tables = self.__dict__
        kind = _kind(value)
        if kind is None and name in tables.get("_buffers", ()):
            kind = "_buffers"
        if kind is None and name in tables.get("_parameters", ()) and value is None:
            kind = "_parameters"
        if kind is None:
            object.__setattr__(self, name, value)
            return
        if kind not in tables:
            raise UsageError(f"call super().__init__() before setting {name}")
        for table in ("_parameters", "_modules", "_buffers"):
            if table != kind:
                tables[table].pop(name, None)
        tables.pop(name, None)
        tables[kind][name] = value

    def __getattr__(self, name: str) -> Any:
        for table in ("_parameters", "_modules", "_buffers"):
            found = self.__dict__.get(table, {})
            if name in found:
                return found[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def register_parameter(self, name: str, value: Parameter | None) -> None:
        self._parameters[name] = value

    def register_buffer(self, name: str, value: Any) -> None:
        """An array that belongs to the state but is not learned, such as a running mean."""
        self._buffers[name] = value

    def add_module(self, name: str, module: "Module") -> None:
        self._modules[name] = module

    def named_modules(self, prefix: str = "") -> "Iterator[tuple[str, Module]]":
        """This module and all below it, each once."""
        seen: set[int] = set()
        for name, module in self._walk(prefix):
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def _walk(self, prefix: str) -> "Iterator[tuple[str, Module]]":
        yield prefix, self
        for name, module in self._modules.items():
            yield from module._walk(f"{prefix}.{name}" if prefix else name)

    def modules(self) -> "Iterator[Module]":
        return (module for _, module in self.named_modules())

    def named_children(self) -> "Iterator[tuple[str, Module]]":
        return iter(self._modules.items())

    def children(self) -> "Iterator[Module]":
        return iter(self._modules.values())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every parameter once, under its first name: "0.weight"."""
        return self._listed("_parameters")

    def parameters(self) -> Iterator[Parameter]:
        return (p for _, p in self.named_parameters())

    def named_buffers(self) -> Iterator[tuple[str, Any]]:
        return self._listed("_buffers")

    def buffers(self) -> Iterator[Any]:
        return (x for _, x in self.named_buffers())

    def _listed(self, table: str) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for prefix, module in self.named_modules():
            for name, value in getattr(module, table).items():
                if value is not None and id(value) not in seen:
                    seen.add(id(value))
                    yield (f"{prefix}.{name}" if prefix else name), value

    # All at once.

    def train(self, mode: bool = True) -> "Module":
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> "Module":
        return self.train(mode=False)

    def float(self) -> "Module":
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:  # noqa: ARG002
        """Forget all gradients. set_to_none: as in PyTorch; they are None either way."""
        for p in self.parameters():
            p.zero_grad()

    def requires_grad_(self, requires_grad: bool = True) -> "Module":
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def apply(self, function: "Callable[[Module], Any]") -> "Module":
        for module in self.modules():
            function(module)
        return self

    def _revealed(self, to: Any) -> NoReturn:  # noqa: ARG002  (whoever would see it)
        raise UsageError(
            f"{here()}a model is opened by the names of its arrays: state = "
            "reveal(model.state_dict()), of which nn.to_torch(model, state) makes PyTorch's"
        )

    def state_dict(self) -> dict[str, Any]:
        """Parameters and buffers by name: secret arrays, or public ones that never changed."""
        return {name: p.data for name, p in self.named_parameters()} | dict(self.named_buffers())

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take the values of another model of the same form.

        state: names as in state_dict(); secret arrays, owners' variables or public arrays.
        A cell that ends without a commit puts the old ones back, at every party.
        Raises UsageError, before anything is changed, for other names or shapes, and for an owner's
        state as a whole, whose names nobody else knows.
        """
        own = self.state_dict()
        if not isinstance(state, Mapping):
            raise UsageError(_not_by_name(state, next(iter(own), "0.weight")))
        if set(state) != set(own):
            odd = ", ".join(sorted(set(state) ^ set(own)))
            raise UsageError(f"load_state_dict: these names are on one side only: {odd}")
        new = {name: operand(plain_parts(value)) for name, value in state.items()}
        for name, value in new.items():
            if tuple(value.shape) != tuple(np.shape(own[name])):
                shapes = f"{value.shape}, not {np.shape(own[name])}"
                raise UsageError(f"load_state_dict: {name} has shape {shapes}")
        for name, p in self.named_parameters():
            p.data = _as(new.pop(name), p.dtype)
        self._set_buffers(new)

    def _set_buffers(self, new: dict[str, Any]) -> None:
        for prefix, module in self.named_modules():
            for name in module._buffers:
                full = f"{prefix}.{name}" if prefix else name
                if full in new:
                    undoing(partial(module._buffers.__setitem__, name, module._buffers[name]))
                    module._buffers[name] = new[full]

    def extra_repr(self) -> str:
        """What stands in the parentheses of its line."""
        return ""

    def __repr__(self) -> str:
        lines = [
            f"  ({name}): " + repr(module).replace("\n", "\n  ")
            for name, module in self._modules.items()
        ]
        inside = "\n" + "\n".join(lines) + "\n" if lines else self.extra_repr()
        return f"{type(self).__name__}({inside})"


def _not_by_name(state: Any, name: str) -> str:
    """What to write for a state that is no dict of arrays: for an owner's, each array by name."""
    if not isinstance(state, OwnerPath):
        kind = type(state).__name__
        return f"{here()}load_state_dict takes arrays by name, in a dict, not {kind}"
    return (
        f"{here()}load_state_dict: the arrays of {state!r} are named one by one, "
        f'{{"{name}": {state!r}["{name}"], ...}}; or take the whole model over, '
        f"nn.from_torch({state._owner!r}.model)"
    )


def _kind(value: Any) -> str | None:
    if isinstance(value, Parameter):
        return "_parameters"
    return "_modules" if isinstance(value, Module) else None


def _tensor(x: Any) -> Any:
    """Secret arrays and what stands for them as tensors; public arrays may be indices."""
    x = plain_parts(x)
    return Tensor(x) if isinstance(x, SecretArray) else x


def _as(x: Any, t: SecretType) -> Any:
    return x.astype(t) if isinstance(x, SecretArray) and x.dtype != t else x

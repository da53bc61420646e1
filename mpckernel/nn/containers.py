"""Modules made of modules, by number; as in torch.nn."""

from collections.abc import Iterable, Iterator
from typing import Any, Self

from mpckernel.nn.module import Module


class ModuleList(Module):
    """Modules by number, for a forward that uses them as it likes."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        for k, module in enumerate(modules):
            self.add_module(str(k), module)

    def append(self, module: Module) -> Self:
        self.add_module(str(len(self._modules)), module)
        return self

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __getitem__(self, key: Any) -> Module:
        modules = list(self._modules.values())
        return self._of(modules[key]) if isinstance(key, slice) else modules[key]

    def _of(self, modules: list[Module]) -> Module:
        return ModuleList(modules)


class Sequential(ModuleList):
    """Modules one after the other."""

    def __init__(self, *modules: Module) -> None:
        super().__init__(modules)

    def forward(self, *args: Any) -> Any:
        (x,) = args
        for module in self._modules.values():
            x = module(x)
        return x

    def _of(self, modules: list[Module]) -> Module:
        return Sequential(*modules)

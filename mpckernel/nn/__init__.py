"""Neural networks trained on secret-shared data, with PyTorch's names.

Values, weights and gradients are secret arrays; architecture, batch sizes and rates are public.
Names are loaded when they are used.
Source of the names: PyTorch's torch.nn and torch.optim.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "activations": "GELU LeakyReLU LogSoftmax ReLU Sigmoid Softmax Softplus Tanh",
    "containers": "ModuleList Sequential",
    "convolution": "Conv2d",
    "dropout": "Dropout",
    "embedding": "Embedding",
    "initial": "manual_seed",
    "linear": "Flatten Identity Linear",
    "losses": "BCEWithLogitsLoss CrossEntropyLoss L1Loss MSELoss NLLLoss",
    "module": "Module",
    "modes": "no_grad",
    "normalising": "BatchNorm1d BatchNorm2d LayerNorm",
    "optim": "Adam AdamW SGD",
    "optim.lr_scheduler": "CosineAnnealingLR ExponentialLR LambdaLR MultiStepLR StepLR",
    "parameter": "Parameter",
    "pooling": "AvgPool2d MaxPool2d",
    "predicting": "evaluate predict",
    "ranges": "Ranges",
    "saving": "load save",
    "state": "load_state state_of swapped",
    "tape": "derivative",
    "torch": "from_torch to_torch",
    "tensor": "Tensor differentiable",
    "training": "fit",
}
_CLIPPING = (
    "gradients need no clipping: the limit= of layers bounds them, and every step checks it; for "
    "shorter steps take a smaller lr"
)
_INSTEAD = {
    "BCELoss": "nn.BCEWithLogitsLoss takes what comes before the sigmoid",
    "Conv1d": "nn.Conv2d with kernel_size=(1, k), of rows (n, channels, 1, length)",
    "DataLoader": "nn.fit(model, loss, optimizer, x, y, batch_size=...) makes the batches",
    "clip_grad_norm_": _CLIPPING,
    "clip_grad_value_": _CLIPPING,
    "utils": f"{_CLIPPING}. Batches are made by nn.fit(model, loss, optimizer, x, y, "
    "batch_size=...)",
}
_NAMES = {name: home for home, names in _HOMES.items() for name in names.split()}
_MODULES = ("functional", "optim")

__all__ = sorted([*_NAMES, *_MODULES])  # noqa: PLE0605  (from the table)


def __getattr__(name: str) -> Any:
    """A public name, loaded now."""
    if name in _NAMES:
        import_module("mpckernel.nn.derivatives")  # fills the table of rules
        return getattr(import_module(f"mpckernel.nn.{_NAMES[name]}"), name)
    if name in _MODULES:
        return import_module(f"mpckernel.nn.{name}")
    way = f"; {_INSTEAD[name]}" if name in _INSTEAD else ""
    raise AttributeError(f"module 'mpckernel.nn' has no attribute {name!r}{way}")


def __dir__() -> list[str]:
    return list(__all__)

"""Optimisers and schedules of their rates, under the names of torch.optim: nn.optim.SGD.

Source of the names: PyTorch's torch.optim.
"""

from mpckernel.nn.optim import lr_scheduler
from mpckernel.nn.optim.adam import Adam, AdamW
from mpckernel.nn.optim.optimizer import Optimizer
from mpckernel.nn.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "lr_scheduler"]

"""All workloads by name, in the order of the tables; `NAME@n` is one of growth.py at size n."""

from mpckernel.bench.basic import BASIC
from mpckernel.bench.cases import Case
from mpckernel.bench.functions import FUNCTIONS
from mpckernel.bench.growth import GROWING
from mpckernel.bench.inference import INFERENCE
from mpckernel.bench.training import TRAINING

CASES: dict[str, Case] = {c.name: c for c in (*BASIC, *FUNCTIONS, *TRAINING, *INFERENCE)}


def find(name: str) -> Case:
    """A workload; KeyError if there is none of that name."""
    kind, at, n = name.partition("@")
    return GROWING[kind](int(n)) if at else CASES[name]


def known(name: str) -> bool:
    """Whether `find` knows it."""
    kind, at, n = name.partition("@")
    return kind in GROWING and n.isdigit() if at else name in CASES

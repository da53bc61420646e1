"""All workloads by name, in the order of the tables; those with an @ are of growth.py."""

from mpckernel.bench.basic import BASIC
from mpckernel.bench.cases import Case
from mpckernel.bench.functions import FUNCTIONS
from mpckernel.bench.growth import growing, parse
from mpckernel.bench.inference import INFERENCE
from mpckernel.bench.training import TRAINING

CASES: dict[str, Case] = {c.name: c for c in (*BASIC, *FUNCTIONS, *TRAINING, *INFERENCE)}


def find(name: str) -> Case:
    """A workload; KeyError if there is none of that name."""
    grown = parse(name)
    return growing(*grown) if grown else CASES[name]


def known(name: str) -> bool:
    """Whether `find` knows it."""
    return name in CASES or parse(name) is not None

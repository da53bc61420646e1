"""SUPPORTED.md says what the table of rules holds, and every rule says what it does."""

from inspect import getdoc

import numpy as np
import pytest

from mpckernel.array.nearest import NEAREST
from mpckernel.array.rules import RULES, name_of, rule_for
from mpckernel.array.table import FILE, table
from mpckernel.errors import Unsupported


def test_the_document_is_current() -> None:
    assert FILE.read_text() == table(), "run python -m mpckernel.array.table --write"


def test_every_rule_is_described() -> None:
    for function, rule in RULES.items():
        first = (getdoc(rule.run) or "").splitlines()
        assert first, name_of(function)
        assert first[0].endswith("."), name_of(function)


def test_hints_name_functions_that_numpy_has() -> None:
    for name in NEAREST:
        owner, _, last = name.rpartition(".")
        homes = [np.ndarray] if owner == "x" else [np, np.linalg, np.fft]
        assert any(hasattr(home, last) for home in homes), name
        assert owner in ("", "x", "linalg", "fft")


def test_refusal_names_the_nearest() -> None:
    with pytest.raises(Unsupported, match=r"np\.nonzero has no secret version; nearest: the mask"):
        rule_for(np.nonzero)
    with pytest.raises(Unsupported, match=r"np\.linalg\.eigh has no secret version"):
        rule_for(np.linalg.eigh)
    with pytest.raises(Unsupported, match=r"np\.i0 has no secret version; nearest: the table"):
        rule_for(np.i0)

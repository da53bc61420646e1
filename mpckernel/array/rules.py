"""The table from NumPy functions to what they mean on secret arrays.

How to add a rule, in a module that `mpckernel/array/__init__.py` imports:

    @implements(np.add)
    def add(x: Any, y: Any) -> SecretArray:
        '''The first line goes into SUPPORTED.md.

        Error: one line about accuracy, also for SUPPORTED.md (left out: exact).
        '''

A rule is called with what the user gave, except that variables of owners are shared already and
opened values are public arrays: it sees SecretArrays and public values only. `publics.operand`
makes the latter arrays; `secret.ask(ideal, *operands, dtype=...)` records one functionality;
`secret.SecretArray(call, dtype)` shows a call that was recorded in another way (with
`runtime.cell.current().record` as the `do` of protocols/composed). Who contributed is filled in
by whoever called the rule. A keyword that the rule's signature lacks is refused by name.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import Parameter, Signature, signature
from typing import Any, TypeVar

import numpy as np

from mpckernel.array.nearest import NEAREST
from mpckernel.errors import Unsupported

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, and what the table says of it."""

    run: Callable[..., Any]
    signature: Signature
    chapter: str
    positional: range  # how many arguments it takes where all are given by place


RULES: dict[Any, Rule] = {}


def implements(*functions: Any) -> Callable[[F], F]:
    """Register the decorated rule for these NumPy functions (or names of array methods)."""

    def register(run: F) -> F:
        taken = signature(run)
        rule = Rule(run, taken, run.__module__.rpartition(".")[2], _positional(taken))
        RULES.update(dict.fromkeys(functions, rule))
        return run

    return register


def _positional(taken: Signature) -> range:
    places = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    by_place = [p for p in taken.parameters.values() if p.kind in places]
    needed = [p for p in taken.parameters.values() if p.default is Parameter.empty]
    if any(p not in by_place for p in needed):
        return range(0)  # such as *args
    return range(len(needed), len(by_place) + 1)


def name_of(function: Any) -> str:
    """As the user writes it: np.sum, np.linalg.norm."""
    if isinstance(function, str):
        return function
    _, _, rest = (getattr(function, "__module__", None) or "numpy").partition(".")
    part = rest.split(".")[0]
    prefix = f"np.{part}." if part in ("linalg", "fft", "random", "ma", "strings") else "np."
    return prefix + getattr(function, "__name__", "function")


def rule_for(function: Any) -> Rule:
    """The rule, or Unsupported with the nearest thing that exists."""
    if function in RULES:
        return RULES[function]
    if isinstance(function, np.ufunc):  # SciPy's, which go by their names
        for same in (f"scipy.special.{function.__name__}", getattr(np, function.__name__, None)):
            if same in RULES:
                return RULES[same]
    name = name_of(function)
    hint = NEAREST.get(name.removeprefix("np."))
    if hint is None:
        close = get_close_matches(name, supported(), n=3, cutoff=0.85)
        hint = ", ".join(close) if close else "the table in mpckernel/array/SUPPORTED.md"
    raise Unsupported(f"{name} has no secret version; nearest: {hint}")


def run_rule(function: Any, args: Iterable[Any], kwargs: dict[str, Any]) -> Any:
    """Apply the rule; arguments it does not have are refused by name, unless they are None."""
    rule = rule_for(function)
    args = tuple(args)
    if not kwargs and len(args) in rule.positional:
        return rule.run(*args)
    known = rule.signature.parameters
    kwargs = {k: v for k, v in kwargs.items() if k in known or v is not None}
    try:
        rule.signature.bind(*args, **kwargs)
    except TypeError:
        odd = [f"{k}=" for k in kwargs if k not in known]
        what = ", ".join(odd) if odd else "these arguments"
        raise Unsupported(
            f"{name_of(function)}: {what} cannot be had on secrets; it takes {', '.join(known)}"
        ) from None
    return rule.run(*args, **kwargs)


def supported() -> list[str]:
    """All names with a rule."""
    return sorted(name_of(f) for f in RULES)

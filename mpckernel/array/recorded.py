"""`recorded`: a step of a loop is recorded once, and then repeated.

Every call of a joint cell is recorded by Python, at every party. A loop of a thousand steps
records a thousand times the same; with `@mpckernel.recorded` it records one step, and a call of
the plan for each repetition.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dis import get_instructions
from functools import update_wrapper
from hashlib import blake2b
from types import CodeType, FunctionType
from typing import Any, NamedTuple, TypeVar

import numpy as np

from mpckernel.array.dtypes import SecretType
from mpckernel.array.opened import Opened
from mpckernel.array.operators import here, located, plain_parts
from mpckernel.array.secret import SecretArray
from mpckernel.errors import OutOfRange, Unsupported, UsageError
from mpckernel.runtime.body import RecordedOp
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current
from mpckernel.runtime.inner import rounded_up
from mpckernel.runtime.recording import Given, record

F = TypeVar("F", bound=Callable[..., Any])
KEPT = 64  # forms of arguments for which a function stays recorded
_WORD = 64  # bytes of a public array that stand for themselves; more are digested


def recorded(function: F) -> F:
    """Record a step once, then repeat it: for the steps of a loop, in joint cells.

        @mpckernel.recorded
        def step(w, x, y):
            return w - 0.1 * (x.T @ (mpckernel.sigmoid(x @ w) - y)) / len(y)

        for k in range(100):
            w = step(w, x[rows(k)], y[rows(k)])

    The function runs once for each form of its arguments: shape, type and bound (rounded up to a
    power of two) of secrets, and the content of everything public. After that a call of it is one
    call of the plan, with the same results and price as what it does; it begins when all of
    its arguments exist. Public numbers and arrays that the function names outside are part of
    the form, too; those that functions it calls name are taken as they are when it is recorded.

    function: takes and returns secret arrays, also in tuples, lists and dicts; public numbers and
    arrays may be arguments. It must not depend on anything else, since it does not run again.
    Leaks nothing. Raises UsageError if the function reveals, shares, uses a secret that is
    not an argument, or returns something public.
    """
    return update_wrapper(Recorded(function), function)  # type: ignore[return-value]


class Result(NamedTuple):
    """A secret result: its type, and which arguments' owners have contributed."""

    dtype: SecretType
    arguments: frozenset[int]


class Body(NamedTuple):
    """What is kept of a recording: its steps, and the results in the form of the return value,
    each as its number."""

    op: RecordedOp
    results: list[Result]
    tree: Any


class Recorded:
    """A function, with what it does for the forms of arguments that it was called with."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._bodies: OrderedDict[Any, Body | None] = OrderedDict()
        self._outside = _outside(function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._repeat(args, kwargs)
        except UsageError as why:
            raise located(why) from None

    def _repeat(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        cell, secrets = current(), list[SecretArray]()
        tree = _plain((args, kwargs))
        form = _form(tree, secrets)
        public = (cell.scheme, cell.parties, form, self._named())
        body = self._body(public, tree, secrets)
        calls = cell.repeat(body.op, tuple([x.call for x in secrets]))
        results = [
            SecretArray(call, what.dtype, frozenset().union(*[secrets[k].owners for k in what[1]]))
            for call, what in zip(calls, body.results, strict=True)
        ]
        return _filled(body.tree, results)

    def _body(self, public: Any, tree: Any, secrets: list[SecretArray]) -> Body:
        """As recorded for bounds rounded up; for these very bounds where the others go too far."""
        exact = [Given(x.call.shape, x.call.kind, x.call.bound) for x in secrets]
        given = [g._replace(bound=rounded_up(g.bound)) for g in exact]
        key = (public, tuple([g.bound for g in given]))
        if key not in self._bodies:
            try:
                self._keep(key, self._record(tree, secrets, given))
            except OutOfRange:
                self._keep(key, None)
        self._bodies.move_to_end(key)
        if (body := self._bodies[key]) is not None:
            return body
        key = (public, tuple([g.bound for g in exact]), "exact")
        if key not in self._bodies:
            self._keep(key, self._record(tree, secrets, exact))
        return self._bodies[key]  # type: ignore[return-value]  # never None with this key

    def _keep(self, key: Any, body: Body | None) -> None:
        """Unless another thread was faster: calls of one plan that repeat one body take turns."""
        self._bodies.setdefault(key, body)
        while len(self._bodies) > KEPT:
            self._bodies.popitem(last=False)

    def _record(self, tree: Any, secrets: list[SecretArray], given: list[Given]) -> Body:
        results: list[Result] = []
        form: list[Any] = []

        def program(calls: list[Call]) -> list[Call]:
            inside = [
                SecretArray(call, x.dtype, frozenset({str(k)}))
                for k, (call, x) in enumerate(zip(calls, secrets, strict=True))
            ]
            args, kwargs = _exchanged(tree, iter(inside))
            found = list[SecretArray]()
            form.append(self._returned(self._function(*args, **kwargs), found))
            if not found:
                raise self._public()
            results.extend(Result(x.dtype, frozenset(map(int, x.owners))) for x in found)
            return [x.call for x in found]

        op = record(current(), f"recorded {self._name}", given, program)
        return Body(op, results, form[0])

    @property
    def _name(self) -> str:
        return getattr(self._function, "__name__", "function")

    def _returned(self, x: Any, found: list[SecretArray]) -> Any:
        """The form of what the function returns: in place of arrays their numbers."""
        if type(x) in (tuple, list):
            return type(x)(self._returned(v, found) for v in x)
        if type(x) is dict:
            return {k: self._returned(v, found) for k, v in x.items()}
        if not isinstance(x, SecretArray):
            raise self._public()
        _ordinary(x)
        found.append(x)
        return len(found) - 1

    def _public(self) -> UsageError:
        return UsageError(
            f"{here()}{self._name} is recorded and returns secret arrays, in tuples, lists or "
            "dicts if there are several; what is public is computed outside"
        )

    def _named(self) -> tuple[Any, ...]:
        """The public values that the function names outside, as they are now."""
        names, cells = self._outside
        space = getattr(self._function, "__globals__", {})
        values = [space.get(name) for name in names]
        for cell in cells:
            try:
                values.append(cell.cell_contents)
            except ValueError:  # not set yet
                values.append(None)
        return tuple([_content(v) for v in values])


def _outside(function: Any) -> tuple[list[str], tuple[Any, ...]]:
    """Names of global variables, and cells of enclosing functions, that a function reads."""
    if not isinstance(function, FunctionType):
        return [], ()
    names = dict.fromkeys(_globals(function.__code__))
    return list(names), function.__closure__ or ()


def _globals(code: CodeType) -> Iterator[str]:
    for step in get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield step.argval
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _globals(inner)


def _plain(x: Any) -> Any:
    """Arguments with owners' variables shared, and opened values as they are."""
    kind = type(x)
    if kind is SecretArray:
        return x
    if kind in (tuple, list):
        return kind([_plain(v) for v in x])
    if kind is dict:
        return {k: _plain(v) for k, v in x.items()}
    return plain_parts(x)


def _form(x: Any, secrets: list[SecretArray]) -> Any:
    """What a recording may depend on, as a key; collects the secrets on the way."""
    kind = type(x)
    if isinstance(x, SecretArray):
        _ordinary(x)
        secrets.append(x)
        return (x.dtype, x.call.shape)
    if kind in (tuple, list):
        return (kind, *[_form(v, secrets) for v in x])
    if kind is dict:
        return (kind, *[(_form(k, secrets), _form(v, secrets)) for k, v in x.items()])
    content = _content(x)
    if content is None and x is not None:
        raise Unsupported(
            f"{here()}a recorded function takes secret arrays, public arrays and numbers, and "
            f"tuples, lists and dicts of them, not {kind.__name__}"
        )
    return content


def _content(x: Any) -> Any:
    """A public value as a key; None for what is not one."""
    kind = type(x)
    if kind in (int, bool, str, bytes, SecretType):
        return (kind, x)
    if kind is float or kind is complex:
        return (kind, repr(x))  # -0.0 is not 0.0
    if isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "biuf":
        data = np.asarray(x).tobytes()
        if len(data) > _WORD:
            data = blake2b(data, digest_size=32).digest()
        return (kind, x.dtype.str, x.shape, data)
    if kind in (tuple, list):
        return (kind, *[_content(v) for v in x])
    if kind is dict:
        return (kind, *[(_content(k), _content(v)) for k, v in x.items()])
    if kind in (slice, range):
        return (kind, x.start, x.stop, x.step)
    if kind is Opened:
        return _content(plain_parts(x))
    return x if isinstance(x, FunctionType | np.ufunc | type | Recorded) else None


def _ordinary(x: SecretArray) -> None:
    if x.dtype.kind == "w":
        raise Unsupported(
            f"{here()}a recorded function neither takes nor returns wide sums; x.astype makes them "
            "ordinary secrets where their bounds allow it"
        )


def _exchanged(tree: Any, inside: Iterator[SecretArray]) -> Any:
    """The arguments, with the secrets that the recording sees in place of those given."""
    kind = type(tree)
    if isinstance(tree, SecretArray):
        return next(inside)
    if kind in (tuple, list):
        return kind([_exchanged(v, inside) for v in tree])
    if kind is dict:
        return {k: _exchanged(v, inside) for k, v in tree.items()}
    return tree


def _filled(tree: Any, results: list[SecretArray]) -> Any:
    """The return value, with arrays in place of their numbers."""
    kind = type(tree)
    if kind is int:
        return results[tree]
    if kind is dict:
        return {k: _filled(v, results) for k, v in tree.items()}
    return kind([_filled(v, results) for v in tree])

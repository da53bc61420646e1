"""Names of owners as namespaces: `alice.df["age"]` is a path that only alice's kernel follows.

A path is made of attributes, public items and calls with public arguments. The first use as an
array (an operator, a NumPy function, share, concat, reveal) shares its value.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from mpckernel.array.operators import here
from mpckernel.array.secret import SecretArray
from mpckernel.array.standing import StandIn
from mpckernel.errors import ImplicitReveal, Unsupported, UsageError

PYTHON = ("item", "tolist")  # methods of arrays that make Python's own values of them
PUBLIC = ("shape", "ndim", "size", "dtype")  # what is public of a secret array, once it is one
TOGETHER = "rows of two owners are brought together by alice.df.merge(bob.df, on='id')"
LISTED = "a list of such variables becomes one array with np.stack([{!r}, ...])"
Step = tuple[str, Any]  # ("attribute", name), ("item", key), ("call", (args, kwargs))


class OwnerName:
    """A party as a namespace of its private variables: alice.x is x in alice's own cells."""

    __slots__ = ("_name", "_number")

    def __init__(self, name: str, number: int) -> None:
        self._name, self._number = name, number

    def __getattr__(self, variable: str) -> "OwnerPath":
        if variable.startswith("_"):
            raise AttributeError(f"variables that begin with _ are not reachable from {self!r}")
        return OwnerPath(self, (("attribute", variable),))

    def __setattr__(self, variable: str, value: Any) -> None:
        if variable not in OwnerName.__slots__:
            raise Unsupported(
                f"{self!r}.{variable} is set in a private cell of {self!r}; to hand over a "
                f"result use reveal(x, to={self!r})"
            )
        object.__setattr__(self, variable, value)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise Unsupported(f"{self!r} is a party; name a variable of it, {self!r}.x")

    def __repr__(self) -> str:
        return self._name


class OwnerPath(StandIn):
    """Something in an owner's kernel, not looked at yet. Everything but its path is private."""

    __slots__ = ("_owner", "_steps")

    def __init__(self, owner: OwnerName, steps: tuple[Step, ...]) -> None:
        self._owner, self._steps = owner, steps

    def __getattr__(self, name: str) -> "OwnerPath":
        if name.startswith("_"):
            raise AttributeError(name)
        return OwnerPath(self._owner, (*self._steps, ("attribute", name)))

    def __getitem__(self, key: Any) -> "OwnerPath":
        try:
            _public_only(key)
        except Unsupported as why:
            raise Unsupported(
                f"{here()}{why}; choose rows in a private cell of {self._owner!r}, or by public "
                f"text, share({self!r}.query('age > 60'))"
            ) from None
        return OwnerPath(self._owner, (*self._steps, ("item", key)))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        *before, (kind, what) = self._steps
        try:
            _public_only((*args, *kwargs.values()))
        except Unsupported as why:
            if before and (kind, what) == ("attribute", "merge"):
                from mpckernel.array.frames.merging import merge

                return merge(OwnerPath(self._owner, tuple(before)), *args, **kwargs)
            if (kind, what) == ("attribute", "join"):
                raise Unsupported(f"{here()}{why}; {TOGETHER}") from None
            raise Unsupported(
                f"{here()}{why}; call it in a private cell of {self._owner!r}"
            ) from None
        if before and kind == "attribute" and what in PYTHON:
            OwnerPath(self._owner, tuple(before))._private()
        return OwnerPath(self._owner, (*self._steps, ("call", (args, kwargs))))

    def _stands_for(self) -> SecretArray:
        from mpckernel.array.describing import share_array

        return share_array(self)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        try:
            self._private()
        except ImplicitReveal as why:
            raise ImplicitReveal(f"{why}; {LISTED.format(self)}") from None

    def _private(self, *_: Any, **__: Any) -> NoReturn:
        for k, (kind, what) in enumerate(self._steps[1:], 1):
            if kind == "attribute" and what in PUBLIC:
                array = OwnerPath(self._owner, self._steps[:k])
                raise ImplicitReveal(
                    f"{here()}{self!r} is private to {self._owner!r}; share({array!r}).{what} is "
                    "public"
                )
        raise ImplicitReveal(
            f"{here()}{self!r} is private to {self._owner!r}; share({self!r}) makes it a secret "
            "array, whose shape and type are public, and reveal() opens it"
        )

    __bool__ = __int__ = __float__ = __complex__ = __index__ = _private
    __len__ = __iter__ = __contains__ = __reduce_ex__ = _private

    def __setitem__(self, key: Any, value: Any) -> None:
        raise Unsupported(f"{self!r} is changed in a private cell of {self._owner!r}")

    def __repr__(self) -> str:
        return f"{self._owner!r}{self._text()[0]}"

    def _text(self) -> tuple[str, bool]:
        """The path as written, and whether the text says it all (so that equal texts are the
        same thing, as long as nothing is called)."""
        text, complete = "", True
        for kind, what in self._steps:
            if kind == "attribute":
                text += f".{what}"
                complete &= what.isidentifier()
            elif kind == "item":
                text += f"[{_key_text(what)}]"
                complete &= _plain(what)
            else:
                text += "(...)"
                complete = False
        return text, complete


def value_of(path: OwnerPath, namespace: Mapping[str, Any]) -> Any:
    """Follow the path in the owner's own kernel. UsageError names the step that failed, and never
    repeats the text of an exception: it may hold values."""
    (_, variable), *steps = path._steps
    if variable not in namespace:
        raise UsageError(f"no variable {variable}, asked for by this cell")
    value = namespace[variable]
    for k, (kind, what) in enumerate(steps, 2):
        try:
            if kind == "attribute":
                value = getattr(value, what)
            elif kind == "item":
                value = value[what]
            else:
                args, kwargs = what
                value = value(*args, **kwargs)
        except Exception as why:  # noqa: BLE001  (whatever private code raises, it stays private)
            failed = OwnerPath(path._owner, path._steps[:k])
            raise UsageError(f"{failed!r} raised {type(why).__name__}") from None
    return value


def _public_only(parts: Any) -> None:
    from mpckernel.array.opened import Opened

    if isinstance(parts, SecretArray | StandIn | Opened | OwnerName):
        raise Unsupported("a path to a private variable has public keys and arguments only")
    if isinstance(parts, tuple | list):
        for part in parts:
            _public_only(part)


def _plain(key: Any) -> bool:
    if isinstance(key, tuple | list):
        return all(map(_plain, key))
    if isinstance(key, slice):
        ends = key.start, key.stop, key.step
        return all(_plain(k) and not isinstance(k, slice) for k in ends)
    return key is None or key is Ellipsis or type(key) in (str, int, bool, float)


def _key_text(key: Any) -> str:
    """Plain keys that differ have texts that differ."""
    if isinstance(key, tuple) and key:
        return ", ".join(map(_inner_text, key)) + "," * (len(key) == 1)
    return _inner_text(key)


def _inner_text(key: Any) -> str:
    if isinstance(key, slice):
        parts = [key.start, key.stop] + ([] if key.step is None else [key.step])
        return ":".join("" if k is None else _inner_text(k) for k in parts)
    if isinstance(key, tuple) and key:
        return f"({_key_text(key)})"
    if isinstance(key, list):
        return f"[{', '.join(map(_inner_text, key))}]"
    return repr(key) if _plain(key) else "..."

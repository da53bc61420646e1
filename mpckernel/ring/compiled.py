"""Functions compiled by Numba at first use, each beside its definition in NumPy.

Numba is imported when the first of them is compiled, never before. The environment variable
MPCKERNEL_NUMPY=1 runs the definitions instead; so does a machine without Numba.
"""

import importlib.util
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from mpckernel.errors import Bug

_TABLE: list["Compiled"] = []
_LOCK = Lock()


def numpy_only() -> bool:
    """Whether the definitions run instead of compiled code."""
    asked = os.environ.get("MPCKERNEL_NUMPY", "") not in ("", "0")
    return asked or importlib.util.find_spec("numba") is None


class Compiled:
    """A loop over words that Numba compiles once, for one signature, and caches on disk."""

    waiting = True
    """False while a background thread compiles: callers then run the definition, not wait."""

    def __init__(self, loop: Callable[..., None], kinds: str, definition: Callable[..., None]):
        self.loop, self.kinds, self.definition = loop, kinds, definition
        self.ready: Callable[..., None] | None = None

    def __call__(self, *args: Any) -> None:
        if self.ready is not None:
            self.ready(*args)
        elif Compiled.waiting:
            self.compile()(*args)
        else:
            self.definition(*args)

    def __str__(self) -> str:
        return self.loop.__name__

    def compile(self) -> Callable[..., None]:
        """Compile, or load from disk. Idempotent, safe from any thread."""
        with _LOCK:
            if self.ready is None:
                self.ready = self.definition if numpy_only() else _compile(self.loop, self.kinds)
        return self.ready


def compiled(kinds: str, definition: Callable[..., None]) -> Callable[..., Compiled]:
    """Decorate a loop; `kinds` names its parameters' types, in order, separated by blanks.

    in1, in2: words, C-contiguous, one or two axes, only read, aligned or not; out1, out2: the
    same, written to, aligned; int: a signed machine integer.
    """

    def wrap(loop: Callable[..., None]) -> Compiled:
        _TABLE.append(Compiled(loop, kinds, definition))
        return _TABLE[-1]

    return wrap


def table() -> tuple[Compiled, ...]:
    """Everything declared so far, in the order in which it should be compiled."""
    return tuple(_TABLE)


def _compile(loop: Callable[..., None], kinds: str) -> Callable[..., None]:
    from numba import njit, types

    def typed(kind: str) -> Any:
        if kind == "int":
            return types.int64
        read = kind.startswith("in")
        return types.Array(types.uint64, int(kind[-1]), "C", readonly=read, aligned=not read)

    signature = types.void(*map(typed, kinds.split()))
    options = {"nogil": True, "error_model": "numpy"}
    try:
        with _cache_of_the_user():
            ready = njit(signature, cache=True, **options)(loop)
    except Exception:  # noqa: BLE001 (no place for the cache, an open or damaged one: do without)
        ready = njit(signature, **options)(loop)
    if not ready.signatures:
        raise Bug(f"{loop.__name__} did not compile")
    return ready


@contextmanager
def _cache_of_the_user() -> Iterator[None]:
    """Compiled code goes to the user's cache folder, not beside the source: what pip installs
    it must be able to remove. NUMBA_CACHE_DIR chooses another place, and answers for it."""
    from numba.core import config as settings

    config: Any = settings  # its attributes are made at run time
    before = config.CACHE_DIR
    config.CACHE_DIR = before or str(_closed_folder())
    try:
        yield
    finally:
        config.CACHE_DIR = before


def _closed_folder() -> Path:
    """Where compiled code is kept. Numba unpickles what lies there, so nobody else may look or
    write into it; PermissionError if one is there that is open or somebody else's."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "mpckernel-compiled"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if os.name == "posix":
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
        if not ours or stat.S_IMODE(found.st_mode) & 0o077:
            raise PermissionError(f"other users can reach {folder}")
    return folder

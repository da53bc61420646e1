"""Three kernels of three parties that meet by room file and ticket, as on three machines."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.kernel.conftest import MPC
from tests.kernel.kernels import Kernel, Ran

NAMES = ("alice", "bob", "carol")


class Three:
    """The kernels, by name; `all` runs one cell at every party side by side."""

    def __init__(self, start: Callable[..., Kernel]) -> None:
        self.kernels = {name: start() for name in NAMES}

    def __getitem__(self, name: str) -> Kernel:
        return self.kernels[name]

    def meet(self) -> dict[str, str]:
        """alice hosts, the others type the lines she sends; the join lines, by name."""
        shown = self["alice"].ok("%mpc host clinic --as alice --with bob carol").text
        lines = dict(re.findall(r"(bob|carol)\s+(%mpc join \S+ --as \w+ --ticket \S+)", shown))
        cells = {name: self[name].start(f"{line} --wait 30") for name, line in lines.items()}
        for name, cell in cells.items():
            ran = self[name].finish(cell)
            assert ran.status == "ok", ran.text
        return lines

    def all(self, code: str, **private: str) -> dict[str, Ran]:
        """The same cell everywhere (private: another text for one party)."""
        cells = {name: self[name].start(private.get(name, code)) for name in NAMES}
        return {name: self[name].finish(cell) for name, cell in cells.items()}

    def ok(self, code: str) -> list[str]:
        """A cell that must succeed; the results by party."""
        ran = self.all(code)
        assert [r.status for r in ran.values()] == ["ok"] * 3, [r.text for r in ran.values()]
        return ["".join(r.results) for r in ran.values()]


@contextmanager
def met(folder: Path) -> Iterator[Three]:
    """Three kernels in one room, each with a home of its own in this folder."""
    with ExitStack() as ends:
        homes = (folder / f"home{k}" for k in range(len(NAMES)))

        def start() -> Kernel:
            kernel = Kernel(MPC, "message", folder, {"MPCKERNEL_HOME": str(next(homes))})
            ends.callback(kernel.close)
            return kernel

        three = Three(start)
        three.meet()
        yield three

"""Three kernels of three parties that meet by room file and ticket, as on three machines."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.kernel.kernels import Kernel, Ran

NAMES = ("alice", "bob", "carol")


class Three:
    """The kernels, by name; `all` runs one cell at every party side by side."""

    def __init__(self, start: Callable[..., Kernel]) -> None:
        self.pool = ThreadPoolExecutor(3)
        self.kernels = dict(zip(NAMES, self.pool.map(lambda _: start(), NAMES), strict=True))

    def __getitem__(self, name: str) -> Kernel:
        return self.kernels[name]

    def meet(self) -> dict[str, str]:
        """alice hosts, the others type the lines she sends; the join lines, by name."""
        shown = self["alice"].ok("%mpc host clinic --as alice --with bob carol").text
        lines = dict(re.findall(r"(bob|carol)\s+(%mpc join \S+ --as \w+ --ticket \S+)", shown))
        jobs = [self.pool.submit(self[name].ok, f"{lines[name]} --wait 30") for name in lines]
        for job in jobs:
            job.result()
        return lines

    def all(self, code: str, **private: str) -> dict[str, Ran]:
        """The same cell everywhere (private: another text for one party)."""
        jobs = {n: self.pool.submit(k.run, private.get(n, code)) for n, k in self.kernels.items()}
        return {name: job.result() for name, job in jobs.items()}

    def ok(self, code: str) -> list[str]:
        """A cell that must succeed; the results by party."""
        ran = self.all(code)
        assert [r.status for r in ran.values()] == ["ok"] * 3, [r.text for r in ran.values()]
        return ["".join(r.results) for r in ran.values()]

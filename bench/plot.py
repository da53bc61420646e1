"""Seconds an element and memory against n, drawn from the kept results: bench/growth.svg.

Run: python bench/plot.py (needs matplotlib)
"""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from mpckernel.bench.growing import BASE, HELD, added
from mpckernel.bench.growth import GROWING
from mpckernel.bench.results import load

HERE = Path(__file__).resolve().parent
LOOK = {  # colours of Okabe and Ito, marks of their own
    "product": ("#0072B2", "o"),
    "comparison": ("#D55E00", "s"),
    "sigmoid": ("#009E73", "^"),
    "mean": ("#CC79A7", "D"),
}


def main() -> None:
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "growth", "font.size": 9})
    rows = [r for r in load(HERE, "growth").values() if not r["failed"]]
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for kind in GROWING:
        mine = sorted((r for r in rows if r["name"].startswith(kind)), key=lambda r: r["n"])
        n = [r["n"] for r in mine]
        colour, mark = LOOK[kind]
        style = {"color": colour, "marker": mark, "markersize": 4, "linewidth": 1.2, "label": kind}
        left.loglog(n, [1e9 * r["seconds"] / r["n"] for r in mine], **style)
        more = [1e9 * added(r) / r["n"] for r in mine]
        left.loglog(n, more, color=colour, linewidth=0.9, linestyle=":")
        peaks = [(r["n"], (max(r["peak_bytes"]) - BASE) / (HELD[kind] * r["n"])) for r in mine]
        peaks = [p for p in peaks if p[0] >= 10**6]
        right.semilogx(*zip(*peaks, strict=True), **style) if peaks else None
    left.set(
        xlabel="elements",
        ylabel="nanoseconds an element",
        title="dotted: what one more adds to a cell",
    )
    right.set(xlabel="elements", ylabel="peak of a party / shares held", title="memory")
    right.axhline(4, color="gray", linewidth=0.8, linestyle="--")
    right.set_ylim(0, 4.5)
    for axes in (left, right):
        axes.grid(visible=True, linewidth=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False)
    figure.savefig(HERE / "growth.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()

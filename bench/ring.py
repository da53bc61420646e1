"""Speed of the ring layer: medians, and how many times faster than NumPy's definition.

Run: python bench/ring.py
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mpckernel.ring import bits, compiled, fixed, warm, words
from mpckernel.ring.prg import Prg

N = 1 << 20
PRG = Prg(bytes(16))


def median(run: Callable[[], Any], least: float = 0.3) -> float:
    """Seconds; at least five runs and `least` seconds after one that does not count."""
    run()
    times: list[float] = []
    while len(times) < 5 or sum(times) < least:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def by_definition(run: Callable[[], Any]) -> float:
    """The same with every loop replaced by its definition."""
    ready = [function.ready for function in compiled.table()]
    for function in compiled.table():
        function.ready = function.definition
    try:
        return median(run, 0.1)
    finally:
        for function, old in zip(compiled.table(), ready, strict=True):
            function.ready = old


def line(name: str, run: Callable[[], Any], count: float, unit: str = "ns/word") -> None:
    """One row: nanoseconds per item, or 10^9 items a second."""
    fast, slow = median(run), by_definition(run)
    figure = count / fast / 1e9 if unit.startswith("G") else fast / count * 1e9
    print(f"{name:34}{figure:10.2f} {unit:8}{slow / fast:8.1f} x")


def main() -> None:
    start = time.perf_counter()
    warm.warm()
    print(f"warm {time.perf_counter() - start:.2f} s\n")
    print(f"{'':34}{'median':>10} {'':8}{'NumPy':>8}")
    for n in (1, 4096, N):
        flat = list(PRG.words((6, n), 0, n))
        line(f"cross, {n}", lambda x=flat: words.cross(*x), n)
        line(f"cross_and, {n}", lambda x=flat: bits.cross_and(*x), n)
    for n in (4096, 1 << 17, N):
        w = PRG.words(n, 1, n)
        for width in (64, 32):
            p = bits.planes(w, width)
            line(f"planes, {n} x {width}", lambda w=w, k=width: bits.planes(w, k), n)
            line(f"from_planes, {n} x {width}", lambda p=p, n=n: bits.from_planes(p, n), n)
    w = PRG.words(N, 2, 0)
    for width in (16, 20, 48):
        low = bits.pack_low(w, width)
        line(f"pack_low, {width} bits", lambda k=width: bits.pack_low(w, k), N)
        line(f"unpack_low, {width} bits", lambda k=width, p=low: bits.unpack_low(p, k, N), N)
    for m, p, q in [
        *[(64, 64, 64), (256, 256, 256), (1000, 1000, 1000), (1, 1000, 1000)],
        *[(1000, 1000, 1), (128, 784, 128), (10_000, 25, 16), (784, 128, 10)],
    ]:
        a, b = PRG.words((m, p), 3, 0), PRG.words((p, q), 3, 1)
        line(
            f"matmul, {m} x {p} x {q}", lambda a=a, b=b: words.matmul(a, b), 2 * m * p * q, "Gop/s"
        )
    image = PRG.words((64, 8, 12, 12), 4, 0)
    cols = words.im2col(image, 5, 5)
    line("im2col, 5 x 5", lambda: words.im2col(image, 5, 5), cols.size)
    line("col2im, 5 x 5", lambda: words.col2im(cols, image.shape, 5, 5), cols.size)
    real = fixed.decode(w >> np.uint64(8), 20)
    line("encode", lambda: fixed.encode(real, 20), N)
    line("decode", lambda: fixed.decode(w, 20), N)
    for n in (1, 64, 65, 4096, N):
        line(f"Prg.words, {n}", lambda n=n: PRG.words(n, 5, 0), 8 * n, "GB/s")


if __name__ == "__main__":
    main()

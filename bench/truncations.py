"""A hundred million stochastic truncations: floor or floor + 1, as often as they should be.

    python bench/truncations.py [--count 100000000] [--write bench]

Three parties in one thread (rep3) truncate words of all sizes below 2^62 by 2^16, and products of
two words. Results are compared with the floor on 64-bit integers: how many are floor, floor + 1,
anything else; the mean error, in units of the last place, against x / 2^f; and how far the number
of floor + 1 is from the expected one, the sum of the parts cut off, in standard errors.
"""

import argparse
import json
from pathlib import Path

import numpy as np

import mpckernel.protocols.rep3  # noqa: F401  (registers the operations)
from mpckernel.bench import results, tables
from mpckernel.protocols.op import OPS
from mpckernel.ring import words
from mpckernel.ring.prg import Prg
from mpckernel.runtime.lockstep import run_lockstep, three_parties
from mpckernel.sharing.rep3 import Rep3

F = 16
CHUNK = 1 << 20
DRAWS = Prg(b"truncations 2026")
EDGES = [0, 1, -1, 2**F, -(2**F), 2**F - 1, 1 - 2**F, 2**61, -(2**61), 2**62 - 1, 1 - 2**62]


def shared(x: np.ndarray, call: int) -> list[Rep3]:
    """A fresh sharing, as each party holds it."""
    a, b = DRAWS.words((2, x.size), call, 1)
    parts = [a, b, words.as_words(x) - a - b]
    return [Rep3(parts[k], parts[(k + 1) % 3]) for k in range(3)]


def numbers(n: int, call: int, top: int) -> np.ndarray:
    """Signed words below 2^top: every size about as often as any other."""
    draw = DRAWS.words(n, call, 0)
    size = (draw & np.uint64(63)) % np.uint64(top - 1)
    x = (draw >> (np.uint64(64 - top) + size)).astype(np.int64)
    return np.where(draw >> np.uint64(6) & np.uint64(1), -x, x)


def one(name: str, n: int, call: int) -> tuple[np.ndarray, np.ndarray]:
    """Words that were to be truncated, and the results."""
    if name == "trunc":
        x = numbers(n, 2 * call, 62)
        x[: len(EDGES)] = EDGES
        operands = [shared(x, 2 * call)]
    else:
        x, y = (numbers(n, 2 * call + k, 31) for k in (0, 1))
        operands = [shared(x, 2 * call), shared(y, 2 * call + 1)]
        x = x * y
    parties = [p.at(call) for p in three_parties(b"truncations")]
    op = OPS[f"rep3.{name}"]
    runs = [op(p, *(o[k] for o in operands), f=F) for k, p in enumerate(parties)]
    out, _, _ = run_lockstep([steps.__await__() if hasattr(steps, "__await__") else steps
                              for steps in runs])  # fmt: skip
    return x, (out[0].i + out[0].j + out[1].j).view(np.int64)


def measure(name: str, count: int) -> dict[str, float | int | str]:
    """All of them, chunk by chunk."""
    below = above = other = 0
    error = expected = variance = 0.0
    for call, done in enumerate(range(0, count, CHUNK)):
        x, got = one(name, min(CHUNK, count - done), call)
        floor = x >> F
        p = (x & (2**F - 1)) / 2**F
        below += int((got == floor).sum())
        above += int((got == floor + 1).sum())
        other += int(((got != floor) & (got != floor + 1)).sum())
        error += float((got - floor - p).sum())
        expected += float(p.sum())
        variance += float((p * (1 - p)).sum())
    return {
        "name": name, "n": count, "floor": below, "above": above, "other": other,
        "mean": error / count, "expected": expected,
        "sigmas": (above - expected) / variance**0.5 if variance else 0.0,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10**8)
    parser.add_argument("--write", type=Path, metavar="DIR")
    args = parser.parse_args()
    for name in ("trunc", "mul_trunc"):
        found = measure(name, args.count)
        print(json.dumps(found), flush=True)
        if args.write:
            results.keep(args.write, "truncation", [found])
            results.rewrite(args.write, tables.all_tables(args.write))
        if found["other"]:
            raise SystemExit("a result that is neither floor nor floor + 1")


if __name__ == "__main__":
    main()

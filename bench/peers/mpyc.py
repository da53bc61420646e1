"""MPyC on the workloads it ends in seconds: `python mpyc.py -M3 --no-log W2 W11`.

Three parties, Shamir's sharing; a JSON line for each. -M and --no-log are MPyC's own options. Times
at the first party until the result's shares are there and an exchange among all is done.
"""

import json
import statistics
import sys
import time

sys.path.pop(0)  # this folder: the module is named like the package
import mpyc
import numpy as np
from mpyc.runtime import mpc

fixed, int64 = mpc.SecFxp(32, 16), mpc.SecInt(64)
rng = np.random.default_rng(1)  # the same public test data at every party
NAMES = [a for a in sys.argv[1:] if a.startswith("W")] or ["W2", "W4b", "W11", "W11f"]


async def force(z):
    await mpc.gather(z)
    await mpc.transfer(0)


async def measure(name, run, want):
    seconds = []
    for k in range(4):
        await mpc.transfer(0)
        began = time.perf_counter()
        z = await run()
        await force(z)
        if k:
            seconds.append(time.perf_counter() - began)
    got = np.asarray(await mpc.output(z), dtype=float)
    error = float((np.abs(got - want) / np.maximum(np.abs(want), 1.0)).max())
    if mpc.pid == 0:
        found = {
            "engine": f"MPyC {mpyc.__version__}", "name": name,
            "seconds": statistics.median(seconds), "range": [min(seconds), max(seconds)],
            "error": error,
        }  # fmt: skip
        print(json.dumps(found), flush=True)


async def integers():
    x, y = (rng.integers(-(2**31), 2**31, 10**6) for _ in range(2))
    a, b = (mpc.input(int64.array(v), senders=k) for k, v in enumerate((x, y)))

    async def run():
        return a * b

    await measure("W2", run, (x * y).astype(float))


async def matmul():
    x, y = rng.uniform(-1, 1, (128, 784)), rng.uniform(-1, 1, (784, 128))
    a, b = (mpc.input(fixed.array(v), senders=k) for k, v in enumerate((x, y)))

    async def run():
        return a @ b

    await measure("W4b", run, x @ y)


async def chain(name, a, b, want):
    a, b = mpc.input(a, senders=0), mpc.input(b, senders=1)

    async def run():
        z = a
        for _ in range(1000):
            z = z * b
        return z

    await measure(name, run, want)


async def main():
    await mpc.start()
    # not an integer: MPyC leaves the truncation out of products with integers
    nearly = 1 - 2**-16
    jobs = {
        "W2": integers, "W4b": matmul,
        "W11": lambda: chain("W11", int64(1), int64(1), 1.0),
        "W11f": lambda: chain("W11f", fixed(1.5), fixed(nearly), 1.5 * nearly**1000),
    }  # fmt: skip
    for name in NAMES:
        if name in jobs:
            await jobs[name]()
    await mpc.shutdown()


mpc.run(main())

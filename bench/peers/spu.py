"""SecretFlow SPU on the workloads: `python spu.py W1 W3a ...`, a JSON line for each.

Times are the slowest party's, from a barrier to the end of its run; inputs are shared before, and
the first run does not count. Set OMP_THREAD_LIMIT=1 where cores are as few as parties.
"""

import contextlib
import json
import os
import statistics
import sys

sys.path.pop(0)  # this folder: the module is named like the package
import spu as engine

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import jax
import jax.numpy as jnp
import numpy as np
from spu_parties import PARTIES, Cluster, config

RNG = np.random.default_rng(20240607)
M, N = 10**5, 10**6


def uni(lo, hi, *shape):
    return RNG.uniform(lo, hi, shape).astype(np.float32)


def product():
    x, y = uni(-8, 8, N), uni(-8, 8, N)
    return lambda a, b: a * b, (x, y), x.astype(np.float64) * y


def integers():
    x, y = (RNG.integers(-(2**31), 2**31, N, dtype=np.int64) for _ in range(2))
    return lambda a, b: a * b, (x, y), x * y


def less(n):
    x, y = uni(-8, 8, n), uni(-8, 8, n)
    return lambda a, b: a < b, (x, y), x < y


def relu():
    x = uni(-8, 8, N)
    return lambda a: jnp.maximum(a, 0.0), (x,), np.maximum(x, 0)


def matmul(m, k, n):
    x, y = uni(-1, 1, m, k), uni(-1, 1, k, n)
    return jnp.matmul, (x, y), x.astype(np.float64) @ y.astype(np.float64)


def function(name):
    s, p = uni(-8, 8, M), uni(0.01, 100, M)
    s64, p64 = s.astype(np.float64), p.astype(np.float64)
    return {
        "exp": (jnp.exp, (s,), np.exp(s64)),
        "sigmoid": (jax.nn.sigmoid, (s,), 1 / (1 + np.exp(-s64))),
        "reciprocal": (lambda a: 1.0 / a, (p,), 1 / p64),
        "division": (lambda a, b: a / b, (s, p), s64 / p64),
        "sqrt": (jnp.sqrt, (p,), np.sqrt(p64)),
        "rsqrt": (jax.lax.rsqrt, (p,), 1 / np.sqrt(p64)),
        "log": (jnp.log, (p,), np.log(p64)),
        "tanh": (jnp.tanh, (s,), np.tanh(s64)),
    }[name]


def sort(n):
    x = uni(-1000, 1000, n)
    return jnp.sort, (x,), np.sort(x)


def logistic():
    rate, batch, steps = 0.1, 128, 78
    x = uni(-1, 1, 10_000, 100)
    y = (RNG.uniform(size=10_000) < 0.5).astype(np.float32)

    def train(x, y):
        def body(i, w):
            xb = jax.lax.dynamic_slice(x, (i * batch, 0), (batch, x.shape[1]))
            yb = jax.lax.dynamic_slice(y, (i * batch,), (batch,))
            return w - (rate / batch) * (xb.T @ (jax.nn.sigmoid(xb @ w) - yb))

        return jax.lax.fori_loop(0, steps, body, jnp.zeros(x.shape[1]))

    w = np.zeros(100)
    for k in range(steps):
        rows = slice(batch * k, batch * (k + 1))
        error = 1 / (1 + np.exp(-(x[rows].astype(np.float64) @ w))) - y[rows]
        w = w - rate / batch * (x[rows].T.astype(np.float64) @ error)
    return train, (x, y), w


def network():
    batch, rate = 128, 0.1
    params = []
    for a, b in ((784, 128), (128, 128), (128, 10)):
        params += [(RNG.normal(size=(a, b)) * np.sqrt(2 / a)).astype(np.float32)]
        params += [np.zeros(b, np.float32)]
    x = RNG.uniform(size=(batch, 784)).astype(np.float32)
    y = np.eye(10, dtype=np.float32)[RNG.integers(0, 10, batch)]

    def step(w1, b1, w2, b2, w3, b3, x, y):
        a1 = x @ w1 + b1
        m1 = (a1 > 0).astype(jnp.float32)
        h1 = a1 * m1
        a2 = h1 @ w2 + b2
        m2 = (a2 > 0).astype(jnp.float32)
        h2 = a2 * m2
        d3 = (jax.nn.softmax(h2 @ w3 + b3) - y) * (1.0 / batch)
        d2 = (d3 @ w3.T) * m2
        d1 = (d2 @ w2.T) * m1
        grads = [x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d3, d3.sum(0)]
        old = [w1, b1, w2, b2, w3, b3]
        return jnp.concatenate([(p - rate * g).ravel() for p, g in zip(old, grads)])

    args = (*params, x, y)
    return step, args, np.asarray(jax.jit(step)(*args))


def lenet():
    def weights(*shape):
        return (RNG.normal(size=shape) * np.sqrt(2 / np.prod(shape[:-1]))).astype(np.float32)

    k1, k2, w1, w2 = (
        weights(5, 5, 1, 20),
        weights(5, 5, 20, 50),
        weights(800, 500),
        weights(500, 10),
    )

    def conv(x, k):
        return jax.lax.conv_general_dilated(
            x, k, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    def pool(x):  # maxima of strided slices take half the time of reduce_window
        a, b, c, d = (
            jax.lax.slice(x, (0, i, j, 0), x.shape, (1, 2, 2, 1)) for i in (0, 1) for j in (0, 1)
        )
        return jnp.maximum(jnp.maximum(a, b), jnp.maximum(c, d))

    def net(x, k1, k2, w1, w2):
        h = jnp.maximum(pool(conv(x, k1)), 0.0)
        h = jnp.maximum(pool(conv(h, k2)), 0.0)
        return jnp.maximum(h.reshape(len(h), -1) @ w1, 0.0) @ w2

    args = (uni(0, 1, 100, 28, 28, 1), k1, k2, w1, w2)
    return net, args, np.asarray(jax.jit(net)(*args))


def chain(x, y):
    def run(a, b):
        for _ in range(1000):
            a = a * b
        return a

    return run, (x, y), x


CASES = {
    "W1": product, "W2": integers, "W3a": lambda: less(M), "W3b": lambda: less(N),
    "W3c": relu, "W4a": lambda: matmul(1000, 1000, 1000), "W4b": lambda: matmul(128, 784, 128),
    **{
        f"W5{k}": lambda k=k: function(k)
        for k in ("exp", "sigmoid", "reciprocal", "division", "sqrt", "rsqrt", "log", "tanh")
    },
    "W6a": lambda: sort(10**4), "W6b": lambda: sort(10**5), "W8": logistic, "W9": network,
    "W10": lenet, "W11": lambda: chain(np.int32(3), np.int32(1)),
    "W11f": lambda: chain(np.float32(1.5), np.float32(1.0)),
}  # fmt: skip


def compiled(fn, args):
    import spu.libspu as lib
    import spu.utils.frontend as fe

    names = [f"i{k}" for k in range(len(args))]
    secret = [lib.Visibility.VIS_SECRET] * len(args)
    exe, _ = fe.compile(
        fe.Kind.JAX, fn, args, {}, names, secret, lambda out: [f"o{k}" for k in range(len(out))],
        copts=lib.CompilerOptions(),
    )  # fmt: skip
    return exe.input_names, exe.output_names, exe.code


def measure(cluster, name):
    import spu.api as api
    import spu.libspu as lib

    fn, args, want = CASES[name]()
    args = tuple(np.asarray(a) for a in args)
    wide = name in ("W2",)
    with jax.experimental.enable_x64() if wide else contextlib.nullcontext():
        exe = compiled(fn, args)
        io = api.Io(PARTIES, config())
        shares = [io.make_shares(a, lib.Visibility.VIS_SECRET) for a in args]
        each = [
            {n: (s[r].meta, s[r].share_chunks) for n, s in zip(exe[0], shares)}
            for r in range(PARTIES)
        ]
        cluster.tell("set", each=each)
        cluster.tell("run", exe)
        parts = [p[0] for p in cluster.tell("get", exe[1])]
        shares = []
        for meta, chunks in parts:
            share = lib.Share()
            share.meta, share.share_chunks = meta, chunks
            shares.append(share)
        got = np.asarray(io.reconstruct(shares), np.float64)
        runs = 9 if max(cluster.tell("run", exe)) < 0.3 else 3
        seconds = sorted(max(cluster.tell("run", exe)) for _ in range(runs))
        cluster.tell("drop", exe[0] + exe[1])
    off = np.abs(got - np.asarray(want, np.float64))
    relative = off / np.maximum(np.abs(want), 1.0)
    return {
        "engine": f"SPU {engine.__version__}", "name": name,
        "seconds": statistics.median(seconds), "range": [seconds[0], seconds[-1]],
        "error": float(relative.max()),
    }  # fmt: skip


def main():
    out = os.fdopen(os.dup(1), "w")  # SPU's libraries log to standard output: move that
    os.dup2(2, 1)
    jax.config.update("jax_platforms", "cpu")
    with Cluster() as cluster:
        for name in sys.argv[1:] or CASES:
            try:
                found = measure(cluster, name)
            except Exception as why:  # what an engine cannot do is a result, too
                found = {"engine": "SPU", "name": name, "failed": str(why)[:200]}
            print(json.dumps(found), file=out, flush=True)


if __name__ == "__main__":
    main()

"""CrypTen on the workloads, two parties: `python crypten.py W1 W4b ...`, a JSON line for each.

The first party makes the triples and knows them, so this protects nothing from it; the figures
are here because others quote them. Times at the first party from a barrier to a barrier.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import types

sys.path.pop(0)  # this folder: the module is named like the package
M, N = 10**5, 10**6
WORLD = 2


def parent(names):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, os.path.abspath(__file__), *names]
    kids = []
    for rank in range(WORLD):
        env = dict(
            os.environ, RANK=str(rank), WORLD_SIZE=str(WORLD), DISTRIBUTED_BACKEND="gloo",
            RENDEZVOUS=f"tcp://127.0.0.1:{port}", GLOO_SOCKET_IFNAME="lo", OMP_NUM_THREADS="1",
            BENCH_CHILD="1",
        )  # fmt: skip
        out = None if rank == 0 else subprocess.DEVNULL
        kids.append(subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.DEVNULL))
    for kid in kids:
        kid.wait(600)


def child(names):
    import torch

    try:
        import torch.onnx._internal.registration
    except ImportError:  # newer torch: CrypTen's ONNX converter imports a module that moved
        stub = types.ModuleType("torch.onnx._internal.registration")
        stub.registry = None
        sys.modules["torch.onnx._internal.registration"] = stub
    import crypten
    import crypten.communicator as comm

    torch.set_num_threads(1)
    crypten.init()
    torch.manual_seed(1)  # the same public test data at every party
    rank = comm.get().get_rank()
    table = cases(torch, crypten)
    for name in names or table:
        if name not in table:
            continue
        try:
            run, want = table[name]()
            found = measure(comm, name, run, want)
        except Exception as why:  # what an engine cannot do is a result, too
            found = {"engine": "CrypTen 0.4.1, 2 parties", "name": name, "failed": str(why)[:200]}
        if rank == 0:
            print(json.dumps(found), flush=True)
    crypten.uninit()


def measure(comm, name, run, want):
    barrier = comm.get().barrier
    got, seconds = run(), []
    for _ in range(3):
        barrier()
        began = time.perf_counter()
        got = run()
        barrier()
        seconds.append(time.perf_counter() - began)
    error = None
    if want is not None:
        off = (got.get_plain_text().double() - want.double()).abs()
        error = float((off / want.double().abs().clamp(min=1.0)).max())
    return {
        "engine": "CrypTen 0.4.1, 2 parties", "name": name, "seconds": statistics.median(seconds),
        "range": [min(seconds), max(seconds)], "error": error,
    }  # fmt: skip


def cases(torch, crypten):
    def uni(lo, hi, *size):
        return torch.rand(*size) * (hi - lo) + lo

    def secret(x, src=0, **options):
        return crypten.cryptensor(x, src=src, **options)

    def product():
        x, y = uni(-8, 8, N), uni(-8, 8, N)
        a, b = secret(x), secret(y, 1)
        return lambda: a * b, x.double() * y.double()

    def integers():
        x, y = (torch.randint(-(2**31), 2**31, (N,)) for _ in range(2))
        a, b = secret(x, precision=0), secret(y, 1, precision=0)
        return lambda: a * b, x * y

    def less(n):
        x, y = uni(-8, 8, n), uni(-8, 8, n)
        a, b = secret(x), secret(y, 1)
        return lambda: a < b, (x < y).float()

    def relu():
        x = uni(-8, 8, N)
        a = secret(x)
        return lambda: a.relu(), x.clamp(min=0)

    def matmul(m, k, n):
        x, y = uni(-1, 1, m, k), uni(-1, 1, k, n)
        a, b = secret(x), secret(y, 1)
        return lambda: a @ b, x.double() @ y.double()

    def function(name, theirs, lo, hi):
        x = uni(lo, hi, M)
        a = secret(x)
        want = x.double().rsqrt() if theirs == "inv_sqrt" else getattr(torch, theirs)(x.double())
        return lambda: getattr(a, theirs)(), want

    def division():
        x, p = uni(-8, 8, M), uni(0.01, 100, M)
        a, b = secret(x), secret(p, 1)
        return lambda: a / b, x.double() / p.double()

    def logistic():
        batch, rate, steps = 128, 0.1, 78
        x, y = uni(-1, 1, 10_000, 100), (torch.rand(10_000, 1) < 0.5).float()
        a, b = secret(x), secret(y, 1)

        def train(x, y, w):
            for k in range(steps):
                xb, yb = (v[k * batch : (k + 1) * batch] for v in (x, y))
                w = w - xb.t().matmul(xb.matmul(w).sigmoid() - yb) * (rate / batch)
            return w

        want = train(x.double(), y.double(), torch.zeros(100, 1).double())
        return lambda: train(a, b, secret(torch.zeros(100, 1))), want

    def network():
        nn = crypten.nn
        layers = [nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(),
                  nn.Linear(128, 10)]  # fmt: skip
        model = nn.Sequential(*layers)
        model.encrypt()
        model.train()
        x, y = secret(torch.rand(128, 784)), secret(torch.eye(10)[torch.randint(0, 10, (128,))], 1)
        loss, optimizer = nn.CrossEntropyLoss(), crypten.optim.SGD(model.parameters(), lr=0.1)

        def step():
            optimizer.zero_grad()
            value = loss(model(x), y)
            value.backward()
            optimizer.step()
            return value

        return step, None

    def lenet():
        from torch import nn

        def layers(m):
            return [
                m.Conv2d(1, 20, 5), m.MaxPool2d(2), m.ReLU(), m.Conv2d(20, 50, 5), m.MaxPool2d(2),
                m.ReLU(), m.Flatten(), m.Linear(800, 500), m.ReLU(), m.Linear(500, 10),
            ]  # fmt: skip

        plain, hidden = layers(nn), layers(crypten.nn)
        for a, b in zip(plain, hidden):
            if hasattr(a, "weight"):
                b.set_parameter("weight", a.weight.data)
                b.set_parameter("bias", a.bias.data)
        model = crypten.nn.Sequential(*hidden)
        model.encrypt()
        model.eval()
        x = torch.rand(100, 1, 28, 28)
        a = secret(x, 1)
        with torch.no_grad():
            want = nn.Sequential(*plain)(x)

        def run():
            with crypten.no_grad():
                return model(a)

        return run, want

    def chain(**options):
        a, b = (secret(torch.tensor(1.0), k, **options) for k in (0, 1))

        def loop():
            z = a
            for _ in range(1000):
                z = z * b
            return z

        return loop, torch.tensor(1.0)

    signed, positive = (-8, 8), (0.01, 100)
    return {
        "W1": product, "W2": integers, "W3a": lambda: less(M), "W3b": lambda: less(N),
        "W3c": relu, "W4a": lambda: matmul(1000, 1000, 1000),
        "W4b": lambda: matmul(128, 784, 128), "W5division": division,
        **{
            f"W5{ours}": lambda ours=ours, args=args: function(ours, *args)
            for ours, args in {
                "exp": ("exp", *signed), "sigmoid": ("sigmoid", *signed),
                "tanh": ("tanh", *signed), "reciprocal": ("reciprocal", *positive),
                "sqrt": ("sqrt", *positive), "rsqrt": ("inv_sqrt", *positive),
                "log": ("log", *positive),
            }.items()
        },
        "W8": logistic, "W9": network, "W10": lenet, "W11f": chain,
        "W11": lambda: chain(precision=0),
    }  # fmt: skip


if __name__ == "__main__":
    (child if os.environ.get("BENCH_CHILD") else parent)(sys.argv[1:])

"""Three SPU parties (ABY3, 64-bit ring), each a process of its own, over loopback TCP."""

import contextlib
import multiprocessing as mp
import os
import socket
import tempfile
import time

LIMIT = 300.0
PARTIES = 3


class Party:
    """A link and a runtime."""

    def __init__(self, rank, ports):
        import spu.api as api
        import spu.libspu as lib

        self.lib = lib
        desc = lib.link.Desc()
        desc.recv_timeout_ms = desc.http_timeout_ms = int(LIMIT * 1000)
        desc.http_max_payload_size = 32 << 20  # what SPU's own driver uses
        desc.connect_retry_times = 60
        for i, port in enumerate(ports):
            desc.add_party(f"p{i}", f"127.0.0.1:{port}")
        self.link = lib.link.create_brpc(desc, rank)
        self.runtime = api.Runtime(self.link, config())

    def set(self, values):
        for name, (meta, chunks) in values.items():
            share = self.lib.Share()
            share.meta, share.share_chunks = meta, chunks
            self.runtime.set_var(name, share)

    def get(self, names):
        shares = [self.runtime.get_var(n) for n in names]
        return [(s.meta, s.share_chunks) for s in shares]

    def drop(self, names):
        for n in names:
            with contextlib.suppress(Exception):
                self.runtime.del_var(n)

    def run(self, exe):
        ins, outs, code = exe
        exe = self.lib.Executable(name="bench", input_names=ins, output_names=outs, code=code)
        self.link.barrier()
        began = time.perf_counter()
        self.runtime.run(exe)
        return time.perf_counter() - began


def config():
    import spu.libspu as lib

    return lib.RuntimeConfig(lib.ProtocolKind.ABY3, lib.FieldType.FM64, 18)


def serve(rank, ports, conn, log):
    fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    party = Party(rank, ports)
    while (msg := conn.recv()) is not None:
        op, *args = msg
        try:
            conn.send(("ok", getattr(party, op)(*args)))
        except Exception as err:  # reported to the driver
            conn.send(("err", f"{type(err).__name__}: {str(err)[:400]}"))


class Cluster:
    """The driver's side: makes shares, compiles, and is idle while a run is timed."""

    def __enter__(self):
        ctx = mp.get_context("spawn")
        socks = [socket.socket() for _ in range(PARTIES)]
        for s in socks:
            s.bind(("127.0.0.1", 0))
        ports = [s.getsockname()[1] for s in socks]
        for s in socks:
            s.close()
        folder = tempfile.mkdtemp(prefix="spu-")
        self.conns, self.procs = [], []
        for rank in range(PARTIES):
            ours, theirs = ctx.Pipe()
            log = os.path.join(folder, f"{rank}.log")
            proc = ctx.Process(target=serve, args=(rank, ports, theirs, log), daemon=True)
            proc.start()
            self.conns.append(ours)
            self.procs.append(proc)
        return self

    def __exit__(self, *_):
        for p in self.procs:
            p.kill()
            p.join()

    def tell(self, op, *args, each=None):
        """Every party's answer; `each` holds an argument of its own for each of them."""
        for r, conn in enumerate(self.conns):
            conn.send((op, *args, *(() if each is None else (each[r],))))
        answers = []
        for conn in self.conns:
            if not conn.poll(LIMIT + 30):
                raise RuntimeError("a party is late")
            answers.append(conn.recv())
        bad = [v for state, v in answers if state != "ok"]
        if bad:
            raise RuntimeError(bad[0])
        return [v for _, v in answers]

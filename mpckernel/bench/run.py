"""Start the parties, run workloads one after the other, collect what they measured."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import IO, Any

import numpy as np
import zmq

from mpckernel.bench.machine import load
from mpckernel.bench.network import HOST, NETWORKS, Link, relayed
from mpckernel.bench.workloads import find
from mpckernel.errors import Bug

PARTIES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One result. Seconds are medians over the runs, at the first party.

    sent_bytes: of each party, heads of messages and agreement included. planned_bits, rounds: what
    the plan declares, of all parties together; the parties have sent exactly this content.
    error: the largest, as a share of the documented bound (Case.allowed).
    """

    name: str
    what: str
    n: int
    seconds: float
    range: tuple[float, float]
    sent_bytes: list[int]
    rounds: int
    numpy_seconds: float
    scheme: str = "rep3"
    parties: int = PARTIES
    cores: int = os.cpu_count() or 1
    encrypted: bool = True
    network: str = "loopback"
    planned_bits: int = 0
    record_seconds: float = 0.0  # the cell's Python
    work_seconds: float = 0.0  # processor time of the computing thread
    wire_seconds: float = 0.0  # ... of the other threads: links, encryption, recording
    system_seconds: float = 0.0  # of both, the operating system's
    waiting_seconds: float = 0.0  # neither recording nor computing
    error: float = 0.0
    peak_bytes: list[int] = field(default_factory=list)
    before_bytes: list[int] = field(default_factory=list)
    asks: list[Any] = field(default_factory=list)  # work.Work, for a prediction
    pace: float = 1.0  # of the machine, by the workloads before it in the same room
    load: float = 0.0  # of the machine when the case ended, one-minute average
    when: float = 0.0  # it ended, in seconds since 1970
    failed: str = ""

    def json(self) -> str:
        """One object on one line."""
        return json.dumps(asdict(self))


Procs = list[subprocess.Popen[str]]
MEDIANS = (
    "seconds", "numpy_seconds", "record_seconds", "work_seconds", "wire_seconds",
    "system_seconds", "waiting_seconds", "pace",
)  # fmt: skip


def merged(passes: list[Line]) -> Line:
    """One result of several passes over one case: medians of theirs, and the range of all."""
    for one in passes:
        if one.failed:
            return one
    ends = (min(one.range[0] for one in passes), max(one.range[1] for one in passes))
    middle = {k: float(np.median([getattr(one, k) for one in passes])) for k in MEDIANS}
    worst = max(one.error for one in passes)
    return replace(passes[-1], **middle, range=ends, error=worst)


@contextmanager
def parties(network: str = "loopback", *, near: bool = True) -> Iterator[Procs]:
    """Three processes with keys of their own and open, encrypted links. near: without TCP, if there
    is no network between them."""
    keys = [zmq.curve_keypair() for _ in range(PARTIES)]
    public = [k[0].decode() for k in keys]
    with ExitStack() as stack:
        procs = [_start() for _ in range(PARTIES)]
        stack.callback(lambda: [_end(proc) for proc in procs])
        for me, (proc, key) in enumerate(zip(procs, keys, strict=True)):
            secret = key[1].decode()
            tell(proc, {"me": me, "public": public, "secret": secret, "room": "b" * 32,
                        "simulation": network not in NETWORKS,
                        "near": near and network not in NETWORKS})  # fmt: skip
        ports = [hear(proc) for proc in procs]
        hosts = [[HOST] * PARTIES] * PARTIES
        if network in NETWORKS:
            hosts = stack.enter_context(_through(network, ports))
        seen = [[f"tcp://{h}:{p[0]}" for h, p in zip(row, ports, strict=True)] for row in hosts]
        for proc, addresses in zip(procs, seen, strict=True):
            tell(proc, addresses)
        yield procs


@contextmanager
def _through(network: str, ports: list[list[int]]) -> Iterator[list[list[str]]]:
    """Which address each party dials to reach the others through the relay: one for each pair,
    on which the relay has the other's ports."""
    hosts = [[f"127.1.{a}.{b + 1}" for b in range(PARTIES)] for a in range(PARTIES)]
    links: list[Link] = [
        (a, b, (hosts[a][b], port), (HOST, port))
        for a in range(PARTIES)
        for b in range(PARTIES)
        if a != b
        for port in ports[b]
    ]
    with relayed(NETWORKS[network], links):
        yield hosts


def measure(
    procs: Procs,
    name: str,
    repeats: int = 0,
    network: str = "loopback",
    **options: Any,
) -> Line:
    """One case at all parties; the first party's clock counts."""
    for proc in procs:
        tell(proc, {"name": name, "repeats": repeats, **options})
    results = [hear(proc) for proc in procs]
    case, mine = find(name), results[0]
    if why := "; ".join(dict.fromkeys(r["failed"] for r in results if "failed" in r)):
        return Line(name, case.what, case.n, 0.0, (0.0, 0.0), [], 0, 0.0, network=network,
                    failed=why)  # fmt: skip
    seconds = mine["seconds"]
    return Line(
        name=name,
        what=case.what,
        n=case.n,
        seconds=float(np.median(seconds)),
        range=(min(seconds), max(seconds)),
        sent_bytes=[r["sent_bytes"] for r in results],
        rounds=mine["rounds"],
        numpy_seconds=mine.get("numpy_seconds", 0.0),
        network=network,
        planned_bits=mine["planned_bits"],
        record_seconds=mine["record"],
        work_seconds=mine["work"],
        wire_seconds=mine["wire"],
        system_seconds=mine["system"],
        waiting_seconds=mine["waiting"],
        error=mine["error"],
        peak_bytes=[r["peak_bytes"] for r in results],
        before_bytes=[r["before_bytes"] for r in results],
        asks=mine["asks"],
        pace=mine["pace"],
        load=load(),
        when=time.time(),
        failed=_wrong(results),
    )


def _wrong(results: list[dict[str, Any]]) -> str:
    """What makes the figure worthless: a wrong result, or a cost that was not declared."""
    mine = results[0]
    if mine["error"] > 1:
        return f"the error is {mine['error']:.3g} times what is allowed"
    sent = sum(r["content_bits"] for r in results)
    if sent != mine["planned_bits"]:
        return f"{sent} bits were sent where {mine['planned_bits']} were declared"
    if mine["rounds"] != mine["planned_rounds"]:
        return f"{mine['rounds']} rounds where {mine['planned_rounds']} were declared"
    return ""


def tell(proc: subprocess.Popen[str], value: Any) -> None:
    """One line to a party."""
    _pipe(proc.stdin).write(json.dumps(value) + "\n")
    _pipe(proc.stdin).flush()


def hear(proc: subprocess.Popen[str]) -> Any:
    """One line from a party."""
    line = _pipe(proc.stdout).readline()
    if not line:
        raise Bug("a party of the measurement has ended; its message is above")
    return json.loads(line)


def _start() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mpckernel.bench.party"]
    pipe = subprocess.PIPE
    alone = {**os.environ, "OPENBLAS_THREAD_TIMEOUT": "4"}  # or NumPy's threads spin on into a cell
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=alone)  # noqa: S603


def _end(proc: subprocess.Popen[str]) -> None:
    with proc:  # closes the pipes, which ends the party
        try:
            _pipe(proc.stdin).close()
            proc.wait(10)
        except subprocess.TimeoutExpired:
            proc.kill()


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise Bug("a party without pipes")
    return stream

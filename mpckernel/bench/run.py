"""Start the parties, run the cases one after the other, collect what they measured."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, Any

import numpy as np
import zmq

from mpckernel.bench.cases import CASES
from mpckernel.errors import Bug

PARTIES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One result. sent_bytes: of each party, heads of messages and agreement included."""

    name: str
    what: str
    n: int
    seconds: float  # median
    range: tuple[float, float]
    sent_bytes: list[int]
    rounds: int
    numpy_seconds: float
    scheme: str = "rep3"
    parties: int = PARTIES
    encrypted: bool = True
    work_seconds: float = 0.0  # processor time of the first party's computing thread
    wire_seconds: float = 0.0  # ... of its other threads: links, encryption, recording
    load: float = 0.0  # of the machine when the case ended, one-minute average

    def json(self) -> str:
        """One object on one line."""
        return json.dumps(asdict(self))


@contextmanager
def parties() -> Iterator[list[subprocess.Popen[str]]]:
    """Three processes with keys of their own and open, encrypted links."""
    keys = [zmq.curve_keypair() for _ in range(PARTIES)]
    procs = [_start() for _ in range(PARTIES)]
    try:
        for me, (proc, key) in enumerate(zip(procs, keys, strict=True)):
            public = [k[0].decode() for k in keys]
            tell(proc, {"me": me, "public": public, "secret": key[1].decode(), "room": "b" * 32})
        endpoints = [hear(proc) for proc in procs]
        for proc in procs:
            tell(proc, endpoints)
        yield procs
    finally:
        for proc in procs:
            _end(proc)


def measure(procs: list[subprocess.Popen[str]], name: str, repeats: int = 0) -> Line:
    """One case at all parties; the first party's clock counts."""
    case = CASES[name]
    for proc in procs:
        tell(proc, {"name": name, "repeats": repeats})
    results = [hear(proc) for proc in procs]
    seconds = results[0]["seconds"]
    return Line(
        name=name,
        what=case.what,
        n=case.n,
        seconds=float(np.median(seconds)),
        range=(min(seconds), max(seconds)),
        sent_bytes=[r["sent_bytes"] for r in results],
        rounds=results[0]["rounds"],
        numpy_seconds=results[0]["numpy_seconds"],
        work_seconds=results[0]["work"],
        wire_seconds=results[0]["wire"],
        load=os.getloadavg()[0],
    )


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
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603


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

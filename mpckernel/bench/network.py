"""The networks that workloads are measured on, and a relay that stands in for them.

loopback: nothing in between. lan: 1 Gbit/s, round trip 0.2 ms. wan: 100 Mbit/s, round trip 50 ms.
Rates are those of each party's network card, in either direction.
"""

import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from mpckernel.errors import Bug

PINGS = 200
HOST = "127.0.0.1"
Link = tuple[int, int, tuple[str, int], tuple[str, int]]
"""Party a, party b, where the relay is to listen, and where b does."""


class Network(NamedTuple):
    """round_trip: seconds a ping takes. rate: bytes a second of each party's card."""

    name: str
    round_trip: float
    rate: float


NETWORKS = {
    "lan": Network("lan", 0.0002, 125e6),
    "wan": Network("wan", 0.050, 12.5e6),
}


@contextmanager
def relayed(network: Network, links: Sequence[Link]) -> Iterator[list[int]]:
    """The relay's ports, in the order of the links."""
    with _process(_delay(network), network.rate, links) as ports:
        yield ports


def check(network: Network) -> dict[str, float]:
    """Round trip and bytes a second as two programs see them through the relay."""
    with _echo() as port, relayed(network, _probe(port)) as (door,):
        return {"round_trip": _ping(door, _pings(network)), "rate": _flood(door, int(network.rate))}


def _probe(port: int) -> list[Link]:
    return [(0, 1, (HOST, 0), (HOST, port))]


def _delay(network: Network) -> float:
    """What the relay has to wait for pings to take as long as they should."""
    delay = network.round_trip / 2
    for _ in range(3):
        with _echo() as port, _process(delay, network.rate, _probe(port)) as (door,):
            late = _ping(door, _pings(network)) - network.round_trip
        delay = max(0.0, delay - late / 2)
    return delay


def _pings(network: Network) -> int:
    return max(10, min(PINGS, int(1 / network.round_trip)))


@contextmanager
def _process(delay: float, rate: float, links: Sequence[Link]) -> Iterator[list[int]]:
    command = [sys.executable, "-m", "mpckernel.bench.relay"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as relay:  # noqa: S603
        if relay.stdin is None or relay.stdout is None:
            raise Bug("a relay without pipes")
        try:
            setup: dict[str, Any] = {"delay": delay, "rate": rate, "links": list(links)}
            relay.stdin.write(json.dumps(setup) + "\n")
            relay.stdin.flush()
            line = relay.stdout.readline()
            if not line:
                raise Bug("the relay has ended; its message is above")
            yield json.loads(line)
        finally:
            relay.stdin.close()
            try:
                relay.wait(10)
            except subprocess.TimeoutExpired:
                relay.kill()


@contextmanager
def _echo() -> Iterator[int]:
    """A server for two visitors: one byte back after each message, which begins with its length."""
    server = socket.create_server((HOST, 0))

    def serve() -> None:
        for _ in range(2):
            peer, _ = server.accept()
            with peer:
                _answer(peer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()


def _answer(peer: socket.socket) -> None:
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while head := peer.recv(8, socket.MSG_WAITALL):
        left = int.from_bytes(head, "big")
        while left:
            left -= len(peer.recv(min(left, 1 << 20)))
        peer.sendall(b".")


def _ping(port: int, times: int) -> float:
    """The median round trip of 9 bytes."""
    with socket.create_connection((HOST, port)) as end:
        end.settimeout(60)
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return statistics.median(_trip(end, 1) for _ in range(times))


def _flood(port: int, size: int) -> float:
    """Bytes a second; the round trip of a small message is not counted."""
    with socket.create_connection((HOST, port)) as end:
        end.settimeout(60)
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        small = _trip(end, 1)
        return size / (_trip(end, size) - small)


def _trip(end: socket.socket, size: int) -> float:
    piece = bytes(min(size, 1 << 20))
    began = time.perf_counter()
    end.sendall(size.to_bytes(8, "big") + piece)
    for sent in range(len(piece), size, len(piece)):
        end.sendall(piece[: size - sent])
    if not end.recv(1):
        raise Bug("the other end of the relay has closed")
    return time.perf_counter() - began

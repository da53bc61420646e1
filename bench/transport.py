"""What links cost on this machine: three processes, ZeroMQ with CURVE, lanes within the machine.

    python bench/transport.py [--rounds 1000] [--repeat 5] [--megabytes 8] [--tcp] [--curve-only]

rounds: each party sends 8 bytes to its left neighbour and waits for 8 from its right, again and
again, each message depending on the one before. bulk: all three at once send so many megabytes, as
one array, to the left neighbour and wait for as many. One line of JSON; seconds are medians over
the repetitions, of the slowest party, and `best` the smallest; `cpu` is processor time of a party.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import statistics
import time
from multiprocessing.connection import Connection

import numpy as np
import zmq

from mpckernel.transport.base import Message
from mpckernel.transport.zmq import ZmqTransport
from mpckernel.wire.frames import Inbox, Outbox

TAG = bytes(range(16))
DEADLINE = 60.0
EAGER = 1e-3  # seconds that a party looks again and again before it sleeps


class Ring:
    """One party's two links of a ring: it sends to the left and hears from the right."""

    def __init__(self, transport: ZmqTransport) -> None:
        self.transport = transport
        self.left = (transport.me - 1) % transport.n
        self.outbox, self.inbox = Outbox(TAG), Inbox(TAG)

    def pass_left(self, words: np.ndarray) -> np.ndarray:
        """One round."""
        for message in (*self.outbox.add(words), *self.outbox.flush()):
            self.transport.send(self.left, message)
        self.inbox.expect(words.size)
        self.inbox.flush()
        while not self.inbox.ready():
            event = self.transport.receive(DEADLINE, EAGER)
            if not isinstance(event, Message):
                raise SystemExit(f"no message but {event}")
            self.inbox.feed(event.parts)
        return self.inbox.pop()


def party(me: int, keys: list[tuple[bytes, bytes]], pipe: Connection, args: list[int]) -> None:
    """The process of one party: connect, warm up, measure, report."""
    rounds, repeat, megabytes, lane, near = args
    transport = ZmqTransport(
        me, [public for public, _ in keys], keys[me][1], lanes=bool(lane), near=bool(near)
    )
    pipe.send(transport.endpoint)
    transport.dial(pipe.recv())
    ring = Ring(transport)
    word, bulk = np.array([me], np.uint64), np.full(megabytes << 17, me, np.uint64)
    for _ in range(100):
        word = ring.pass_left(word)
    latency, throughput, spent = [], [], []
    for _ in range(repeat):
        start, cpu = time.perf_counter(), time.process_time()
        for _ in range(rounds):
            word = ring.pass_left(word)
        latency.append(time.perf_counter() - start)
        spent.append(time.process_time() - cpu)
        ring.pass_left(word)
        start, cpu = time.perf_counter(), time.process_time()
        got = ring.pass_left(bulk)
        throughput.append(time.perf_counter() - start)
        spent.append(time.process_time() - cpu)
        if not (got == (me + 1) % 3).all():
            raise SystemExit("wrong words arrived")
        for _ in range(2):
            ring.pass_left(word)
    pipe.send((latency, throughput, spent[::2], spent[1::2]))
    pipe.recv()
    transport.close()


def measure(args: list[int]) -> dict[str, float]:
    """Start three parties and take the slowest of each repetition."""
    context = mp.get_context("spawn")
    keys = [zmq.curve_keypair() for _ in range(3)]
    pipes, processes = [], []
    for me in range(3):
        ours, theirs = context.Pipe()
        processes.append(context.Process(target=party, args=(me, keys, theirs, args)))
        processes[-1].start()
        pipes.append(ours)
    endpoints = [pipe.recv() for pipe in pipes]
    for pipe in pipes:
        pipe.send(endpoints)
    results = [pipe.recv() for pipe in pipes]
    for pipe, process in zip(pipes, processes, strict=True):
        pipe.send(None)
        process.join(DEADLINE)
    rounds, _, megabytes, lane, near = args
    slowest, best = (
        [of(map(max, zip(*kind, strict=True))) for kind in zip(*results, strict=True)]
        for of in (statistics.median, min)
    )
    return {
        "lane": bool(lane),
        "near": bool(near),
        "rounds": rounds,
        "rounds_s": round(slowest[0], 4),
        "round_us": round(1e6 * slowest[0] / rounds, 1),
        "best_round_us": round(1e6 * best[0] / rounds, 1),
        "cpu_round_us": round(1e6 * slowest[2] / rounds, 1),
        "bulk_MiB": megabytes,
        "bulk_s": round(slowest[1], 4),
        "best_bulk_s": round(best[1], 4),
        "cpu_bulk_s": round(slowest[3], 4),
        "bulk_GB_per_s_per_link": round(megabytes * 1.048576e-3 / slowest[1], 3),
    }


def main() -> None:
    """Read the options, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=8)
    parser.add_argument("--tcp", action="store_true", help="lanes as between machines")
    parser.add_argument("--curve-only", action="store_true")
    args = parser.parse_args()
    ways = [not args.curve_only, not (args.tcp or args.curve_only)]
    print(json.dumps(measure([args.rounds, args.repeat, args.megabytes, *ways])))


if __name__ == "__main__":
    main()

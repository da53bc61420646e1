"""The relay hands on every byte, in order, not before its time; its clock is that of a card."""

import socket
import threading
import time

import pytest

from mpckernel.bench.network import HOST, Network, relayed
from mpckernel.bench.relay import Card

SLOW = Network("slow", 0.02, 10e6)


def test_a_card_passes_bytes_one_after_the_other():
    card = Card(rate=100.0)
    assert card.takes(50, 10.0) == pytest.approx(10.5)
    assert card.takes(50, 10.1) == pytest.approx(11.0)
    assert card.takes(100, 20.0) == pytest.approx(21.0)


def test_bytes_arrive_in_order_and_not_early():
    content = bytes(range(256)) * 2000
    server = socket.create_server((HOST, 0))
    got: list[bytes] = []

    def serve() -> None:
        peer, _ = server.accept()
        with peer:
            while piece := peer.recv(1 << 16):
                got.append(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    began = time.perf_counter()
    with relayed(SLOW, [(0, 1, (HOST, 0), server.getsockname())]) as (port,):
        began = time.perf_counter()
        with socket.create_connection((HOST, port)) as end:
            end.sendall(content)
            end.shutdown(socket.SHUT_WR)
            thread.join(20)
    server.close()
    assert b"".join(got) == content
    assert time.perf_counter() - began >= len(content) / SLOW.rate

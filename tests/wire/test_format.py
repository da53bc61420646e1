"""The package follows FORMAT.md: text, independent script and code agree."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from mpckernel.ring.prg import derive
from mpckernel.wire import control, frames, hello

spec = importlib.util.spec_from_file_location("vectors", Path(__file__).with_name("vectors.py"))
vectors = importlib.util.module_from_spec(spec)
spec.loader.exec_module(vectors)


def test_the_text_holds_what_the_script_computes():
    assert f"```\n{vectors.section()}\n```" in vectors.text()


@pytest.mark.parametrize(("kind", "lane", "sequence", "tag", "length"), vectors.HEADS)
def test_heads(kind, lane, sequence, tag, length):
    head = vectors.head(kind, lane, sequence, tag, length)
    assert frames.pack_head(kind, tag, sequence, length, lane) == head


@pytest.mark.parametrize("rounds", vectors.BATCHES)
def test_messages(rounds):
    box, sizes = frames.Outbox(bytes(16)), []
    for arrays in rounds:
        closed = [m for n in arrays for m in box.add(np.zeros(n, np.uint64))]
        closed += box.flush()
        sizes += [sum(memoryview(part).nbytes for part in parts) - 32 for parts in closed]
    assert [n // 8 for n in sizes] == vectors.messages(rounds)


def test_control_bodies():
    for body in vectors.BODIES + vectors.HELLOS:
        assert control.encode(body) == vectors.body(body)


def test_hello_and_pair_key(monkeypatch):
    machine = hello.Hello(0, 3, vectors.ROOM)
    monkeypatch.setattr(machine, "_pair_key", lambda peer: b"")
    machine._hellos = {0: vectors.HELLOS[0]}
    for peer in (2, 1):
        said = machine.receive(peer, vectors.HELLOS[peer])
    assert machine.mesh_id == vectors.mesh_id()
    confirm = vectors.digest(b"confirm", vectors.transcript()).hex()
    assert said == [{"type": "confirm", "hash": confirm}]
    labels = b"mpckernel pair", machine.mesh_id, bytes([0, 2])
    assert derive(vectors.SHARED, *labels, size=32) == vectors.hkdf(vectors.SHARED, *labels)


def test_words_are_little_endian():
    message = frames.Outbox(bytes(16))
    message.add(np.array([1, 2**64 - 2], np.uint64))
    assert bytes(message.flush()[0][0])[32:].hex() == "0100000000000000feffffffffffffff"

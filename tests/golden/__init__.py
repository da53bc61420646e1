"""What every operation sends under a fixed key, as one hash, and what it costs.

A refactoring leaves the file alone; a protocol change rewrites it in the same commit:

    python -m tests.golden
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.protocols import cases
from tests.protocols.running import REP3, Run, run

FILE = Path(__file__).with_name("rep3.json")
SHAPE = (65,)
CHOSEN: dict[str, dict[str, Any]] = {
    "trunc": {"f": 20}, "floor": {"f": 20}, "mul_trunc": {"f": 20}, "dot_trunc": {"f": 20},
    "matmul_trunc": {"f": 20}, "matmul_plus": {"f": 20, "spread": None},
    "blend": {"f": 20}, "to_bits": {"width": 64}, "headroom": {"width": 61},
    "input_words": {"owner": 1}, "input_bits": {"owner": 2}, "open_words_to": {"to": 0},
    "open_bits_to": {"to": 1}, "places": {"digits": (3, 1), "n": 65},
    "rough_bits": {"skip": 20, "width": 12},
    "rough_sign": {"skip": 20, "width": 12}, "lookup": {"table": ((7, -1, 2**61, 0), (1, 2, 3, 4))},
}  # fmt: skip
VARIANTS = {
    f"{name} {width}": (name, {"width": width})
    for name in ("msb", "is_zero")
    for width in (16, 32, 64)
} | {"matmul_plus spread": ("matmul_plus", {"n": 15, "f": 20, "spread": ("reshape", (5, 13, 2))})}


def entries() -> dict[str, tuple[str, dict[str, Any]]]:
    """Label -> operation and parameters; operations that send nothing are left out."""
    loud = {n: (n, CHOSEN.get(op.ideal.name, {})) for n, op in REP3.items() if op.rounds}
    return {k: v for k, v in (loud | VARIANTS).items() if k not in ("msb", "is_zero")}


def transcript_hash(got: Run) -> str:
    """Over everything sent: round, sender, receiver, size and words, little-endian."""
    h = hashlib.blake2b(digest_size=16)
    for k, asked in enumerate(got.transcript):
        for sender, r in enumerate(asked):
            for receiver in sorted(r.send):
                for words in r.send[receiver]:
                    h.update(f"{k} {sender} {receiver} {words.size};".encode())
                    h.update(words.astype("<u8").tobytes())
    return h.hexdigest()


def measure_one(label: str) -> dict[str, Any]:
    """One operation, anew."""
    name, params = entries()[label]
    case = cases.make(name, cases.shapes_like(name, SHAPE), 1, **params)
    got = run(name, *case.values, **case.params)
    return {"sent": transcript_hash(got), "rounds": got.cost.rounds, "bits": got.cost.bits}


def stored() -> dict[str, dict[str, Any]]:
    """As committed."""
    return json.loads(FILE.read_text())


def write() -> None:
    """Accept the present."""
    FILE.write_text(
        json.dumps({k: measure_one(k) for k in entries()}, indent=1, sort_keys=True) + "\n"
    )

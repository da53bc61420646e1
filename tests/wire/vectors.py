"""The vectors of FORMAT.md, section 6, computed from the text; shares no code with the package.

Run as a script, it prints them.
"""

import hashlib
import hmac
import json
from pathlib import Path

HEADS = [
    (1, 0, 0, bytes(range(16)), 8),
    (1, 0, 2**32 - 1, b"\xff" * 16, 1 << 20),
    (2, 0, 258, bytes(16), 14),
]
BATCHES = [
    [[8], [], [3, 0, 5]],
    [[8191, 1, 7]],
    [[5, 131072, 5, 131073], [0]],
    [[5, 262144, 9000], [1]],
]
BODIES = [{"type": "bye"}, {"type": "ping", "number": 7}]
ROOM = "ab" * 32
HELLOS = [
    {
        "type": "hello",
        "version": 1,
        "room": ROOM,
        "party": i,
        "nonce": bytes([16 * (i + 1)] * 32).hex(),
        "key": bytes([i + 1] * 32).hex(),
    }
    for i in range(3)
]
SHARED = bytes(range(32))


def head(kind, lane, sequence, tag, length):
    numbers = [(1, 2), (kind, 1), (lane, 1), (sequence, 4)]
    start = b"".join(value.to_bytes(size, "little") for value, size in numbers)
    return start + tag + length.to_bytes(8, "little")


def messages(rounds):
    """Sizes in words of the messages for these arrays; each list ends with a flush mark."""
    sent, opened = [], 0
    for arrays in rounds:
        for n in arrays:
            if n > 131072:
                sent += [opened] + [131072] * (n // 131072) + [n % 131072]
                opened = 0
            else:
                opened += n
            if opened >= 8192:
                sent, opened = [*sent, opened], 0
        sent, opened = [*sent, opened], 0
    return [n for n in sent if n]


def body(fields):
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def digest(*fields):
    data = b"".join(len(f).to_bytes(4, "little") + f for f in (b"mpckernel", *fields))
    return hashlib.sha256(data).digest()


def hkdf(secret, *labels):
    """32 bytes: RFC 5869 with no salt, one block."""
    info = (32).to_bytes(4, "big") + b"".join(len(x).to_bytes(4, "big") + x for x in labels)
    key = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(key, info + b"\1", "sha256")


def transcript():
    return digest(b"hellos", *map(body, HELLOS))


def mesh_id():
    return digest(b"mesh", transcript())


def section():
    """The fenced block of section 6."""
    lines = ["head: kind, lane, sequence, tag, length"]
    for kind, lane, sequence, tag, length in HEADS:
        raw = head(kind, lane, sequence, tag, length).hex()
        lines += [f"  {kind} {lane} {sequence} {tag.hex()} {length}", f"    {raw}"]
    lines += ["arrays of a run, / a flush mark; messages; sizes in words"]
    for rounds in BATCHES:
        marks = " ".join(" ".join(map(str, arrays)) + " /" for arrays in rounds)
        lines += [f"  {' '.join(marks.split())}", f"    {' '.join(map(str, messages(rounds)))}"]
    lines += ["control bodies"] + [f"  {body(fields).decode()}" for fields in BODIES]
    lines += ["hello of parties 0, 1, 2 with these bodies"]
    lines += [f"  {body(hello).decode()}" for hello in HELLOS]
    lines += [f"  M {mesh_id().hex()}", f"  confirm {digest(b'confirm', transcript()).hex()}"]
    lines += [f"key of the pair 0, 2 for M and the X25519 result {SHARED.hex()}"]
    lines += [f"  {hkdf(SHARED, b'mpckernel pair', mesh_id(), bytes([0, 2])).hex()}"]
    return "\n".join(lines)


def text():
    return (Path(__file__).parents[2] / "mpckernel" / "wire" / "FORMAT.md").read_text()


if __name__ == "__main__":
    print(section())

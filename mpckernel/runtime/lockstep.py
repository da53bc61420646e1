"""All parties in one thread, round by round: for tests, the simulator and teaching."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from mpckernel.errors import Desync
from mpckernel.protocols.op import Cost
from mpckernel.protocols.party import Party
from mpckernel.protocols.rounds import Mail, Round, Steps, resumed
from mpckernel.ring.prg import Prg, derive
from mpckernel.ring.words import Words

Tap: TypeAlias = Callable[[int, int, int, tuple[Words, ...]], tuple[Words, ...]]
"""tap(sender, receiver, round, arrays) -> what arrives instead."""


def three_parties(seed: bytes = b"lockstep") -> list[Party]:
    """Three parties with pairwise keys k_0, k_1, k_2; k_i is known to P_i and P_{i-1}."""
    keys = [derive(seed, b"pair", bytes([i])) for i in range(3)]
    return [Party(i, Prg(keys[i]), Prg(keys[(i + 1) % 3])) for i in range(3)]


def run_lockstep(
    runs: Sequence[Steps[Any]], tap: Tap | None = None
) -> tuple[list[Any], Cost, list[list[Round]]]:
    """Drive every party; return outputs, measured cost, transcript.

    A round is one step of all parties in which somebody sends; a silent step costs nothing.
    """
    outputs: list[Any] = [None] * len(runs)
    inbox: list[Mail | None] = [None] * len(runs)
    rounds, bits = 0, 0
    transcript: list[list[Round]] = []
    while asked := _step(runs, inbox, outputs):
        transcript.append(asked)
        bits += sum(8 * a.nbytes for r in asked for arrays in r.send.values() for a in arrays)
        inbox = list(_deliver(asked, len(transcript) - 1, tap))
        rounds += any(r.send for r in asked)
    return outputs, Cost(rounds, bits), transcript


def _step(
    runs: Sequence[Steps[Any]], inbox: Sequence[Mail | None], outputs: list[Any]
) -> list[Round]:
    """What every party asks for next; empty when all are done."""
    asked: list[Round] = []
    for i, run in enumerate(runs):
        try:
            asked.append(resumed(run, inbox[i]))
        except StopIteration as done:
            outputs[i] = done.value
    if asked and len(asked) != len(runs):
        raise Desync("one party is done while another waits for a round")
    return asked


def _deliver(asked: list[Round], k: int, tap: Tap | None) -> list[Mail]:
    """The mail of round k, held against what every receiver declared."""
    for sender, r in enumerate(asked):
        for receiver in r.send:
            if receiver == sender or sender not in asked[receiver].hear:
                raise Desync(f"round {k}: party {receiver} does not expect party {sender}")
    inbox: list[Mail] = []
    for receiver, r in enumerate(asked):
        mail = {}
        for sender, sizes in r.hear.items():
            arrays = asked[sender].send.get(receiver, ())
            arrays = arrays if tap is None else tap(sender, receiver, k, arrays)
            if tuple(a.size for a in arrays) != tuple(sizes):
                raise Desync(f"round {k}: party {receiver} expects other sizes from {sender}")
            mail[sender] = arrays
        inbox.append(mail)
    return inbox

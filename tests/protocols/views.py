"""What one party sees: arrays received, its own draws from the keys it holds, its parts."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mpckernel.protocols.party import Party
from mpckernel.ring import bits
from mpckernel.runtime.lockstep import three_parties
from mpckernel.sharing.rep3 import Bits3, Rep3
from tests.protocols.running import REP3, Run, functionality, kinds, run_parts

LANES = 2**14


class Recorder:
    """A generator that keeps what was drawn from it."""

    def __init__(self, prg: Any) -> None:
        self.prg, self.drawn = prg, []

    def words(self, *args: Any) -> np.ndarray:
        self.drawn.append(self.prg.words(*args))
        return self.drawn[-1]


@dataclass(slots=True)
class RecordingParty(Party):
    """A party that keeps the public noise it drew, too."""

    noise: list[np.ndarray] = field(default_factory=list)

    def at(self, call: int, turn: int = 0) -> Party:
        return replace(self, call=call, turn=turn % 3, _uses=0)  # noise goes to one list

    def public_noise(self, n: int) -> np.ndarray:
        self.noise.append(Party.public_noise(self, n))
        return self.noise[-1]

    @property
    def drawn(self) -> list[np.ndarray]:
        """All it drew, in no order that matters."""
        return self.with_left.drawn + self.with_right.drawn + self.noise


@dataclass
class View:
    """Of one party, in one run."""

    heard: list[np.ndarray]
    drawn: list[np.ndarray]
    run: Run


def same_part_at(i: int, secret: int, shape: tuple[int, ...] = (LANES,)) -> list[Rep3]:
    """One secret in every lane; party i's part is the same whatever the secret is."""
    s = [np.uint64(0)] * 3
    s[i], s[(i + 1) % 3] = np.uint64(0x0123456789ABCDEF), np.uint64(0xFEDCBA9876543210)
    known = int(s[i]) + int(s[(i + 1) % 3])
    s[(i + 2) % 3] = np.uint64((secret - known) % 2**64)
    s = [np.full(shape, v, np.uint64) for v in s]
    return [Rep3(s[k], s[(k + 1) % 3]) for k in range(3)]


def places_at(i: int, secret: int) -> list[Rep3]:
    """A permutation that depends on the secret; party i's part is always the same."""
    parts = same_part_at(i, 0)
    shares = [part.i for part in parts]
    places = (np.arange(LANES) * 5 + secret % LANES) % LANES
    shares[(i + 2) % 3] = places.astype(np.uint64) - shares[i] - shares[(i + 1) % 3]
    return [Rep3(shares[k], shares[(k + 1) % 3]) for k in range(3)]


def same_bits_at(i: int, secret: int, shape: tuple[int, ...] = (LANES,)) -> list[Bits3]:
    """The same for one bit in every lane."""
    s = [bits.pack(np.full(shape, v, bool).ravel()) for v in (True, False, True)]
    k = (i + 2) % 3
    s[k] = s[i] ^ s[(i + 1) % 3] ^ bits.pack(np.full(shape, bool(secret & 1)).ravel())
    return [Bits3(s[k], s[(k + 1) % 3], shape) for k in range(3)]


def recording_parties(call: int = 3, turn: int = 0, seed: bytes = b"views") -> list[RecordingParty]:
    """Parties whose generators remember."""
    return [
        RecordingParty(p.number, Recorder(p.with_left), Recorder(p.with_right), p.call, p.turn)
        for p in (q.at(call, turn) for q in three_parties(seed))
    ]


def view(name: str, i: int, parts: list[Any], params: dict[str, Any], **how: Any) -> View:
    """Run, and look over party i's shoulder."""
    parties = recording_parties(**how)
    got = run_parts(REP3[name], parts, params, parties)
    return View(got.heard_by(i), parties[i].drawn, got)


def _shapes(name: str) -> list[tuple[int, ...]]:
    """Of the operands, so that there are LANES results."""
    side, name = int(LANES**0.5), functionality(name)
    if "matmul" in name:
        return [(side, 2), (2, side), (side, side)]
    if name == "blend":
        return [(3, LANES), (LANES,), (LANES,)]
    if name in ("lookup", "one_hot"):
        return [(2, LANES)]
    if name == "places":
        return [(4, LANES)]
    if name == "weigh":
        return [(3, LANES)]
    return [(LANES, 2)] * 2 if name.startswith("dot") else [(LANES,)] * 3


def parts_for(name: str, i: int, secret: int) -> list[Any]:
    """Operands whose parts at party i do not depend on the secret."""
    out: list[Any] = []
    for kind, shape in zip(kinds(REP3[name]), _shapes(name), strict=False):
        if kind is Rep3 and "permute" in name and not out:
            out.append(places_at(i, secret))
        elif kind is Rep3:
            out.append(same_part_at(i, secret, shape))
        elif kind is Bits3:
            out.append(same_bits_at(i, secret, shape))
        elif name == "input_words":
            out.append([np.full(shape, secret % 2**64, np.uint64)] * 3)
        else:
            out.append([np.full(shape, secret & 1, bool)] * 3)
    return out

"""Which draw hides each word that a party receives, found by changing draws one by one.

Lemma (uniform mail) of SECURITY.md: every received word is v + m, where m is a draw under the key
that the receiver lacks and enters nothing else that it receives before. So when one stream of draws
is exchanged for another, of all that the receiver hears, exactly one array must be the first to
change, by words that are new, all different and even; and each array must be the first for some
stream. That notices what statistics over a view cannot: a missing mask whose absence shows only
beside what the receiver computes, and a mask drawn twice in a tree of gates.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mpckernel.ring import orders
from mpckernel.ring.prg import Prg
from tests.protocols import statistics, test_views, views
from tests.protocols.moving_simulators import OPENED
from tests.protocols.running import REP3, run_parts
from tests.protocols.views import LANES, parts_for, recording_parties

Draw = tuple[int, int]  # key of share k, use
HALVES = {"mul_trunc few", "dot_trunc few", "matmul_trunc few", "matmul_plus few", "blend few"}
"""Where a mask may be in arrays, too, that others hide already (SECURITY.md, "Halves")."""


@dataclass
class Streams:
    """All draws of a run. `wrong` is a mistake in the protocol, `other` a stream exchanged."""

    wrong: Draw | None = None
    instead: int | None = None  # the use whose stream is drawn again, None for zeros
    other: Draw | None = None
    sizes: dict[Draw, int] = field(default_factory=dict)

    def draw(self, prg: Any, key: int, n: Any, call: int, use: int) -> np.ndarray:
        """What the holders of a key draw for this use."""
        size = n if isinstance(n, int) else int(np.prod(n))
        self.sizes[key, use] = size
        if (key, use) == self.wrong:
            if self.instead is None:
                return np.zeros(n, np.uint64)
            use = self.instead
        if (key, use) == self.other:
            return Prg(b"another stream !").words(n, call, use)
        return prg.words(n, call, use)


@dataclass
class _Key:
    streams: Streams
    prg: Any
    key: int

    def words(self, n: Any, call: int, use: int) -> np.ndarray:
        return self.streams.draw(self.prg, self.key, n, call, use)


@contextmanager
def _drawing(streams: Streams) -> Iterator[None]:
    original = views.three_parties

    def parties(seed: bytes = b"") -> list[Any]:
        out = original(seed)
        for p in out:
            p.with_left = _Key(streams, p.with_left, p.number)
            p.with_right = _Key(streams, p.with_right, (p.number + 1) % 3)
        return out

    views.three_parties = parties
    try:
        yield
    finally:
        views.three_parties = original


def heard(name: str, i: int, streams: Streams) -> list[tuple[int, np.ndarray]]:
    """(round, array) of all that party i receives, but for what an opening tells it."""
    secret = test_views.secrets_of(name)[2]
    params = test_views.params_of(name)
    with _drawing(streams):
        got = run_parts(REP3[name], parts_for(name, i, secret), params, recording_parties())
    out = []
    for k, sent in enumerate(got.transcript):
        arrays = {j: list(s.send.get(i, ())) for j, s in enumerate(sent)}
        if k in OPENED.get(name, {}):
            turn, _ = OPENED[name][k]
            giver = (0 if (i + turn) % 3 != 0 else 2) - turn
            arrays[giver % 3] = arrays[giver % 3][1:]  # role 1 takes in both, and knows their sum
        out += [(k, a) for some in arrays.values() for a in some]
    return out


def unhidden(name: str, i: int, wrong: Draw | None = None, instead: int | None = None) -> list[int]:
    """Numbers of the arrays party i hears that no draw of the key it lacks hides."""
    lacks = (i + 2) % 3
    streams = Streams(wrong, instead)
    before = heard(name, i, streams)
    bare = set(range(len(before)))
    order = orders.draws_for(LANES)  # permutations are no masks
    changes = []
    for key, use in [d for d in streams.sizes if d[0] == lacks and streams.sizes[d] != order]:
        after = heard(name, i, Streams(wrong, instead, (key, use)))
        pairs = enumerate(zip(before, after, strict=True))
        changes.append((after, [k for k, (x, y) in pairs if (x[1] != y[1]).any()]))
    counted = bare if name in HALVES else set(bare)
    while found := next((c for c in changes if _only(c, before, counted) in bare), None):
        bare.discard(_only(found, before, counted))
        changes = [c for c in changes if c is not found]
    return sorted(bare)


def _only(change: Any, before: list[Any], counted: set[int]) -> int | None:
    """The one array, of those that count, that this stream is the first to change, and hides."""
    after, changed = change
    new = [k for k in changed if k in counted]
    first = [k for k in new if before[k][0] == before[new[0]][0]]
    if len(first) == 1 and _hides(before[first[0]][1], after[first[0]][1]):
        return first[0]
    return None


def _hides(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether what changed is as good as a mask: by words all different, and even."""
    change = x ^ y
    least = min(statistics.uniform(x - y) + statistics.uniform(change))
    return np.unique(change).size == change.size and least > statistics.FAMILY


def check_every_word_is_hidden(name: str) -> None:
    """From each party, by a draw of its own."""
    assert [unhidden(name, i) for i in range(3)] == [[], [], []], name


def draws_of(name: str) -> dict[Draw, int]:
    """All draws of the operation, with their sizes."""
    streams = Streams()
    heard(name, 0, streams)
    return streams.sizes


def mistakes(name: str) -> Iterator[tuple[Draw, int | None]]:
    """Each draw left out, and each drawn as the one before it under its key."""
    order = orders.draws_for(LANES)
    drawn = sorted(d for d, size in draws_of(name).items() if size != order)
    for key, use in drawn:
        yield (key, use), None
        before = [u for k, u in drawn if k == key and u < use]
        if before:
            yield (key, use), before[-1]


def missed(name: str) -> list[tuple[Draw, int | None]]:
    """Mistakes that leave every word hidden from the party that lacks the key in question."""
    return [m for m in mistakes(name) if not unhidden(name, (m[0][0] + 1) % 3, *m)]

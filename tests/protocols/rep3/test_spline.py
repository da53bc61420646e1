"""What parties of a spline see: numbers modulo 17, masked answers, words; and what hides each.

The generic checks of views take words for granted. Here they are made of draws, one slice of a
stream at a time: exchanging it must change one array that a party hears, and nothing before.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import special

from mpckernel.protocols.fitting import spline_at
from mpckernel.protocols.rep3 import spline
from mpckernel.ring import bits
from mpckernel.ring.prg import Prg
from mpckernel.ring.thresholds import STEPS, P
from mpckernel.ring.words import as_words, signed
from mpckernel.sharing.rep3 import Rep3
from tests.protocols import statistics
from tests.protocols.cases import SPLINES
from tests.protocols.running import REP3, Run, Stream, run, run_parts, share
from tests.protocols.views import recording_parties, same_part_at

N = 2**13
PARAMS = SPLINES[2]  # a step at 20 bits, up to 2^10
SECRETS = (0, 3 << 20, -(5 << 20), 200 << 20)
SIZES = spline._sizes(N, PARAMS["table"], PARAMS["width"], PARAMS["skip"])
CUT = PARAMS["f"]


class Slice(NamedTuple):
    """Words start, ..., stop - 1 of draw number `use` under key `key`."""

    key: int
    use: int
    start: int
    stop: int


def _rows(key: int, use: int, row: int, first: int = 0) -> Slice:
    return Slice(key, use, first + row * N, first + (row + 1) * N)


_PLACES = 2 * SIZES.asked * N
HIDDEN = {  # party -> what hides each array that it hears, in order; of the first that changes
    0: (*[Slice(2, 2, _PLACES, _PLACES + SIZES.answers)] * 2,
        _rows(2, 2, 0, _PLACES + SIZES.answers), _rows(2, 8, 0)),
    1: (Slice(0, 1, 0, SIZES.codes), Slice(0, 1, SIZES.codes, SIZES.codes + SIZES.powers),
        _rows(0, 6, 0), _rows(0, 5, 0), _rows(0, 7, 0)),
    2: (_rows(1, 3, 0), _rows(1, 4, 0)),
}  # fmt: skip


class _Changed:
    """A Prg of which one slice is drawn anew."""

    def __init__(self, prg: Any, key: int, other: Slice | None) -> None:
        self.prg, self.key, self.other = prg, key, other

    def words(self, n: int, call: int, use: int) -> np.ndarray:
        out = self.prg.words(n, call, use)
        if self.other and self.other[:2] == (self.key, use):
            cut = slice(self.other.start, self.other.stop)
            out[cut] = Prg(b"another stream !").words(n, call, use)[cut]
        return out


def ran(i: int, secret: int, other: Slice | None = None) -> tuple[Run, list[np.ndarray]]:
    """All lanes with one secret, party i's part always the same; and what it hears."""
    parties = recording_parties()
    for p in parties:
        p.with_left = _Changed(p.with_left, p.number, other)
        p.with_right = _Changed(p.with_right, (p.number + 1) % 3, other)
    got = run_parts(REP3["spline"], [same_part_at(i, secret, (N,))], PARAMS, parties)
    return got, got.heard_by(i)


def small(words: np.ndarray, n: int) -> np.ndarray:
    """Numbers modulo P, one in a byte."""
    return words.view(np.uint8)[:n]


def read(i: int, k: int, words: np.ndarray) -> np.ndarray:
    """Array k of those that party i hears: numbers modulo P, or as many bits as were sent."""
    if i == 0 and k < 2:
        return small(words, SIZES.answers)
    if i == 1 and k == 0:
        return small(words, SIZES.codes)
    if i == 0 and k == 2:
        return words  # bits
    return bits.unpack_low(words, CUT, N) if words.size < N else words


def even(counts: np.ndarray) -> float:
    """p-value of counts against even ones."""
    if not counts.any():
        return 0.0
    expected = counts.sum() / counts.size
    chi2 = ((counts - expected) ** 2).sum() / expected
    return float(special.chdtrc(counts.size - 1, chi2))


def evenness(i: int, k: int, x: np.ndarray) -> list[float]:
    """p-values of numbers, as what they are, being even."""
    if x.dtype == np.uint8:
        assert x.max() < P
        rows = x.reshape(-1, N)
        return [even(np.bincount(row, minlength=P)) for row in rows]
    if x.size > N or (i == 0 and k == 2) or int(x.max()) >> CUT:
        return statistics.uniform(x)
    return statistics.uniform(bits.pack_low(x, CUT))


def check_hidden(i: int) -> None:
    """Each array that party i hears is even, and hidden by a slice of its own."""
    before, p_values = ran(i, SECRETS[1])[1], []
    assert len(before) == len(HIDDEN[i])
    for k, hides in enumerate(HIDDEN[i]):
        after = ran(i, SECRETS[1], hides)[1]
        x, y = read(i, k, before[k]), read(i, k, after[k])
        change = (x + np.uint8(P) - y) % np.uint8(P) if x.dtype == np.uint8 else x - y
        p_values += evenness(i, k, x)
        p_values += evenness(i, k, change if x.dtype == np.uint8 else _low(change, before[k]))
        for j in range(k):
            same = HIDDEN[i][j] == hides or (
                i == 1 and k == 3 and j == 2
            )  # b_0 is in a b_0 - g, too
            assert same or (before[j] == after[j]).all()
    statistics.accept(p_values, f"spline: what party {i} hears")


def check_zero_shares() -> None:
    """Each is used for one digit of one comparison."""
    before = [small(a, SIZES.answers) for a in ran(0, SECRETS[1])[1][:2]]
    for row in (0, 1, SIZES.digits, SIZES.asked * SIZES.digits - 1):
        heard = ran(0, SECRETS[1], _rows(2, 2, row, _PLACES))[1]
        for a, b in zip(before, heard[:2], strict=True):
            new = (a != small(b, SIZES.answers)).reshape(SIZES.asked, SIZES.digits, N)
            assert abs(new.sum() - N * (P - 1) / P) < 6 * (N * (P - 1)) ** 0.5 / P
            assert (new[row // SIZES.digits].sum(axis=0) <= 1).all()
            assert new[row // SIZES.digits].sum() == new.sum()


def _low(change: np.ndarray, sent: np.ndarray) -> np.ndarray:
    return change & np.uint64((1 << CUT) - 1) if N // 64 < sent.size < N else change


def totals(secret: int) -> np.ndarray:
    """What P_0 learns of where its number lies: comparisons, digits, lanes."""
    one, other = (small(a, SIZES.answers) for a in ran(0, secret)[1][:2])
    return ((one + other) % P).reshape(SIZES.asked, SIZES.digits, N)


def _kinds(total: np.ndarray) -> Iterator[float]:
    """Answers even and independent, zeros at even places, all else even."""
    hits = total == 0
    assert (hits.sum(axis=1) <= 1).all()
    answers = hits.any(axis=1)
    for a in range(SIZES.asked):
        yield even(np.bincount(answers[a].astype(int), minlength=2))
        yield even(np.bincount(hits[a].argmax(axis=0)[answers[a]], minlength=SIZES.digits))
        for b in range(a):
            yield even(np.bincount(2 * answers[a] + answers[b], minlength=4))
            place = hits[a].argmax(axis=0) * SIZES.digits + hits[b].argmax(axis=0)
            both = answers[a] & answers[b]
            yield even(np.bincount(place[both], minlength=SIZES.digits**2))
            pair = total[a, 0].astype(int) * P + total[b, 0]
            rest = ~hits[a, 0] & ~hits[b, 0]
            yield even(np.bincount(pair[rest], minlength=P * P).reshape(P, P)[1:, 1:].ravel())
        for d in range(SIZES.digits):
            values = total[a, d][~hits[a, d]]
            yield even(np.bincount(values, minlength=P)[1:])
            pair = total[a, d].astype(int) * P + total[a, d - 1]
            rest = ~hits[a, d] & ~hits[a, d - 1]
            yield even(np.bincount(pair[rest], minlength=P * P).reshape(P, P)[1:, 1:].ravel())


def check_answers_masked() -> None:
    """Whatever the secret, P_0 learns even bits, and of each hit nothing else."""
    p_values = [p for secret in SECRETS for p in _kinds(totals(secret))]
    statistics.accept(p_values, "spline: masked answers")


def simulated_answers(rng: Stream) -> np.ndarray:
    """What P_0 learns, from nothing: even bits; of those that are 1 a digit; else numbers not 0."""
    shape = (SIZES.asked, SIZES.digits, N)
    out = rng.integers(1, P, shape)
    e = rng.integers(0, 2, (SIZES.asked, 1, N))
    at = rng.integers(0, SIZES.digits, (SIZES.asked, 1, N)).astype(np.int64)
    np.put_along_axis(out, at, np.take_along_axis(out, at, 1) * (np.uint64(1) - e), 1)
    return out


def simulated_mail(i: int, rng: Stream) -> Iterator[dict[int, tuple[np.ndarray, ...]]]:
    """What a party hears, round by round, from sizes and nothing else."""
    narrow = -(-N * CUT // 64)
    if i == 0:
        one = rng.integers(0, P, (SIZES.answers,))
        other = (simulated_answers(rng).reshape(-1) + np.uint64(P) - one) % np.uint64(P)
        yield {}
        yield {1: (spline._octets(one),), 2: (spline._octets(other),)}
        yield {}
        yield {1: (rng.integers(0, 2**64, N // 64),), 2: (rng.integers(0, 2**64, narrow),)}
    elif i == 1:
        yield {0: (spline._octets(rng.integers(0, P, (SIZES.codes,))),)}
        yield {}
        yield {0: (rng.integers(0, 2**64, SIZES.powers), rng.integers(0, 2**64, narrow))}
        yield {2: (rng.integers(0, 2**64, narrow), rng.integers(0, 2**64, N))}
    else:
        yield from ({}, {}, {})
        yield {1: (rng.integers(0, 2**64, narrow), rng.integers(0, 2**64, N))}


def simulated(i: int, own: Rep3) -> tuple[list[np.ndarray], Rep3]:
    """Party i's view and part of the result, from its own part."""
    steps = REP3["spline"](recording_parties(seed=b"simulated")[i], own, **PARAMS)
    mail, heard = None, []
    for following in simulated_mail(i, Stream(i)):
        asked = steps.send(mail)
        assert {k: tuple(a.size for a in v) for k, v in following.items()} == dict(asked.hear)
        mail = following
        heard += [a for arrays in following.values() for a in arrays]
    try:
        steps.send(mail)
    except StopIteration as done:
        return heard, done.value
    raise AssertionError


def check_simulator(i: int) -> None:
    p_values: list[float] = []
    parts = same_part_at(i, SECRETS[2], (N,))
    got, real = ran(i, SECRETS[2])
    heard, result = simulated(i, parts[i])
    for k, (a, b) in enumerate(zip(real, heard, strict=True)):
        assert a.size == b.size
        if read(i, k, a).dtype != np.uint8:
            p_values += statistics.alike(a, b)
    for a, b in zip(got.parts[i], result, strict=True):
        p_values += statistics.alike(a, b)
    if i == 0:
        mine, theirs = (
            (small(x[0], SIZES.answers) + small(x[1], SIZES.answers)) % P for x in (real, heard)
        )
        for d in range(SIZES.digits * SIZES.asked):
            a, b = (np.bincount(x.reshape(-1, N)[d], minlength=P) for x in (mine, theirs))
            p_values.append(float(special.chdtrc(P - 1, ((a - b) ** 2 / (a + b)).sum())))
    statistics.accept(p_values, f"spline: real against simulated, party {i}")


def check_values(params: dict[str, Any] = SPLINES[1]) -> None:
    """Around every edge and at both ends of the range, with the rho and carry that P_2 knows."""
    skip, fine, end = params["skip"], params["fine"], 2 ** (params["width"] - 1)
    near = np.arange(-(2**skip) - 2, 2**skip + 3, max(1, 2**skip // 50))
    marks = np.array([*params["edges"], 0, end - 2 ** (skip + 1) - 3, 2 ** (skip + 1) + 3 - end])
    x = as_words((marks[:, None] + near).ravel())
    x = x[np.abs(signed(x)) <= end - 2**skip]
    got = run("spline", x, turn=0, **params)
    r = _third(x)
    rho = np.negative(r) & np.uint64((1 << skip) - 1)
    low = np.uint64((1 << fine) - 1)
    carry = (((x - r) & low) + (r & low) >> np.uint64(fine)) if fine else 1
    base = spline_at(x, rho=rho, carry=carry, **params)
    up = signed(got.value - base)
    assert ((up == 0) | (up == 1)).all()


def _third(x: np.ndarray) -> np.ndarray:
    """The share that P_1 and P_2 hold, as `run` deals x."""
    return share(REP3["spline"], [x], Stream(1))[0][1].j


@pytest.mark.parametrize("i", range(3))
def test_each_word_is_hidden_by_a_draw_of_its_own(i):
    check_hidden(i)


def test_zero_shares_are_fresh():
    check_zero_shares()


def test_answers_are_masked():
    check_answers_masked()


@pytest.mark.parametrize("i", range(3))
def test_real_and_simulated_views_are_alike(i):
    check_simulator(i)


@pytest.mark.parametrize("params", SPLINES, ids=lambda p: f"{len(p['edges'])}-{p['f']}")
def test_values_at_edges_and_ends(params):
    check_values(params)


def test_codes_say_what_digits_say():
    assert SIZES.codes == SIZES.digits * STEPS * N

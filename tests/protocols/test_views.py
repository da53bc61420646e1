"""What each party receives is uniform, whatever the secret, also beside everything it knows.

The part a party holds is fixed and the same value stands in every lane, so whatever varies from
lane to lane must come from masks. A received word minus, plus or xor a draw of the party's own
must be uniform too: a mask that the receiver knows hides nothing.
"""

from collections.abc import Iterator

import numpy as np
import pytest

from mpckernel.protocols.ideal import OPENINGS
from mpckernel.ring import bits
from mpckernel.sharing.rep3 import Rep3, reconstruct, reconstruct_bits
from tests.protocols import statistics, views
from tests.protocols.running import REP3, functionality, run, run_parts
from tests.protocols.views import LANES, parts_for, view

SECRETS = (0, 1, 2**61 + 12345, -(2**61))
SMALL = {"mul_trunc", "dot_trunc", "matmul_trunc", "matmul_plus", "blend"}
PARAMS = {
    "trunc": {"f": 16},
    "floor": {"f": 16},
    "mul_trunc": {"f": 20},
    "blend": {"f": 16},
    "dot": {"n": 2},
    "dot_trunc": {"n": 2, "f": 16},
    "matmul": {"n": 2},
    "matmul_trunc": {"n": 2, "f": 16},
    "matmul_plus": {"n": 2, "f": 16, "spread": ("reshape", (1, 128, 128))},
    "msb": {"width": 64},
    "is_zero": {"width": 64},
    "to_bits": {"width": 64},
    "headroom": {"width": 24},
    "weigh": {"weights": ((1, -3, 5), (7, 1, 2**61 - 1))},
    "rough_bits": {"skip": 16, "width": 40},
    "rough_sign": {"skip": 16, "width": 48},
    "lookup": {"table": ((7, 2**61, -5, 0),)},
    "places": {"digits": (2, 2), "n": LANES},
}
SMALL_NUMBERS = {"spline"}  # sends numbers modulo 17: rep3/test_spline.py
SILENT = [n for n, op in REP3.items() if op.rounds and n not in OPENINGS | {"coin"} | SMALL_NUMBERS]


def params_of(name: str) -> dict:
    if name.startswith("input"):
        return {"owner": 1, "shape": (LANES,), "bound": 2**62}
    return PARAMS.get(functionality(name), {})


def secrets_of(name: str) -> tuple[int, ...]:
    if functionality(name) in SMALL:
        return (0, 1, 2**29 + 3, -(2**29))
    return (0, 1, 2**23, 12345) if name == "headroom" else SECRETS


def full(arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Those long enough to say something about; all messages of these runs are."""
    assert all(a.size >= statistics.FEWEST for a in arrays)
    return arrays


def joints(heard: np.ndarray, drawn: list[np.ndarray], f: int) -> Iterator[np.ndarray]:
    """What was heard together with each own draw that could be its mask, also where messages
    hold f bits an element."""
    for own in drawn:
        if own.size == heard.size:
            yield from (heard - own, heard + own, heard ^ own)
        elif own.size * f == heard.size * 64:
            short = bits.unpack_low(heard, f, own.size)
            yield from (bits.pack_low(w, f) for w in (short - own, short + own, short ^ own))


def check_uniform(name: str) -> None:
    """For every party and several secrets."""
    p_values: list[float] = []
    for i in range(3):
        for secret in secrets_of(name):
            seen = view(name, i, parts_for(name, i, secret), params_of(name))
            for heard in full(seen.heard):
                p_values += statistics.uniform(heard)
                for joint in joints(heard, seen.drawn, params_of(name).get("f", 64)):
                    p_values += statistics.uniform(joint)
    statistics.accept(p_values, f"{name}: received words")


def check_alike(name: str) -> None:
    """Two secrets give views that cannot be told apart, with fresh keys for each."""
    p_values: list[float] = []
    a, b, *_ = reversed(secrets_of(name))
    for i in range(3):
        first, second = (
            view(name, i, parts_for(name, i, secret), params_of(name), seed=seed)
            for secret, seed in ((a, b"first"), (b, b"second"))
        )
        for x, y in zip(full(first.heard), full(second.heard), strict=True):
            p_values += statistics.alike(x, y)
    statistics.accept(p_values, f"{name}: two secrets")


def check_fresh(name: str) -> None:
    """No word is sent twice, within a call or by two calls with the same keys and operands."""
    parts = parts_for(name, 0, secrets_of(name)[2])
    sent = []
    for call in (1, 2):
        parties = views.recording_parties(call)
        arrays = run_parts(REP3[name], parts, params_of(name), parties).sent()
        sent += {id(a): a for a in arrays}.values()  # one message to two parties counts once
    words = np.concatenate([a.ravel() for a in sent])
    assert len(np.unique(words)) == words.size, f"{name} sent a word twice"


def check_sizes(name: str) -> None:
    """Sizes and order of everything sent are the same for every secret."""
    seen = []
    for secret in secrets_of(name):
        got = view(name, 0, parts_for(name, 0, secret), params_of(name)).run
        seen.append([[{k: [a.size for a in v] for k, v in s.send.items()} for s in r]
                     for r in got.transcript])  # fmt: skip
    assert all(s == seen[0] for s in seen[1:])


@pytest.mark.parametrize("name", SILENT)
def test_received_words_are_uniform_beside_all_a_party_knows(name):
    check_uniform(name)


@pytest.mark.parametrize("name", SILENT)
def test_views_of_two_secrets_are_alike(name):
    check_alike(name)


@pytest.mark.parametrize("name", SILENT)
def test_no_word_is_sent_twice(name):
    check_fresh(name)


@pytest.mark.parametrize("name", SILENT)
def test_sizes_do_not_depend_on_secrets(name):
    check_sizes(name)


def test_only_openings_say_that_they_leak():
    loud = {op.ideal.name for op in REP3.values() if op.leaks != "nothing"}
    cuts = {"trunc", "mul_trunc", "dot_trunc", "matmul_trunc", "matmul_plus", "blend"}
    assert loud - OPENINGS == {"coin", "rough_bits", "rough_sign", "spline"} | cuts


@pytest.mark.parametrize("name", ["input_words", "input_bits"])
@pytest.mark.parametrize("owner", range(3))
def test_an_input_is_uniform_at_the_one_party_that_hears_of_it(name, owner):
    p_values = []
    for secret in (0, 2**62 - 1):
        params = params_of(name) | {"owner": owner}
        got = view(name, (owner + 1) % 3, parts_for(name, 0, secret), params)
        p_values += statistics.uniform(got.heard[0])
        assert got.run.heard_by(owner) == got.run.heard_by((owner + 2) % 3) == []
    statistics.accept(p_values, "input")


WIDE = {"trunc", "floor", "mul", "mul_trunc", "mul_trunc few", "dot", "dot_trunc", "dot_trunc few",
        "matmul", "matmul_trunc", "matmul_trunc few", "matmul_plus", "bit_to_word", "select",
        "headroom", "input_words"}  # fmt: skip


@pytest.mark.parametrize("name", sorted(WIDE))
def test_shares_of_results_are_uniform(name):
    """Operands freshly dealt; every share by itself. A truncated share too: its high f bits
    hold a fresh mask and its low bits those of a uniform share."""
    case = parts_for(name, 0, secrets_of(name)[2])
    values = [x[0] if isinstance(x[0], np.ndarray) else _opened(x) for x in case]
    p_values = []
    for seed in range(3):
        got = run(name, *values, seed=seed, call=seed, **params_of(name))
        for part in got.parts:
            p_values += statistics.uniform(part.i)
    statistics.accept(p_values, f"{name}: shares of the result")


def _opened(parts: list) -> np.ndarray:
    return reconstruct(parts) if isinstance(parts[0], Rep3) else reconstruct_bits(parts)


def check_padding_is_cleared() -> None:
    """Padding lanes of an AND hold masks that cancel; not even those are sent."""
    for n in (1, 33, 65):
        b = np.ones(n, bool)
        product = run("and", b, b)
        assert any(part.i[-1] >> np.uint64(n % 64) for part in product.parts)
        opened = run_parts(REP3["open_bits"], [product.parts], {})
        assert not any(a[-1] >> np.uint64(n % 64) for a in opened.sent())


def test_padding_lanes_are_cleared_before_they_are_opened():
    check_padding_is_cleared()


@pytest.mark.parametrize("n", [1, 63, 65])
@pytest.mark.parametrize("name", ["and", "or", "invert", "random_bits", "msb"])
def test_padding_lanes_hold_shares_of_zero(name, n):
    values = {"and": 2, "or": 2, "invert": 1}.get(name, 0) * [np.ones(n, bool)]
    values = [np.full(n, 2**64 - 1, np.uint64)] if name == "msb" else values
    params = {"msb": {"width": 64}, "random_bits": {"shape": (n,)}}.get(name, {})
    parts = run(name, *values, **params).parts
    total = parts[0].i ^ parts[1].i ^ parts[2].i
    assert total[-1] >> np.uint64(n % 64) == 0

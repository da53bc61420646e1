"""Every operation and every function that is claimed to be accurate, over links: what travels has
the same sizes in the same order for very different secrets, and no message is ever sent again.

What single words look like is tests/protocols/test_views.py's; here it is frames, of all that
parties say. Schemes without links have nothing to look at.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mpckernel.array import OwnerName, share
from mpckernel.protocols import ideal, op
from mpckernel.protocols.rep3 import summands
from mpckernel.runtime import chunks, parting
from mpckernel.runtime.cell import empty_operand
from mpckernel.runtime.plan import Call
from mpckernel.sharing.rep3 import Bits3, Rep3
from mpckernel.wire.frames import DATA, HEAD
from tests.accuracy.claims import CLAIMS
from tests.array.test_three import EXACT, STOCHASTIC
from tests.protocols.cases import make, shapes_like
from tests.protocols.running import REP3, functionality, kinds
from tests.security.wire import Wire

N = 200  # elements: more than two words of bits, so that no two messages are alike by chance
FEW = {"WHOLE": 128, "CHUNK": 128, "WINDOW": 128, "LANES": 128, "LANES_WINDOW": 128}
SHORT = 16  # bytes: so few may be alike by chance
NAMES = sorted({functionality(name) for name in REP3})
Program = Callable[[Any, Any], Any]  # of a cell and this party's secrets


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    monkeypatch.setattr(parting, "SOON", 60.0)  # what a slow machine says beside it is no matter
    made = Wire()
    made.seen.clear()  # greetings
    yield made
    made.rooms.close()


def frames(wire: Wire) -> tuple[dict[Any, list[Any]], dict[Any, list[int]], set[bytes]]:
    """Of one cell, by link: sizes of what runs send, in order; of all else, which comes beside it;
    and the bodies of runs."""
    sizes, words, bodies = defaultdict(list), defaultdict(list), set[bytes]()
    for sender, receiver, parts in wire.seen:
        lengths = [len(part) for part in parts]
        if parts[0][2] == DATA:
            sizes[sender, receiver].append(lengths)
            bodies.add(b"".join(parts)[HEAD.size :])
        else:
            words[sender, receiver].append(sum(lengths))
    wire.seen.clear()
    return dict(sizes), {link: sorted(each) for link, each in words.items()}, bodies


def check_same(wire: Wire, program: Program, secrets: list[Any], *, silent: bool = False) -> None:
    """The cell of this program on each of these secrets, and on the first of them again."""
    seen = []
    for secret in [*secrets, secrets[0]]:
        wire.rooms.run(lambda cell, secret=secret: program(cell, secret))
        seen.append(frames(wire))
        ran = wire.rooms.rooms[0].ledger.last_cell
        assert ran is not None
        assert ran.rounds == ran.planned.rounds
    assert bool(seen[0][0]) != silent
    sent = [body for _, _, bodies in seen for body in bodies if len(body) > SHORT]
    assert len(set(sent)) == len(sent), "a message of one run came again in another one"
    for sizes, words, _ in seen[1:]:
        assert (sizes, words) == seen[0][:2], "what travels depends on a secret"


def of_operation(name: str) -> tuple[Program, list[Any]]:
    """One call of an operation; operands: as many as it may be asked for, zeros, and all ones."""
    what, shapes = REP3[name].ideal, shapes_like(name, (N, 2) if "dot" in name else (N,))
    case = make(name, shapes, 1)
    of = kinds(REP3[name])
    secrets = [case.values, *([_all(name, x, b) for x in case.values] for b in (0, 1))]

    def program(cell: Any, values: list[Any]) -> Call:
        if name.startswith("input"):
            call = cell.record(what, empty_operand(), **case.params)
            call.private = values[0] if case.params["owner"] == cell.me else None
            return call
        operands = [_operand(cell, *each) for each in zip(of, values, case.values, strict=False)]
        return cell.record(what, *operands, **case.params)

    return program, secrets


def _all(name: str, x: np.ndarray, bit: int) -> np.ndarray:
    if "permute" in name and x.ndim == 1:
        return np.roll(np.arange(x.size)[:: 1 - 2 * bit], bit).astype(np.uint64)
    return np.full(x.shape, bit, bool) if x.dtype == bool else np.full(x.shape, -bit % 2**62, "u8")


def _operand(cell: Any, kind: Any, value: Any, public: Any) -> Any:
    """An input of bob's, shared anew by a product, as all know one of its first shares. What an
    operation takes as public is the same in all runs."""
    if kind not in (Rep3, Bits3):
        return public if public.dtype == bool else public % np.uint64(2**20)
    put, product = (
        (ideal.input_words, ideal.mul) if kind is Rep3 else (ideal.input_bits, ideal.and_)
    )
    calls = []
    for x in (value, np.ones_like(value)):
        call = cell.record(put, empty_operand(), owner=1, shape=value.shape, bound=100)
        call.private = x if cell.me == 1 else None
        calls.append(call)
    made = cell.record(product, *calls)
    made.bound = min(made.bound, 100)
    return made


@pytest.mark.parametrize("many", [False, True], ids=["few", "many"])
@pytest.mark.parametrize("name", NAMES)
def test_of_an_operation(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, name: str, many: bool
) -> None:
    if many:  # other ways, roles that turn, and chunks
        for where, size in FEW.items():
            monkeypatch.setattr(chunks, where, size)
        monkeypatch.setattr(op, "FEW", 100)
        monkeypatch.setattr(summands, "MANY", 100)
    program, secrets = of_operation(name)
    check_same(wire, program, secrets, silent=name in ("public", "public_bits", "random_bits"))


def _owned(x: np.ndarray, n: np.ndarray, b: np.ndarray) -> list[dict[str, Any]]:
    return [{"x": x}, {"n": n}, {"b": b}]


ROWS = np.linspace(-8, 8, 12).reshape(3, 4)
OWNED = [
    _owned(ROWS, np.rint(ROWS).astype(int), ROWS > 0),
    _owned(0 * ROWS, np.zeros((3, 4), int), np.zeros((3, 4), bool)),
    _owned(0 * ROWS - 8, np.full((3, 4), 8), np.ones((3, 4), bool)),
]
"""The second and the third are ties, zeros below fractions and ends of the range."""


@pytest.mark.parametrize("name", [*EXACT, *STOCHASTIC])
def test_of_a_function_of_arrays(wire: Wire, name: str) -> None:
    function = EXACT[name] if name in EXACT else STOCHASTIC[name][0]
    alice, bob, carol = (OwnerName(who, k) for k, who in enumerate(wire.rooms.rooms[0].parties))

    def program(cell: Any, secret: list[dict[str, Any]]) -> Any:
        cell.namespace.update(secret[cell.me])
        return function(share(alice.x, bound=8), share(bob.n, bound=8), share(carol.b))

    check_same(wire, program, OWNED)


@pytest.mark.slow
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.label)
def test_of_a_function_with_a_claim(wire: Wire, claim: Any) -> None:
    alice, n = OwnerName("alice", 0), 16

    def program(cell: Any, values: list[np.ndarray]) -> Any:
        cell.namespace.update({f"x{k}": x for k, x in enumerate(values)} if cell.me == 0 else {})
        paths = [getattr(alice, f"x{k}") for k in range(len(claim.domain))]
        return claim.call(*(share(x, dtype=claim.types[0], bound=claim.declared) for x in paths))

    ends = [
        [np.linspace(low, high, n) for low, high in claim.domain],
        *([np.full(n, float(end[k])) for end in claim.domain] for k in (0, 1)),
    ]
    if claim.types[0].kind == "i":
        ends = [[np.rint(x) for x in secret] for secret in ends]
    check_same(wire, program, ends)


def test_a_size_that_depends_on_a_secret_is_noticed(wire: Wire) -> None:
    """All parties would know how many are positive: say, by a count that was opened before."""

    def program(cell: Any, values: np.ndarray) -> Any:
        x = _operand(cell, Rep3, values, None)
        at = tuple(np.flatnonzero(values))
        x = cell.record(ideal.move, x, how=("index", (at,)))
        return cell.record(ideal.mul, x, x)

    ones = np.ones(N, np.uint64)
    with pytest.raises(AssertionError, match="depends on a secret"):
        check_same(wire, program, [ones, ones * (np.arange(N) < N - 9)])


def test_keys_that_come_again_are_noticed(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    program, secrets = of_operation("mul")
    for room in wire.rooms.rooms:
        keys = room.keys_for
        monkeypatch.setattr(room, "keys_for", lambda _, segment, keys=keys: keys("one", segment))
    with pytest.raises(AssertionError, match="came again"):
        check_same(wire, program, secrets)

"""The estimate of a dry run: it adds up, it never falls, and it knows its units."""

import numpy as np
import pytest

import mpckernel.protocols.rep3  # noqa: F401  (registers the operations)
from mpckernel.protocols import ideal, ordering
from mpckernel.runtime import estimate
from mpckernel.runtime.call import Call
from mpckernel.runtime.estimate import LAN, WAN, Link
from mpckernel.runtime.plan import Plan
from mpckernel.runtime.speeds import SPEEDS
from mpckernel.runtime.work import ALONE, UNEVEN, Work, units, work
from tests.golden import entries
from tests.protocols import cases
from tests.protocols.running import run

HERE = Link("here", 0.0, float("inf"))
BASE = Work(1, 10, 8.0, 1e6, {"call": 5, "mul bits": 1e6})


def leaf(shape: tuple[int, ...], bound: int = 2**10) -> Call:
    """A sharing that the plan holds."""
    return Call(None, (), {}, shape, "word", bound)


def plan(*sizes: int) -> Plan:
    made = Plan("rep3", ("alice", "bob", "carol"))
    for n in sizes:
        x, y = made._append(leaf((n,))), made._append(leaf((n,)))
        made.add(ideal.mul, x, y)
    return made


@pytest.mark.parametrize("link", [HERE, LAN, WAN])
@pytest.mark.parametrize(
    "more",
    [
        BASE._replace(rounds=11),
        BASE._replace(delays=9),
        BASE._replace(bits=2e6),
        BASE._replace(agreements=2),
        BASE._replace(units={"call": 6, "mul bits": 1e6}),
        BASE._replace(units={"call": 5, "mul bits": 2e6}),
        BASE._replace(units={"call": 5, "mul bits": 1e6, "unheard-of bits": 1.0}),
    ],
)
def test_more_never_takes_less(link, more):
    assert estimate.seconds(more, link, SPEEDS) >= estimate.seconds(BASE, link, SPEEDS)


def test_each_part_counts_somewhere():
    for more in (BASE._replace(rounds=20), BASE._replace(bits=1e9)):
        assert estimate.seconds(more, WAN, SPEEDS) > estimate.seconds(BASE, WAN, SPEEDS)
    slow = BASE._replace(units={"mul bits": 1e12})
    assert estimate.seconds(slow, HERE, SPEEDS) > estimate.seconds(BASE, HERE, SPEEDS)


def test_a_slower_line_and_a_crowded_machine_take_longer():
    assert estimate.seconds(BASE, HERE) < estimate.seconds(BASE, LAN) < estimate.seconds(BASE, WAN)
    crowded = HERE._replace(crowd=1.5)
    assert estimate.seconds(BASE, crowded) == pytest.approx(1.5 * estimate.seconds(BASE, HERE))


def test_rounds_cost_a_delay_each():
    more = BASE._replace(rounds=BASE.rounds + 100, delays=BASE.delays + 100)
    grown = estimate.seconds(more, WAN, SPEEDS) - estimate.seconds(BASE, WAN, SPEEDS)
    assert grown == pytest.approx(100 * (WAN.delay + SPEEDS["far round"]))


def test_plans_add_up():
    one, two, both = plan(100), plan(3000), plan(100, 3000)
    a, b, together = (work(p) for p in ([one], [two], [both]))
    for key in together.units:
        assert together.units[key] == a.units.get(key, 0) + b.units.get(key, 0)
    assert together.bits == pytest.approx(a.bits + b.bits)
    split = work([one, two])
    assert split.units == together.units
    assert (split.agreements, together.agreements) == (2, 1)
    assert split.rounds == 2 * together.rounds


def test_units_of_a_plan():
    made = Plan("rep3", ("alice", "bob", "carol"))
    x, y = made._append(leaf((4, 5))), made._append(leaf((5, 6)))
    made.add(ideal.matmul, x, y, n=5)
    made.add(ideal.add, x, x)
    found = work([made])
    assert found.units["matmul products"] == 4 * 5 * 6
    assert found.units["matmul bits"] == 192 * 24
    assert found.units["add elements"] == 20
    assert found.bits == 64 * 24
    assert work([]) == Work(0, 0, 0.0, 0.0, {})


def test_what_was_recorded_before_costs_less():
    made = Plan("rep3", ("alice", "bob", "carol"))
    x, y = made._append(leaf((64,))), made._append(leaf((64,)))
    calls = made.add(ideal.mul, x, y), made.add(ideal.add, x, y)
    found = [dict(units(call, kept=True)) for call in calls]
    assert found == [{"mul bits": 192 * 64 * ALONE}, {"kept call": 1, "add elements": 64}]
    assert all(dict(units(call))["call"] == 1 for call in calls)


def test_a_reshape_moves_nothing():
    made = Plan("rep3", ("alice", "bob", "carol"))
    x = made._append(leaf((4, 5)))
    calls = made.add(ideal.move, x, how=("reshape", (20,))), made.add(ideal.move, x, how=("flip",))
    assert [dict(units(c)).get("move elements") for c in calls] == [None, 20]


def test_rounds_of_a_sort_count_apart():
    made = Plan("rep3", ("alice", "bob", "carol"))
    bits = made._append(Call(None, (), {}, (4, 100), "bit", 1))
    call = made.add(ordering.places, bits, digits=(2, 2), n=100)
    asked = dict(units(call))
    assert asked["places rounds"] == call.op.rounds_of(**call.params) > 2


def test_a_users_own_measurements_take_the_place_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    estimate.known.cache_clear()
    assert estimate.known() == SPEEDS
    file = estimate.own_file()
    file.parent.mkdir()
    for text, cell in (
        ('{"cell": 7.0, "call": "x", "round": -1}', 7.0),
        ("[1]", None),
        ("{", None),
    ):
        file.write_text(text)
        estimate.known.cache_clear()
        assert estimate.known() == (SPEEDS if cell is None else SPEEDS | {"cell": cell})
    estimate.known.cache_clear()


def test_speeds_are_positive_and_have_what_stands_in_for_the_unknown():
    assert {
        "cell",
        "call",
        "round",
        "far round",
        "other bits",
        "other elements",
        "other products",
    } <= set(SPEEDS)
    assert all(v > 0 for v in SPEEDS.values())
    assert np.isfinite(list(SPEEDS.values())).all()


CARDS = [k for k, (name, given) in entries().items() if name in UNEVEN and not given.get("spread")]


@pytest.mark.parametrize("label", CARDS)
def test_the_busiest_card(label):
    """Of what an operation's transcript sends and brings, party by party."""
    name, params = entries()[label]
    case = cases.make(name, cases.shapes_like(name, (640,)), 1, **params)
    got = run(name, *case.values, **case.params)
    sent, heard = [0] * 3, [0] * 3
    for asked in got.transcript:
        for sender, r in enumerate(asked):
            for receiver, arrays in r.send.items():
                sent[sender] += sum(a.nbytes for a in arrays)
                heard[receiver] += sum(a.nbytes for a in arrays)
    assert UNEVEN[name] == pytest.approx(max(sent + heard) / (sum(sent) / 3), rel=0.25)


def test_chunks_take_turns():
    """Three chunks load the cards alike, one does not."""
    one, three = (work([_truncated(n)]).bits / n for n in (1000, 3 * 2**17))
    assert one == pytest.approx(UNEVEN["trunc"] * three, rel=0.01)


def _truncated(n: int) -> Plan:
    made = Plan("rep3", ("alice", "bob", "carol"))
    made.add(ideal.trunc, made._append(leaf((n,))), f=16)
    return made


def test_what_does_not_wait_for_all_of_a_round():
    """Of a chain of truncated products, each waits for two messages of the one before."""
    made = Plan("rep3", ("alice", "bob", "carol"))
    x = y = made._append(leaf((4,)))
    for _ in range(10):
        y = made.add(ideal.mul_trunc, y, x, f=9)
    found = work([made])
    assert (found.rounds, found.delays) == (20, pytest.approx(20))
    assert work([plan(5)]).delays == 1


def _product(n):
    made = Plan("rep3", ("alice", "bob", "carol"))
    x, y = (made._append(leaf((n, n), 1)) for _ in "xy")
    made.add(ideal.matmul_trunc, x, y, n=n, f=16)
    return work([made])


def test_short_products_in_one_piece_take_turns_where_parties_share_cores():
    short, long = _product(100), _product(400)
    assert short.lone == {"matmul_trunc products": 1e6, "factors elements": 2e4}
    assert long.lone == {}
    three_on_two = HERE._replace(crowd=1.5)
    more = estimate.seconds(short, three_on_two) - estimate.seconds(
        short._replace(lone={}), three_on_two
    )
    alone = 1e6 * SPEEDS["matmul_trunc products"] + 2e4 * SPEEDS["factors elements"]
    assert more == pytest.approx(0.5 * alone)  # two after each other, not one and a half
    for enough in (HERE, LAN):
        assert estimate.turns(enough) == 0

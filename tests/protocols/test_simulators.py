"""Real views and simulated ones cannot be told apart; openings are simulated exactly."""

import numpy as np
import pytest

from mpckernel.sharing.rep3 import Bits3, Rep3, deal, deal_bits
from tests.protocols import simulators, statistics, views
from tests.protocols.running import REP3, Stream, run_parts
from tests.protocols.test_views import joints, params_of, secrets_of


def _words(part) -> list[np.ndarray]:
    return [np.ascontiguousarray(s).ravel() for s in part]


def check_simulator(name: str) -> None:
    """Messages, messages beside own draws, and parts of the result, for every party."""
    p_values: list[float] = []
    f = params_of(name).get("f", 64)
    for i in range(3):
        secret = secrets_of(name)[2]
        parts = views.parts_for(name, i, secret)
        real = views.view(name, i, parts, params_of(name), seed=b"real")
        own = [x[i] for x in parts]
        heard, drawn, result = simulators.SILENT[name](i, own, params_of(name))
        assert [a.size for a in real.heard] == [a.size for a in heard]
        for a, b in zip(real.heard, heard, strict=True):
            p_values += statistics.alike(a, b)
            for x, y in zip(joints(a, real.drawn, f), joints(b, drawn, f), strict=True):
                p_values += statistics.alike(x, y)
        for a, b in zip(_words(real.run.parts[i]), _words(result), strict=True):
            p_values += statistics.alike(a, b)
    statistics.accept(p_values, f"{name}: real against simulated")


@pytest.mark.parametrize("name", simulators.SILENT)
def test_real_and_simulated_views_are_alike(name):
    check_simulator(name)


@pytest.mark.parametrize("i", range(3))
@pytest.mark.parametrize("to", [None, 0, 1, 2])
@pytest.mark.parametrize("kind", ["words", "bits"])
def test_an_opening_shows_what_the_opened_value_says(kind, to, i):
    rng = Stream(i)
    x = rng.integers(0, 2**64, (65,)) if kind == "words" else rng.integers(0, 2, (65,)) == 1
    parts = (deal if kind == "words" else deal_bits)(x, Stream(2))
    name, params = (f"open_{kind}", {}) if to is None else (f"open_{kind}_to", {"to": to})
    got = run_parts(REP3[name], [parts], params)
    if to not in (None, i):
        assert got.heard_by(i) == []
        assert got.parts[i] is None
        return
    simulate = simulators.opening if kind == "words" else simulators.opening_bits
    assert isinstance(parts[i], Rep3 | Bits3)
    np.testing.assert_array_equal(got.heard_by(i)[0], simulate(parts[i], x))


@pytest.mark.parametrize("i", range(3))
def test_a_coin_shows_what_the_coin_says(i):
    seen = views.view("coin", i, [], {"shape": (65,)})
    want = simulators.public_coin(seen.drawn, seen.run.value)
    assert len(seen.heard) == 2
    for heard in seen.heard:
        np.testing.assert_array_equal(heard, want)

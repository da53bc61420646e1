"""Three kernels in one room: results, wrong input, stop in every phase, a party that dies.

All tests of this file share a room, in any order: whatever one does must leave it usable.
"""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kernel.kernels import Kernel
from tests.kernel.three import NAMES, Three, met

pytestmark = pytest.mark.slow
LOAD = """\
import numpy as np
age = np.array([{0}])
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """Met, with one secret `x` of eight values; the parties' homes are apart."""
    with met(tmp_path_factory.mktemp("room")) as three:
        for k, name in enumerate(NAMES):
            three[name].ok(LOAD.format(", ".join(str(10.0 * k + j) for j in range(k + 2))))
        three.ok("%%mpc\nx = concat(alice.age, bob.age, carol.age)")
        yield three


@pytest.fixture(autouse=True)
def usable(room: Three) -> Iterator[None]:
    """After every test the room computes."""
    yield
    assert room.ok("%%mpc\nint(reveal(x.sum()))") == ["120\n"] * 3


STEP = """%%mpc
import mpckernel
rate = 0.5
@mpckernel.recorded
def step(s):
    return s - rate * s
"""


def test_a_step_recorded_in_one_cell_is_repeated_in_others(room: Three) -> None:
    room.ok(STEP)
    half = "%%mpc\ns = x[:2]\nfor _ in range(3):\n    s = step(s)\nlist(map(float, reveal(s * 8)))"
    assert room.ok(half) == room.ok("%%mpc\nlist(map(float, reveal(x[:2])))")
    room.ok("%%mpc\nrate = 0.0")
    assert room.ok(half) == room.ok("%%mpc\nlist(map(float, reveal(8 * x[:2])))")
    ran = room.all("%%mpc\nz = 1\nstep({1})")
    assert all("line 3: a recorded function takes" in r.text for r in ran.values()), ran


def test_results_are_the_same_everywhere(room: Three) -> None:
    shown = room.ok("%%mpc\nlist(map(float, reveal(x[:3]))), int(reveal((x > 10).sum()))")
    assert shown == ["([0.0, 1.0, 10.0], 6)\n"] * 3


def test_a_value_for_one_party(room: Three) -> None:
    alice, bob, carol = room.ok("%%mpc\nm = reveal(x[0], to=bob)\nm")
    assert "0.0" in bob
    assert alice == carol == "<revealed to bob only>\n"


def test_only_its_owner_is_told_that_values_are_too_small(room: Three) -> None:
    room["bob"].ok("tiny = age * 1e-7")
    for line in ("few = share(bob.tiny)", "few = bob.tiny * 2"):
        ran = room.all(f"%%mpc\n{line}")
        assert "note for bob: bob.tiny: most values are so small" in ran["bob"].text
        assert not any("note" in ran[name].text for name in ("alice", "carol"))
    assert "note for bob" in room.all("%%mpc --dry\nbob.tiny + 1")["bob"].text


def test_names_exist_afterwards_and_show_no_value(room: Three) -> None:
    for name in NAMES:
        text = room[name].ok("x").text
        assert "secret sfix20 (9,) from alice, bob and carol" in text


def errors(room: Three, code: str, **private: str) -> list[str]:
    return [r.text for r in room.all(code, **private).values()]


def test_undefined_variable_at_one_party(room: Three) -> None:
    for text in errors(room, "%%mpc\ny = 1\nz = bob.nothing + 1"):
        assert "bob: no variable nothing, asked for by this cell (line 3)" in text
    assert [room[n].ok("'y' in globals()").results for n in NAMES] == [["False\n"]] * 3


def test_a_cell_that_differs_shows_the_difference(room: Three) -> None:
    alice, bob, _ = errors(room, "%%mpc\na = 1\nb = 2", bob="%%mpc\na = 1\nb = 3")
    assert "-b = 2" in alice
    assert "+b = 3" in alice
    assert "-b = 3" in bob


def test_a_public_value_that_differs(room: Three) -> None:
    for name in NAMES:
        room[name].ok(f"k = {NAMES.index(name) // 2 + 5}")
    texts = errors(room, "%%mpc\nreveal(x[0] * k)")
    assert "public value differs" in texts[2]
    assert "was sent" in texts[2]


def test_an_exception_in_the_middle(room: Three) -> None:
    room.ok("%%mpc\nkept = x[0] + 1")
    texts = errors(room, "%%mpc\nkept = x[1]\nhalf = kept * 2\nraise ValueError('mine')")
    for text in texts:
        assert "ValueError: mine" in text
        assert "raise ValueError" in text
        assert text.rstrip().endswith("Nothing this cell assigned is kept: kept, half")
        assert "mpckernel" not in text
    assert room.ok("%%mpc\nfloat(reveal(kept))") == ["1.0\n"] * 3
    assert [room[n].ok("'half' in globals()").results for n in NAMES] == [["False\n"]] * 3


def test_a_mistake_of_all_is_shown_to_all_as_what_it_is(room: Three) -> None:
    slow = room["alice"].ok("__import__('os').getpid()").results[0].strip()
    late = f"%%mpc\nimport os, time\nif os.getpid() == {slow}: time.sleep(0.6)\nx[0] + undefined"
    for text in errors(room, late):
        assert "NameError: name 'undefined' is not defined" in text


def test_a_variable_that_hides_a_party(room: Three) -> None:
    room["carol"].ok("carol = 5")
    _, _, said = errors(room, "%%mpc\nz = x[0]\nq = carol.age")
    assert "line 3: carol is a variable of this notebook and hides the party" in said
    room["carol"].ok("del carol")
    assert room.ok("%%mpc\nint(reveal(share(carol.age).sum()))") == ["86\n"] * 3


def test_an_exception_at_one_party_only(room: Three) -> None:
    cell = "%%mpc\nimport os\nn = 1\nif os.getpid() == {0}: raise KeyError('k')\nreveal(x[0])"
    pid = room["bob"].ok("import os\nos.getpid()").results[0].strip()
    alice, bob, carol = errors(room, cell.format(pid))
    assert "KeyError" in bob
    for text in (alice, carol):
        assert "bob's cell raised an error; no party committed this cell\nTaken back: n" in text
    assert bob.rstrip().endswith("Nothing this cell assigned is kept: n")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("if x[0] > 1: pass", "np.where"),
        ("float(x[0])", "reveal"),
        ("for v in x: pass", "looped over"),
        ("x[x > 0]", "np.where"),
        (
            "import scipy.stats; scipy.stats.ttest_ind(x, x)",
            r"must be a NumPy dtype, .*SecretType.*: SciPy needs .* reveal\(x\), or .* np\.var",
        ),
        ("import json; json.dumps(x)", "JSON serializable: its values are secret; open them first"),
        (
            "import pandas as pd; pd.merge(alice.df, bob.df, on='id')",
            r"Can only merge .*: the variable is its owner's alone; .* by alice\.df\.merge\(bob",
        ),
        (
            "import pandas as pd; pd.concat([alice.df, bob.df])",
            r"cannot concatenate .*: .* concat\(alice\.df, bob",
        ),
        (  # in the words of torch.optim
            "from mpckernel import nn; p = nn.Parameter(np.ones(2)); t = type(p); raise TypeError("
            "f'can only optimize Tensors, but one of the params is {t.__module__}.{t.__name__}')",
            "weights of mpckernel.nn are trained by its own optimisers",
        ),
        ("x + np.ones(3)", "do not fit together; nothing was sent"),
        ("x[0] = 1", "np.where"),
    ],
)
def test_secrets_refuse_with_one_sentence(room: Three, line: str, sentence: str) -> None:
    for text in errors(room, f"%%mpc\n{line}"):
        assert re.search(sentence, text), text


def test_print_of_a_secret_shows_its_face(room: Three) -> None:
    for ran in room.all("%%mpc\nprint(x)").values():
        assert "<secret sfix20 (9,)" in ran.text


def test_limits(room: Three) -> None:
    for text in errors(room, "%%mpc --max-rounds 1\nreveal((x > 3).sum())"):
        assert "over --max-rounds 1; nothing was sent" in text
    for text in errors(room, "%%mpc --max-bytes 10\nreveal((x > 3).sum())"):
        assert "over --max-bytes 10; nothing was sent" in text


def test_a_declared_range_needs_no_import(room: Three) -> None:
    opened = "low, ok = within(x, bound=100)\nfloat(reveal(low[1])), bool(reveal(ok))"
    assert room.ok(f"%%mpc\n{opened}") == ["(1.0, True)\n"] * 3


def test_random_numbers_without_a_seed_are_named(room: Three) -> None:
    room.ok("import numpy as np")
    for cell in ("x[np.random.permutation(8)]", "x * np.random.rand(9)"):
        texts = errors(room, f"%%mpc\nreveal({cell})")
        assert all("need a seed, rng = np.random.default_rng(1)" in text for text in texts), texts
    cell = "%%mpc\nrng = np.random.default_rng(1)\nfloat(reveal(x[rng.permutation(9)].sum()))"
    assert room.ok(cell) == ["120.0\n"] * 3


def test_a_dry_run_shows_the_price_and_defines_nothing(room: Three) -> None:
    for ran in room.all("%%mpc --dry\nnever = (x > 3).sum()\nreveal(never)").values():
        assert "Dry run: nothing was sent" in ran.text
        assert "line 3" in ran.text
    assert room["bob"].ok("'never' in globals()").results == ["False\n"]


def test_a_party_that_is_missing_is_named(room: Three) -> None:
    alice = room["alice"].start("%%mpc --timeout 1.5\n1")
    bob = room["bob"].start("%%mpc --timeout 1.5\n1")
    ran = room["alice"].finish(alice)
    assert "carol" in ran.text
    assert ran.status == "error"
    room["bob"].finish(bob)


def test_progress_names_whom_one_waits_for(room: Three) -> None:
    cells = {name: room[name].start("%%mpc\n41 + 1") for name in ("alice", "bob")}
    time.sleep(1.2)
    cells["carol"] = room["carol"].start("%%mpc\n41 + 1")
    ran = {name: room[name].finish(cell) for name, cell in cells.items()}
    shown = [
        o for o in ran["alice"].outputs if o["type"] in ("display_data", "update_display_data")
    ]
    assert any("waiting for carol" in o["data"]["text/plain"] for o in shown)
    assert [r.results for r in ran.values()] == [["42\n"]] * 3


WAITING = "%%mpc\nreveal(x[0])"
RECORDING = "%%mpc\nimport time\nq = 1\nwhile True:\n    time.sleep(0.01)"
FLUSHING = "%%mpc\nq = 1\nwhile reveal(x[0]) < 1: pass"


@pytest.mark.parametrize("cell", [RECORDING, FLUSHING])
def test_stop_frees_all_parties(room: Three, cell: str) -> None:
    cells = {name: room[name].start(cell) for name in NAMES}
    time.sleep(1.0)
    room["bob"].stop()
    ran = {name: room[name].finish(c, 10) for name, c in cells.items()}
    assert "Interrupted: you pressed stop; no party committed this cell" in ran["bob"].text
    for name in ("alice", "carol"):
        assert "Interrupted: bob pressed stop; no party committed this cell" in ran[name].text
        assert ran[name].text.count("Taken back: ") == 1
        assert room[name].ok("'q' in globals()").results == ["False\n"]


def test_stop_while_waiting_for_the_others(room: Three) -> None:
    cell = room["alice"].start(WAITING)
    time.sleep(0.7)
    room["alice"].stop()
    assert "you pressed stop" in room["alice"].finish(cell, 5).text


def test_stop_of_an_idle_kernel_is_harmless(room: Three) -> None:
    for name in NAMES:
        room[name].stop()
    time.sleep(0.2)


def test_a_second_room_is_refused(room: Three) -> None:
    text = room["alice"].run("%mpc local alice bob carol").text
    assert "this notebook is in room clinic; leave it with %mpc stop" in text


def test_status_cost_and_log(room: Three) -> None:
    room.ok("%%mpc\nreveal(x[:2])")
    words = {room[n].ok("%mpc status").text.split("fingerprint")[1].splitlines()[0] for n in NAMES}
    assert len(words) == 1
    room["carol"].ok("x")  # Out[...] has it now, too
    status = room["carol"].ok("%mpc status").text
    assert re.search(r"^ *x +sfix20", status, re.MULTILINE)
    assert "Out[" not in status
    assert "planned" in room["bob"].ok("%mpc cost").text
    log = room["alice"].ok("%mpc log").text
    assert "2 values, shape (2,)" in log
    assert "reveal(x[:2])" in log


def test_the_saved_notebook_s_words_are_few(room: Three) -> None:
    ran = room.all("%%mpc\nreveal(x[0])")["alice"]
    assert all("home0" not in str(o) for o in ran.outputs)
    assert Path.home().name not in ran.text


def test_a_party_killed_during_a_cell(kernel: Callable[..., Kernel]) -> None:
    three, who = Three(kernel), "carol"
    three.meet()
    for name in NAMES:
        three[name].ok("v = 1.0")
    three.ok("%%mpc\ny = share(alice.v)")
    pid = int(three[who].ok("import os\nos.getpid()").results[0])
    cells = {name: three[name].start("%%mpc\nwhile reveal(y) > 0: pass") for name in NAMES}
    time.sleep(1.0)
    os.kill(pid, signal.SIGKILL)
    for name in ("alice", "bob"):
        ran = three[name].finish(cells[name], 5)
        assert ran.status == "error"
        assert re.search(f"link to {who}", ran.text)
        assert "lost" in ran.text


def test_the_host_sees_the_lines_to_send_while_it_waits(kernel: Callable[..., Kernel]) -> None:
    alice = kernel()
    shown = alice.ok("%mpc host clinic --as alice --with bob carol").text
    assert shown.count("--ticket") == 2
    status = alice.ok("import time; time.sleep(0.5)\n%mpc status").text
    assert "waiting for bob and carol to join" in status
    assert "%mpc join clinic.mpc --as carol --ticket" in status
    ran = alice.run("%%mpc --timeout 1.5\n1")
    assert "waiting for bob and carol to join; send them" in ran.text
    cell = alice.start("%%mpc\n1")
    time.sleep(0.7)
    alice.stop()
    assert alice.finish(cell, 5).status == "error"
    alice.ok("%mpc stop")


def test_a_wrong_ticket_is_told_at_once(kernel: Callable[..., Kernel]) -> None:
    alice, bob = kernel(), kernel(MPCKERNEL_HOME="elsewhere")
    alice.ok("%mpc host clinic --as alice --with bob carol")
    assert "not a whole ticket" in bob.run("%mpc join clinic.mpc --as bob --ticket abc").text
    assert "no party dave" in bob.run("%mpc join clinic.mpc --as dave").text
    assert bob.run("%mpc status").error == "UsageError"

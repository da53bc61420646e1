"""Taking a failed cell's names back; offering ours."""

import re
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell

import mpckernel
from mpckernel.kernel.desk import OURS, Desk
from mpckernel.kernel.namespace import Offered, Snapshot


def test_a_failed_cell_leaves_no_trace() -> None:
    names = {"a": 1, "b": 2}
    before = Snapshot(names)
    names["a"] = 10
    names["c"] = 3
    del names["b"]
    assert sorted(before.changed()) == ["a", "c"]
    assert sorted(before.restore()) == ["a", "c"]
    assert names == {"a": 1, "b": 2}
    assert before.restore() == []


def test_imports_of_a_failed_cell_stay() -> None:
    names = {"__name__": "__main__", "os": 1}
    before = Snapshot(names)
    cell = "import os, math as m\nfrom math import sqrt\nfrom fractions import Fraction\n"
    exec(cell + "def f(): pass\nclass C: pass\nhalf = Fraction(1, 2)", names)
    del names["__builtins__"]
    assert sorted(before.restore()) == ["C", "f", "half", "os"]
    assert names.keys() == {"__name__", "os", "m", "sqrt", "Fraction"}
    assert names["os"] == 1


def test_the_user_s_own_names_are_his(shell: InteractiveShell) -> None:
    shell.user_ns["bob"] = "mine"
    offered = Offered(shell)
    offered.offer({"alice": 1, "bob": 2})
    assert (shell.user_ns["alice"], shell.user_ns["bob"]) == (1, "mine")
    offered.offer({"alice": 3})
    assert shell.user_ns["alice"] == 3
    shell.user_ns["alice"] = "now mine, too"
    offered.offer({"alice": 4})
    offered.withdraw()
    assert shell.user_ns["alice"] == "now mine, too"


def test_what_is_offered_goes_away(shell: InteractiveShell) -> None:
    offered = Offered(shell)
    offered.offer({"alice": 1})
    assert "alice" in shell.user_ns_hidden
    offered.withdraw()
    assert "alice" not in shell.user_ns
    assert "alice" not in shell.user_ns_hidden


def test_a_checkpoint_is_as_far_back_as_names_go() -> None:
    names = {"a": 1, "b": 2}
    before = Snapshot(names)
    names["a"], names["c"] = 10, 3
    before.renew()
    names["b"], names["d"] = 20, 4
    assert sorted(before.changed()) == ["a", "b", "c", "d"]
    assert sorted(before.restore()) == ["b", "d"]
    assert names == {"a": 10, "b": 2, "c": 3}
    assert sorted(before.changed()) == ["a", "c"]


def test_hints_name_what_is_there(shell: InteractiveShell) -> None:
    desk = Desk(shell)
    desk._offer(("alice", "bob"))
    given = set(shell.user_ns_hidden)
    assert {"np", "mpckernel", "alice", *OURS} <= given
    sources = Path(mpckernel.__file__).parent.glob("[al]*/**/*.py")
    written = [
        name for file in sources for name in re.findall(r"mpckernel\.(\w+)\(", file.read_text())
    ]
    assert "unique" in written
    assert not set(written) & set(OURS)  # bare names are shorter


def test_names_of_joint_cells_are_those_of_the_package() -> None:
    assert all(hasattr(mpckernel, name) for name in OURS)
    assert {"reveal", "share", "concat", "compress", "within"} < set(OURS)

"""What a person types and asks about, in a shell without any room."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import mpckernel
from mpckernel import array
from mpckernel.errors import CellFailed, MpcError, UsageError
from mpckernel.kernel import commands, complete
from mpckernel.kernel.desk import Desk
from mpckernel.session.identity import contacts
from tests.rooms import three_rooms


@pytest.fixture
def loaded(shell: InteractiveShell) -> Iterator[InteractiveShell]:
    shell.run_line_magic("load_ext", "mpckernel")
    yield shell
    mpckernel.unload_ipython_extension(shell)


def test_loading_twice_keeps_the_desk(loaded: InteractiveShell) -> None:
    desk = loaded.mpc
    mpckernel.load_ipython_extension(loaded)
    assert loaded.mpc is desk
    assert len([t for t in loaded.input_transformers_cleanup if "cells" in t.__module__]) == 1


def test_unloading_leaves_an_ordinary_shell(shell: InteractiveShell) -> None:
    transforms = list(shell.input_transformers_cleanup)
    mpckernel.load_ipython_extension(shell)
    mpckernel.unload_ipython_extension(shell)
    assert shell.input_transformers_cleanup == transforms
    assert shell.find_line_magic("mpc") is shell.find_line_magic("%mpc") is None
    assert shell.find_cell_magic("party") is None
    assert not hasattr(shell, "mpc")


@pytest.mark.parametrize("cell", ["%%mpc\n1 + 1", "%mpc status", "%mpc cost", "%mpc log"])
def test_before_any_room_it_says_what_to_type(loaded: InteractiveShell, cell: str) -> None:
    result = asyncio.run(loaded.run_cell_async(cell, transformed_cell=loaded.transform_cell(cell)))
    with pytest.raises(UsageError, match=r"%mpc local .* %mpc host .* %mpc join"):
        result.raise_error()


def test_the_input_history_shows_what_was_typed(loaded: InteractiveShell) -> None:
    cell = "%%mpc --dry\n1 + 1"
    made = loaded.transform_cell(cell)
    loaded.history_manager.store_inputs(1, made, cell)
    with pytest.raises(UsageError):
        asyncio.run(loaded.mpc.mpc("--dry", "1 + 1"))
    assert loaded.user_ns["In"][-1] == cell


def test_party_outside_a_simulation(loaded: InteractiveShell) -> None:
    with pytest.raises(UsageError, match="for simulations"):
        asyncio.run(loaded.mpc.party("bob", "1"))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("hots x", "%mpc knows host, join, local, status"),
        ("host clinic", "required: --as, --with; write %mpc host --as ME --with NAME"),
        ("join 'x.mpc", "quote is not closed"),
        ("join no.mpc --as bob", "no.mpc cannot be read"),
        ("local alice alice", "different names"),
        ("local alice", "a room has three parties: %mpc local alice bob carol"),
        ("local alice bob", "a room has three parties: %mpc local alice bob carol"),
        ("inspect x", "no secret of this name|no room is open"),
    ],
)
def test_wrong_commands(loaded: InteractiveShell, line: str, sentence: str) -> None:
    with pytest.raises(MpcError, match=sentence):
        commands.obey(loaded.mpc, line)
    assert loaded.mpc.opening is None


def test_help_lists_every_command(loaded: InteractiveShell) -> None:
    text = repr(commands.obey(loaded.mpc, ""))
    assert all(f"%mpc {name}" in text for name in commands.COMMANDS)
    assert "%%mpc [--dry]" in text
    assert "%%party NAME" in text


def test_your_key(loaded: InteractiveShell, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path))
    first = repr(commands.obey(loaded.mpc, "id dana"))
    assert first == repr(commands.obey(loaded.mpc, "id dana"))
    key = first.split()[-1]
    assert len(key) == 40
    assert "contact now" in repr(commands.obey(loaded.mpc, f"contact erin '{key}'"))


def test_a_key_is_taken_as_it_is_typed(
    loaded: InteractiveShell, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path))
    loaded.user_ns["x"] = 5
    keys = ["$0", "$x", "$$x", "{x}", "{{x}}"]
    for k, odd in enumerate(keys):
        key = f"0{odd}+".ljust(40, "0")
        loaded.run_line_magic("mpc", f"contact p{k} {key}")
        assert contacts()[f"p{k}"] == key
    for k, key in enumerate(
        ("-RQ8o2!4Ta0B9K#Z-wh%9YS!<*sn6AZQ[eltJp64", f"{0:036}ab?c", f"{0:037}a=b")
    ):
        loaded.run_cell(f"%mpc contact q{k} {key}").raise_error()
        assert contacts()[f"q{k}"] == key


def test_tab(loaded: InteractiveShell) -> None:
    def offered(line: str) -> list[str]:
        with provisionalcompleter():
            return [c.text for c in loaded.Completer.completions(line, len(line))]

    assert offered("%mpc st") == ["status", "stop"]
    assert set(commands.COMMANDS) <= set(offered("%mpc "))
    assert "--max-rounds" in offered("%%mpc --max-r")
    assert "%%mpc" in offered("%%mp")


def test_tab_after_the_name_of_a_secret_and_of_this_party(loaded: InteractiveShell) -> None:
    with three_rooms() as rooms:
        secret = rooms.run(lambda cell: array.share(array.OwnerName("bob", 1).x), [{"x": 1.5}] * 3)
        loaded.user_ns |= {"s": secret[0], "alice": array.OwnerName("alice", 0), "df": 1}
        loaded.user_ns["bob"] = array.OwnerName("bob", 1)
        loaded.mpc.opening = SimpleNamespace(open=rooms.rooms[0])
        with provisionalcompleter():
            offered = {
                text: [c.text for c in loaded.Completer.completions(text, len(text))]
                for text in ("%%mpc\nx = s.cums", "alice.d", "bob.d")
            }
        face = dict(complete.describe(SimpleNamespace(obj=secret[0])))
    loaded.mpc.opening = None
    assert [t.rpartition(".")[2] for t in offered["%%mpc\nx = s.cums"]] == ["cumsum"]
    assert [t.rpartition(".")[2] for t in offered["alice.d"]] == ["df"]
    assert offered["bob.d"] == []
    assert face["Type"] == "secret sfix20"
    assert face["Shape"] == "()"
    assert face["From"] == "bob"
    assert "1.5" not in str(face)


@pytest.mark.parametrize(
    ("name", "signature"),
    [("%%mpc", "%%mpc(*, dry=False, max_rounds=None"), ("%%party", "%%party(*name)")],
)
def test_signatures_in_help(loaded: InteractiveShell, name: str, signature: str) -> None:
    found = loaded.object_inspect(name)
    assert found["definition"].startswith(signature)
    assert found["docstring"]


def test_magics_that_are_not_first_explain_themselves(loaded: InteractiveShell) -> None:
    async def nested() -> None:
        loaded.run_cell_magic("mpc", "", "1")

    with pytest.raises(UsageError, match="first line of their cell"):
        asyncio.run(nested())


@pytest.mark.parametrize("cell", ["%%time\n%%mpc\n1", "x = 1\n%%mpc\n1", "%pwd\n%%mpc\n1"])
def test_lines_above_are_refused(loaded: InteractiveShell, cell: str) -> None:
    with pytest.raises(UsageError, match="only comments stand above %%mpc; "):
        loaded.run_cell(cell).raise_error()


def test_a_failed_cell_shows_its_error_once() -> None:
    assert CellFailed()._render_traceback_() == []


def test_public_names_are_there() -> None:
    for name in mpckernel.__all__:
        assert getattr(mpckernel, name) is not None
    with pytest.raises(AttributeError):
        mpckernel.nothing


def test_closing_an_empty_desk(loaded: InteractiveShell) -> None:
    desk: Desk = loaded.mpc
    desk.close()
    desk.stop_cell()
    assert "No room was open" in repr(commands.obey(desk, "stop"))

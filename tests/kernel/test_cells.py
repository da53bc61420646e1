"""Joint cells as text."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from mpckernel.errors import UsageError
from mpckernel.kernel import cells


@pytest.mark.parametrize(
    ("text", "line", "body"),
    [
        ("%%mpc\nx = 1\n", "", "x = 1\n"),
        ("%%mpc --dry\nx\n", "--dry", "x\n"),
        ("%%mpc   --timeout 5  \n\n'''\na'''\n", "--timeout 5", "\n'''\na'''\n"),
        ("%%mpc", "", ""),
        ("# who?\n\n%%mpc --dry\nx\n", "--dry", "# who?\n\nx\n"),  # lines count as they are seen
    ],
)
def test_a_joint_cell_becomes_one_await(text: str, line: str, body: str) -> None:
    (made,) = cells.transform(text.splitlines(keepends=True))
    assert made == f"await get_ipython().mpc.mpc({line!r}, {body!r})\n"
    compile(made, "cell", "exec", flags=0x2000)  # top-level await; a body cannot break out


@pytest.mark.parametrize(
    "text", ["x = 1\n", "%%mpcx\n1\n", "%%mpc?\n", "%%html\n%%mpc\n", "# x\n", ""]
)
def test_other_cells_stay_as_they_are(text: str) -> None:
    lines = text.splitlines(keepends=True)
    assert cells.transform(lines) == lines


def test_a_private_cell_of_a_party_too() -> None:
    (made,) = cells.transform(["%%party bob\n", "x\n"])
    assert made == "await get_ipython().mpc.party('bob', 'x\\n')\n"


@pytest.mark.parametrize("above", ["%%time", "%%timeit -n 1", "%%capture out", "%%time\n# so long"])
def test_what_runs_cells_does_not_stand_above(above: str) -> None:
    (made,) = cells.transform(f"{above}\n%%mpc\nx\n".splitlines(keepends=True))
    assert made.startswith("get_ipython().mpc.not_first('mpc', ")
    with pytest.raises(UsageError, match=rf"above %%mpc; leave out {above.split()[0]}"):
        cells.not_first("mpc", above.split()[0].removeprefix("%%"))
    with pytest.raises(UsageError, match="how long it took"):
        cells.not_first("mpc", "time")


def test_ipython_transforms_and_asks_for_more_lines(shell: InteractiveShell) -> None:
    shell.input_transformers_cleanup.append(cells.transform)
    assert shell.transform_cell("\n%%mpc\nx\n").startswith("await get_ipython().mpc.mpc(")
    assert shell.check_complete("%%mpc\nx = 1")[0] == "incomplete"


def test_options_are_read() -> None:
    got = cells.options("--dry --max-rounds 12 --max-bytes 3.5M --timeout 2.5")
    assert got == cells.Options(True, 12, 3_500_000, 2.5)
    assert cells.options("") == cells.Options()


@pytest.mark.parametrize(
    "line",
    [
        "--max-rounds x",
        "--max-rounds -1",
        "--max-bytes 3X",
        "--timeout 0",
        "--timeout nan",
        "--what",
        "word",
    ],
)
def test_wrong_options_are_one_sentence_with_the_usage(line: str) -> None:
    with pytest.raises(UsageError, match=r"write %%mpc \[--dry\] \[--max-rounds N\]"):
        cells.options(line)

"""Compiling and running the text of a cell."""

import asyncio
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from mpckernel.errors import UsageError
from mpckernel.kernel.body import Body


def run(shell: InteractiveShell, text: str, names: dict[str, Any] | None = None) -> Any:
    return asyncio.run(Body(shell, text).run(shell.user_ns if names is None else names))


def test_value_of_the_last_expression(shell: InteractiveShell) -> None:
    names: dict[str, Any] = {"a": 2}
    assert run(shell, "b = a + 1\nb * 2", names) == 6
    assert names["b"] == 3
    assert not any(n.startswith("_mpc") for n in names)
    assert run(shell, "c = 1", names) is None
    assert run(shell, "", names) is None


def test_top_level_await(shell: InteractiveShell) -> None:
    assert run(shell, "import asyncio\nawait asyncio.sleep(0)\n7") == 7


def test_functions_of_a_cell_see_its_names(shell: InteractiveShell) -> None:
    assert run(shell, "k = 5\ndef f(x):\n    return x + k\nf(1)") == 6
    assert run(shell, "[f(i) for i in range(2)]") == [5, 6]


def test_magics_inside_keep_their_lines(shell: InteractiveShell) -> None:
    body = Body(shell, "\n\n%precision 3\n1/0")
    with pytest.raises(ZeroDivisionError) as caught:
        asyncio.run(body.run(shell.user_ns))
    assert caught.traceback[-1].lineno == 4  # counted from 0, `%%mpc` being 0


def test_lines_are_found_by_tracebacks(shell: InteractiveShell) -> None:
    import linecache

    body = Body(shell, "x = 1\ny = x / 0\n")
    assert linecache.getline(body.file, 1) == "%%mpc\n"
    assert linecache.getline(body.file, 3) == "y = x / 0\n"


def test_broken_text_is_a_syntax_error_with_the_cell_s_line(shell: InteractiveShell) -> None:
    with pytest.raises(UsageError, match=r"^line 3: invalid syntax; nothing was sent$") as caught:
        Body(shell, "x = 1\nx = = 2\n")
    shown = "\n".join(caught.value._render_traceback_())
    assert "x = = 2" in shown
    assert "SyntaxError" in shown
    assert "ast.py" not in shown

"""Run the text of a joint cell as IPython would: top-level await, own lines in tracebacks.

Source: Python's own compile with PyCF_ALLOW_TOP_LEVEL_AWAIT; file names and line cache through the
shell's compiler, so that a traceback shows `Cell In[3], line 2` and the text of that line.
"""

import ast
from asyncio import ensure_future
from inspect import isawaitable
from types import CodeType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from mpckernel.kernel.tracebacks import no_python

_LAST = "_mpc_last_expression"


class Body:
    """A compiled cell. Lines count as the notebook shows them: `%%mpc` is line 1.

    Raises UsageError for text that is no Python; it looks like Python's own error.
    """

    def __init__(self, shell: InteractiveShell, text: str) -> None:
        self.text = "\n" + _as_python(shell, text)
        number = shell.displayhook.prompt_count  # of the cell that runs now
        self.read: dict[str, int] = {}  # names whose attributes it reads, and a line of each
        self.file = str(shell.compile.cache(f"%%mpc{self.text}", number, raw_code=self.text))
        try:
            self._code = self._compiled()
        except SyntaxError as why:
            raise no_python(shell, why) from None

    def _compiled(self) -> CodeType:
        tree = ast.parse(self.text, self.file)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                self.read[node.value.id] = node.lineno
        if tree.body and isinstance(last := tree.body[-1], ast.Expr):
            keep = ast.Name(_LAST, ast.Store())
            tree.body[-1] = ast.copy_location(ast.Assign([keep], last.value), last)
            ast.fix_missing_locations(tree)
        return compile(tree, self.file, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run(self, names: dict[str, Any]) -> Any:
        """Execute among these names; the value of the last line if that is an expression."""
        names.pop(_LAST, None)
        running = eval(self._code, names)  # noqa: S307 - the user's own text, in his own kernel
        if isawaitable(running):
            await ensure_future(running)
        return names.pop(_LAST, None)


def _as_python(shell: InteractiveShell, text: str) -> str:
    """The text itself if it is Python, else what IPython makes of its magics."""
    try:
        ast.parse(text)
    except SyntaxError:
        blank = len(text) - len(text.lstrip("\n"))
        made = "\n" * blank + shell.transform_cell(text)
        try:
            ast.parse(made)
        except SyntaxError:
            return text
        return made
    return text

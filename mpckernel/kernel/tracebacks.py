"""A user's own exception, with his own frames: ours and IPython's are left out.

Source: IPython asks an exception for `_render_traceback_` before it formats one itself.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from IPython.core.interactiveshell import InteractiveShell

from mpckernel.errors import UsageError

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell

TOLD = 8  # names
_WAYS = {  # out of a type error of somebody else's function, by what it was given
    "SecretArray": "its values are secret; open them first with reveal(x)",
    "SecretType": "SciPy needs values, which are secret; open them first with reveal(x), or "
    "write the statistic with NumPy's functions, np.mean and np.var",
    "OwnerPath": "the variable is its owner's alone; NumPy's functions, mpckernel.learn and "
    "mpckernel.nn take it; rows of tables are put below each other by concat(alice.df, bob.df), "
    "and side by side by alice.df.merge(bob.df, on='id')",
    "mpckernel.nn.parameter.": "weights of mpckernel.nn are trained by its own optimisers, nn.SGD "
    "and nn.Adam",
    "JointFrame": "its values are secret; NumPy's functions, mpckernel.learn and mpckernel.nn "
    "take it",
}
_PACKAGE = str(Path(__file__).resolve().parents[1])


def show_own_frames(shell: InteractiveShell, error: BaseException, file: str) -> None:
    """Make IPython show `error` from the cell's line on. MpcError brings its own sentence."""
    _explain(error)
    if hasattr(error, "_render_traceback_"):
        return
    for link in _chain(error):
        link.__traceback__ = _own(link.__traceback__, file)
    trace = error.__traceback__

    def render() -> list[str]:
        made = shell.InteractiveTB.structured_traceback(type(error), error, trace, tb_offset=0)
        return list(made)

    error._render_traceback_ = render  # type: ignore[attr-defined]  # IPython's hook


def show_undone(error: BaseException, names: Sequence[str], cell: "Cell") -> None:
    """Have IPython say below the error which names were taken back, but for those that begin with
    _. After show_own_frames."""
    told = [name for name in names if not name.startswith("_")]
    if not told:
        return
    rest = len(told) - TOLD
    listed = ", ".join(told[:TOLD]) + (f" and {rest} more" if rest > 0 else "")
    since = " since its last commit" if cell.checkpoints else ""
    if cell.kept in str(error):
        sentence = f"Taken back: {listed}"
    else:
        sentence = f"Nothing this cell assigned{since} is kept: {listed}"
    render = error._render_traceback_  # type: ignore[attr-defined]  # IPython's hook
    error._render_traceback_ = lambda: [*render(), sentence]  # type: ignore[attr-defined]


def explain_refusals(shell: InteractiveShell) -> None:
    """One sentence where Python's own functions (json, memoryview) refuse a secret."""
    if not shell.custom_exceptions:  # else somebody explains already
        shell.set_custom_exc((TypeError,), _explained)


def explain_no_more(shell: InteractiveShell) -> None:
    """Type errors are shown as they were."""
    if shell.custom_exceptions == (TypeError,):
        shell.set_custom_exc((), None)


def _explained(
    shell: InteractiveShell, kind: type, error: TypeError, trace: object, tb_offset: object = None
) -> None:
    _explain(error)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)  # pyright: ignore


def _explain(error: BaseException) -> None:
    told = str(error) if isinstance(error, TypeError) else ""
    way = next((way for kind, way in _WAYS.items() if kind in told), None)
    if way is not None:
        sentence = f"TypeError: {error}: {way}"
        error._render_traceback_ = lambda: [sentence]  # type: ignore[attr-defined]


def no_python(shell: InteractiveShell, error: SyntaxError) -> UsageError:
    """The error for a cell that does not compile: shown as Python shows it, without any frame."""
    shown = list(shell.SyntaxTB.structured_traceback(SyntaxError, error, None))
    ours = UsageError(f"line {error.lineno}: {error.msg}; nothing was sent")
    ours._render_traceback_ = lambda: shown  # type: ignore[method-assign]
    return ours


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen = set[int]()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _own(trace: TracebackType | None, file: str) -> TracebackType | None:
    frames = list(_frames(trace))
    names = [t.tb_frame.f_code.co_filename for t in frames]
    start = names.index(file) if file in names else 0
    kept = None
    for step, name in reversed(list(zip(frames[start:], names[start:], strict=True))):
        if not name.startswith(_PACKAGE):
            kept = TracebackType(kept, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return kept


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next

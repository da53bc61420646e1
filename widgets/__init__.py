"""Views for notebooks. An IPython extension: the kernel loads it by name and imports nothing.

Source: Jupyter's extension hooks. Loading sets `shell.mpc_views`, with show(state) and freeze();
anywidget is imported at the first show, so loading costs next to nothing.
"""

import sys
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from mpckernel.widgets.share_html import html, text
from mpckernel.widgets.share_state import share_state

__all__ = ["freeze", "html", "load_ipython_extension", "share_state", "show", "text"]


def show(state: Mapping[str, Any]) -> None:
    """Display the share inspector: live where anywidget is installed, else its HTML twin."""
    try:
        from mpckernel.widgets import share_inspector
    except ModuleNotFoundError:
        from IPython.display import display

        display({"text/html": html(state), "text/plain": text(state)}, raw=True)
        return
    share_inspector.show(state)


def freeze() -> None:
    """Replace live views by their HTML twins. Cheap when there are none."""
    inspector = sys.modules.get("mpckernel.widgets.share_inspector")
    if inspector is not None:
        inspector.freeze()


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Offer the views to the kernel: `shell.mpc_views.show(state)`, `.freeze()`, `.state(...)`."""
    shell.mpc_views = SimpleNamespace(  # pyright: ignore[reportAttributeAccessIssue]
        show=show, freeze=freeze, state=share_state, html=html, text=text
    )


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Leave the page readable and the shell as it was."""
    freeze()
    if hasattr(shell, "mpc_views"):
        del shell.mpc_views  # pyright: ignore[reportAttributeAccessIssue]

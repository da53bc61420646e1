"""The live share inspector: one widget per room, and its replacement by HTML at the end.

Source: the state of a secret variable (share_state). The page is sent no word and no value until
a person asks, and then by a message, not by widget state, so a saved notebook holds neither.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import DisplayHandle, display

from mpckernel.widgets.share_html import html, text
from mpckernel.widgets.share_state import State, checked
from mpckernel.widgets.share_story import look, view

_WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


class ShareInspector(anywidget.AnyWidget):
    """Draws `view`; a click asks, `answer` decides.

    The kernel hands over clicks in a thread of its own, so that they are answered while a cell
    runs: what it reads in a click and what a cell changes is guarded by `lock`.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")
    view = traitlets.Dict().tag(sync=True)
    ticked = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, state: State) -> None:
        self.lock = threading.RLock()
        super().__init__()
        self.turn_to(state)
        self.on_msg(self._heard)
        self.comm.mpc_click = self._handle_msg  # the mark that the kernel looks for

    def turn_to(self, state: State) -> None:
        """Show another variable of the same room."""
        with self.lock:
            self.state, self.asked = state, (tuple[int, ...](), False)
            self.ticked = []
            self.view = view(state)

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        with self.lock:
            super()._handle_msg(msg)

    def _heard(self, _widget: object, content: object, _buffers: object) -> None:
        reply = self.answer(content)
        if reply is not None:
            self.send(reply)

    def answer(self, content: object) -> dict[str, Any] | None:
        """The reply to one click, or None if it is not one of ours."""
        match content:
            case {"id": int(number), "ticked": list(ticked), "words": bool(words)}:
                pass
            case _:
                return None
        every = range(len(self.state.parties))
        if not all(type(p) is int and p in every for p in ticked):
            return None
        group = tuple(sorted(set(ticked)))
        self.asked = (group, words)
        return {"id": number, **look(self.state, group, words)}

    def frozen(self) -> dict[str, str]:
        """The static twin of what is on screen now."""
        ticked, words = self.asked
        return {"text/html": html(self.state, ticked, words), "text/plain": text(self.state)}


_live: dict[str, tuple[ShareInspector, DisplayHandle]] = {}


def show(state: Mapping[str, Any]) -> None:
    """Display a secret variable's inspector; an earlier one of the same room turns into HTML."""
    checked_state = checked(state)
    widget, handle = _live.pop(checked_state.room, (None, None))
    if widget is None or handle is None:
        widget = ShareInspector(checked_state)
    else:
        handle.update(widget.frozen(), raw=True)
        widget.turn_to(checked_state)
    handle = DisplayHandle()
    _live[checked_state.room] = (widget, handle)
    model = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    display({**widget.frozen(), _WIDGET_MIME: model}, raw=True, display_id=handle.display_id)


def freeze() -> None:
    """Replace every live inspector by its HTML twin, so that a saved notebook tells its story."""
    while _live:
        _, (widget, handle) = _live.popitem()
        with widget.lock:
            handle.update(widget.frozen(), raw=True)
            widget.close()

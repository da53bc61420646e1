"""What a cell at another kernel has shown, collected as a notebook would save it.

Source: Jupyter messaging 5.4 (iopub) and nbformat 4.5. Departs from it in: text beyond MAX_TEXT
characters per cell is cut, so that an endless loop of prints cannot fill this kernel's memory.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Output: TypeAlias = dict[str, Any]
MAX_TEXT = 1 << 20

_KEPT = {
    "stream": ("name", "text"),
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
    "error": ("ename", "evalue", "traceback"),
}


@dataclass(frozen=True, slots=True)
class Outputs:
    """A finished cell: its outputs in nbformat, and ok, error or aborted."""

    outputs: list[Output]
    status: str

    @property
    def text(self) -> str:
        """All text of streams and results, for messages and tests."""
        texts = (each.get("text") or _plain(each) for each in self.outputs)
        return "".join(texts)


@dataclass(slots=True)
class Collector:
    """Turns iopub messages of one cell into outputs, in order."""

    outputs: list[Output] = field(default_factory=list)
    on_output: Callable[[list[Output]], None] | None = None
    _displays: dict[str, list[Output]] = field(default_factory=dict)
    _clear_next: bool = False
    _text: int = 0

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """One message; kinds that show nothing are passed over."""
        if kind == "clear_output":
            self._clear_next = True
            if not content.get("wait"):
                self._clear()
        elif kind == "update_display_data":
            self._update(content)
        elif kind in _KEPT:
            self._clear()
            self._add(kind, content)
        else:
            return
        if self.on_output:
            self.on_output(self.outputs)

    def finish(self, reply: dict[str, Any]) -> Outputs:
        """With the cell's reply, which repeats an error that a silent cell did not show."""
        status = str(reply.get("status", "error"))
        shown = any(each["output_type"] == "error" for each in self.outputs)
        if status == "error" and not shown and "ename" in reply:
            self._add("error", reply)
        return Outputs(self.outputs, status)

    def _add(self, kind: str, content: dict[str, Any]) -> None:
        output = {"output_type": kind, **{key: content.get(key) for key in _KEPT[kind]}}
        if kind == "stream":
            self._stream(output)
            return
        self.outputs.append(output)
        if display := (content.get("transient") or {}).get("display_id"):
            self._displays.setdefault(display, []).append(output)

    def _stream(self, output: Output) -> None:
        left = MAX_TEXT - self._text
        if left <= 0:
            return
        if len(output["text"]) >= left:
            output["text"] = output["text"][:left] + "\n[more text was cut]\n"
        self._text += len(output["text"])
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == output["name"]:
            last["text"] += output["text"]
        else:
            self.outputs.append(output)

    def _update(self, content: dict[str, Any]) -> None:
        display = (content.get("transient") or {}).get("display_id", "")
        for output in self._displays.get(display, []):
            output.update(data=content["data"], metadata=content["metadata"])

    def _clear(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self.outputs.clear()
            self._displays.clear()


def _plain(output: Output) -> str:
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}\n"
    return f"{(output.get('data') or {}).get('text/plain', '')}\n"

"""Outputs of a cell at several parties: record our own, compare, fold equal ones, show the rest."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from html import escape
from typing import Any, Self, TextIO, TypeAlias

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display, publish_display_data

from mpckernel.errors import MpcError
from mpckernel.kernel.progress import listed

MARKS = ("●", "■", "▲", "◆", "★", "✚")
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8b7a1e", "#7d7d7d")
Output: TypeAlias = Mapping[str, Any]  # as in a notebook file


class Tap(AbstractContextManager["Tap"]):
    """Notes what this kernel shows while it is shown as usual."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell, self.outputs = shell, list[Output]()
        self._inside = False  # a display that a terminal writes to its streams as well

    @property
    def failed(self) -> bool:
        """Whether the cell ended with an error."""
        return any(out["output_type"] == "error" for out in self.outputs)

    def __enter__(self) -> Self:
        self._streams = sys.stdout, sys.stderr
        sys.stdout = _Tee(sys.stdout, self._stream("stdout"))  # type: ignore[assignment]
        sys.stderr = _Tee(sys.stderr, self._stream("stderr"))  # type: ignore[assignment]
        hook = self._shell.displayhook
        self._spliced = [
            self._splice(self._shell.display_pub, "publish", noted=True),
            self._splice(hook, "write_format_data", noted=True),
            self._splice(hook, "write_output_prompt"),
            self._splice(hook, "finish_displayhook"),
        ]
        return self

    def __exit__(self, _: Any, why: BaseException | None, __: Any) -> None:
        sys.stdout, sys.stderr = self._streams
        for owner, name in self._spliced:
            delattr(owner, name)
        if why is not None:
            error = {"output_type": "error", "ename": type(why).__name__, "evalue": str(why)}
            self.outputs.append(error)

    def _stream(self, name: str) -> Callable[[str], None]:
        def note(text: str) -> None:
            if not self._inside:
                self.outputs.append({"output_type": "stream", "name": name, "text": text})

        return note

    def _splice(self, owner: Any, name: str, *, noted: bool = False) -> tuple[Any, str]:
        """Let one method of an object also note what it was given."""
        inner = getattr(owner, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if noted:
                self._note(*args, **kwargs)
            before, self._inside = self._inside, True
            try:
                return inner(*args, **kwargs)
            finally:
                self._inside = before

        setattr(owner, name, wrapped)
        return owner, name

    def _note(self, data: Any, metadata: Any = None, **_: Any) -> None:
        out = {"output_type": "display_data", "data": data, "metadata": metadata or {}}
        self.outputs.append(out)


class _Tee:
    """A stream that also notes what is written."""

    def __init__(self, stream: TextIO, note: Callable[[str], None]) -> None:
        self._stream, self._note = stream, note

    def write(self, text: str) -> int:
        self._note(text)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def essence(outputs: Iterable[Output]) -> list[tuple[str, str]]:
    """What a reader would compare: streams joined, the text of results, errors by sentence."""
    kept: list[tuple[str, str]] = []
    for out in outputs:
        if "mpckernel" in out.get("metadata", {}):
            continue
        kind, text = _kind_and_text(out)
        if kept and kept[-1][0] == kind and out["output_type"] == "stream":
            kept[-1] = (kind, kept[-1][1] + text)
        else:
            kept.append((kind, text))
    return kept


def _kind_and_text(out: Output) -> tuple[str, str]:
    if out["output_type"] == "stream":
        return out["name"], "".join(out["text"])
    if out["output_type"] == "error":
        return "error", f"{out['ename']}: {out['evalue']}"
    return "data", "".join(out["data"].get("text/plain", sorted(out["data"])))


def fold(parties: Sequence[str], by_party: Mapping[str, Sequence[Output]]) -> list[list[str]]:
    """Parties in groups of equal output, in party order."""
    groups: dict[Any, list[str]] = {}
    for party in parties:
        if party in by_party:
            groups.setdefault(repr(essence(by_party[party])), []).append(party)
    return list(groups.values())


def show_others(me: str, parties: Sequence[str], by_party: Mapping[str, Sequence[Output]]) -> None:
    """What the other parties showed; only a line for those who showed what we did."""
    failed = any(o["output_type"] == "error" for o in by_party[me])
    for group in fold(parties, by_party):
        others = [p for p in group if p != me]
        if me not in group:
            show_party(group, parties, by_party[group[0]])
        elif len(group) == len(parties) > 1 and essence(by_party[me]):
            _say(f"all {len(group)} parties: " + ("the same error" if failed else "same"))
        elif others and essence(by_party[me]):
            _say(f"{listed(tuple(others))}: same as here")


def show_party(group: Sequence[str], parties: Sequence[str], outputs: Sequence[Output]) -> None:
    """One slot: names, then the outputs as that kernel made them."""
    outputs = [o for o in outputs if "mpckernel" not in o.get("metadata", {})]
    errors = [o for o in outputs if o["output_type"] == "error"]
    ours = [o for o in errors if o["ename"] in _OUR_ERRORS]
    if len(outputs) == len(ours) == 1:
        _say(f"{ours[0]['ename']}: {ours[0]['evalue']}", group, parties)
        return
    _say("" if outputs else "no output", group, parties)
    for out in outputs:
        relay(out)


def relay(out: Output) -> None:
    """Show an output of another kernel here."""
    kind = out["output_type"]
    if kind == "stream":
        stream = sys.stderr if out["name"] == "stderr" else sys.stdout
        stream.write("".join(out["text"]))
        stream.flush()
    elif kind == "error":
        text = "\n".join(out.get("traceback") or [f"{out['ename']}: {out['evalue']}"])
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    else:
        publish_display_data(dict(out["data"]), dict(out.get("metadata", {})))


def _say(text: str, group: Sequence[str] = (), parties: Sequence[str] = ()) -> None:
    """A line, headed by the names, colours and marks of the parties it is about."""
    names = ", ".join(f"{MARKS[parties.index(p) % 6]} {p}" for p in group)
    heads = ", ".join(
        f'<b style="color: {COLOURS[parties.index(p) % 6]}">{MARKS[parties.index(p) % 6]} '
        f"{escape(p)}</b>"
        for p in group
    )
    colon = ": " if group else ""
    plain = f"{names}{colon}{text}".rstrip()
    html = f"<div>{heads}{colon}{escape(text)}</div>"
    display({"text/plain": plain, "text/html": html}, raw=True)


def _subclasses(kind: type[BaseException]) -> set[str]:
    return {kind.__name__}.union(*(_subclasses(k) for k in kind.__subclasses__()))


_OUR_ERRORS = _subclasses(MpcError)

"""Control messages that have arrived, sorted by what they belong to, until a cell asks for them."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from mpckernel.errors import PeerError

RUNS = 8  # runs that one party may have named last, at most
GAVE_UP = {"interrupted", "timeout", "lost", "left"}  # these end a wait for the next cell
ITEMS = 100_000  # messages kept for one run
SIZE = 1 << 25  # characters in them, about
OF_RUNS = {"join", "meta", "await", "agree", "detail", "end", "vote", "done"}


@dataclass(slots=True)
class RunMail:
    """What peers said about one run."""

    metas: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    awaits: dict[int, int] = field(default_factory=dict)  # peer -> the number of an input
    agrees: dict[tuple[int, int], str] = field(default_factory=dict)
    details: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    joined: set[int] = field(default_factory=set)
    ended: dict[int, bool] = field(default_factory=dict)  # peer -> not at a checkpoint
    votes: set[int] = field(default_factory=set)
    done: set[int] = field(default_factory=set)
    size: int = 0


class Mail:
    """Everything peers have said and we have not yet used."""

    def __init__(self) -> None:
        self.enters: dict[int, dict[str, Any]] = {}  # peer -> the cell it stands at
        self.aborts: dict[int, dict[str, str]] = defaultdict(dict)  # peer -> nonce -> code
        self.left: set[int] = set()
        self.gone: tuple[int, str] | None = None  # who stopped waiting with us, and why
        self._runs: dict[str, RunMail] = {}
        self._named: dict[int | None, dict[str, None]] = defaultdict(dict)  # by whom, oldest first

    def of(self, run: str, whose: int | None = None) -> RunMail:
        """The mail of one run, named by a peer or, None, by ourselves. What each of us named last
        is kept; who names more forgets its own oldest, and not those that others named, too."""
        named = self._named[whose]
        if run not in named:
            named[run] = None
            while len(named) > RUNS:
                old = next(iter(named))
                del named[old]
                if not any(old in runs for runs in self._named.values()):
                    del self._runs[old]
        return self._runs.setdefault(run, RunMail())

    def begun(self, enters: dict[int, dict[str, Any]]) -> None:
        """A cell begins from these places; who stands at the next one already is not forgotten."""
        for peer, body in enters.items():
            if self.enters.get(peer) is body:
                del self.enters[peer]

    def put(self, peer: int, body: dict[str, Any]) -> None:
        """File one message. What arrives twice is an error: nothing is ever said twice."""
        match body["type"]:
            case "enter":
                self.enters[peer] = body
            case "abort":
                self._abort(peer, body["nonce"], body["code"])
            case "bye":
                self.left.add(peer)
                self.gone = self.gone or (peer, "left")
            case "ping":
                pass
            case "hello" | "confirm":
                raise PeerError("a party repeats the start of the mesh; the mesh is closed")
            case kind if kind in OF_RUNS:
                self._of_run(peer, body, self.of(body["run"], peer))
            case _:  # such as what is said in a lobby
                raise PeerError("a party says what has no place in a mesh; the mesh is closed")

    def _of_run(self, peer: int, body: dict[str, Any], run: RunMail) -> None:
        match body["type"]:
            case "join":
                run.joined.add(peer)
            case "meta":
                self._once(run, run.metas, (peer, body["index"]), body)
            case "await":
                run.awaits[peer] = body["index"]
            case "agree":
                self._once(run, run.agrees, (peer, body["segment"]), body["hash"])
            case "detail":
                self._once(run, run.details, (peer, body["segment"]), body)
            case "end":
                run.ended[peer] = body["last"]
            case "vote":
                run.votes.add(peer)
            case "done":
                run.done.add(peer)

    def _abort(self, peer: int, nonce: str, code: str) -> None:
        aborts = self.aborts[peer]
        aborts[nonce] = code
        while len(aborts) > RUNS:
            aborts.pop(next(iter(aborts)))
        if self.enters.get(peer, {}).get("nonce") == nonce:
            del self.enters[peer]
            if code.split(":", maxsplit=1)[0] in GAVE_UP:
                self.gone = self.gone or (peer, code)

    @staticmethod
    def _once(run: RunMail, box: dict[Any, Any], key: Any, value: Any) -> None:
        run.size += len(repr(value))
        if run.size > SIZE:
            raise PeerError("a party says too much about one run; the mesh is closed")
        if key in box or len(box) >= ITEMS:
            raise PeerError("a party says the same thing twice; the mesh is closed")
        box[key] = value

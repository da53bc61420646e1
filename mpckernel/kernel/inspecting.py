"""`%mpc inspect NAME`: gather what this kernel may show of a secret and hand it to the views.

In a real room that is this party's own part, and where the others' parts are. In a simulation the
other parts come from the kernels that were started here, and together they are the value.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IPython.display import display

from mpckernel.errors import MpcError, SetupError, UsageError

if TYPE_CHECKING:
    from mpckernel.array.secret import SecretArray
    from mpckernel.kernel.desk import Desk

MOST = 4  # elements shown
ANSWER = 5.0  # seconds for a local party to answer
RING = 1 << 64

Shares = Mapping[str, Mapping[int, Sequence[int]]]  # party -> share number -> word per element


def show(desk: "Desk", name: str) -> None:
    """Display the share inspector for the secret of this name; of a table, for its first column."""
    (name, secret), room = _secret(desk, name), desk.room()
    from mpckernel.runtime.holding import holding

    index = tuple(range(min(MOST, secret.call.size)))
    held = holding(room, secret.call, index, own=True)
    shares = {room.parties[room.me]: held.words, **_of_the_others(desk, name, index)}
    value = None
    if room.simulation and len(shares) == len(room.parties):
        value = together(shares, len(index), held.combine, secret.dtype.f)
    views = _views(desk)
    state = views.state(
        name,
        str(secret.dtype),
        secret.shape,
        room=room.name,
        scheme=room.scheme,
        me=room.parties[room.me],
        holds=held.holds,
        shares=held.shares,
        threshold=held.threshold,
        trust=room.trust,
        simulation=room.simulation,
        index=index,
        words=shares,
        value=value,
        scale=secret.dtype.f,
        combine=held.combine,
    )
    if attended(desk):
        views.show(state)
    else:
        display({"text/html": views.html(state), "text/plain": views.text(state)}, raw=True)


def attended(desk: "Desk") -> bool:
    """Whether somebody can click: nbclient and its like say that nobody answers."""
    kernel = getattr(desk.shell, "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", True))


def own_words(desk: "Desk", name: str, index: Sequence[int]) -> str:
    """This party's part as JSON: what a simulated party tells the notebook that started it."""
    from mpckernel.runtime.holding import holding

    return json.dumps(holding(desk.room(), _secret(desk, name)[1].call, index, own=True).words)


def together(shares: Shares, count: int, combine: str, scale: int) -> list[str]:
    """The values of `count` elements from all shares, as text."""
    by_number = {k: words for held in shares.values() for k, words in held.items()}
    values = []
    for at in range(count):
        word = 0
        for words in by_number.values():
            word = word ^ words[at] if combine == "xor" else (word + words[at]) % RING
        if combine == "xor":
            values.append(str(bool(word)))
            continue
        number = word - RING if word >= RING // 2 else word
        values.append(f"{number / 2**scale:.6g}" if scale else str(number))
    return values


def _secret(desk: "Desk", name: str) -> "tuple[str, SecretArray]":
    """The secret, or the first column of the table, and its name."""
    for at, found in desk.secrets():
        if at == name or at.startswith(f"{name}."):
            return at, found
    raise UsageError("no secret of this name in this notebook; %mpc status lists them")


def _of_the_others(desk: "Desk", name: str, index: Sequence[int]) -> Shares:
    """In a simulation: what each of the other parties holds. Nothing where one cannot answer."""
    if desk.simulation is None:
        return {}
    code = f"print(get_ipython().mpc.own_words({name!r}, {list(index)!r}))"
    asked = {p: desk.simulation.ask(p, code) for p in desk.simulation.names[1:]}
    answers: dict[str, Mapping[int, Sequence[int]]] = {}
    for party, answer in asked.items():
        try:
            told = json.loads(answer.result(ANSWER).text)
        except (TimeoutError, ValueError, MpcError):
            continue
        answers[party] = {int(k): words for k, words in told.items()}
    return answers


def _views(desk: "Desk") -> Any:
    """The views that the widgets extension offers; loaded by name at the first use."""
    if not hasattr(desk.shell, "mpc_views"):
        desk.shell.run_line_magic("load_ext", "mpckernel.widgets")
    views = getattr(desk.shell, "mpc_views", None)
    if views is None:
        raise SetupError("mpckernel.widgets is not installed; install mpckernel again")
    return views

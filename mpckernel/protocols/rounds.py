"""How a protocol asks for communication, without doing any.

A protocol is a coroutine. `await exchange(...)` is the only thing it may await: it suspends
with a Round (what to send, and how many words to hear from whom) and is resumed with what
arrived. So `await` marks a round, and whoever drives the coroutine (a test, a simulator,
ZeroMQ) owns every byte of I/O. Words travel flat; a protocol gives them their shape.
"""

from collections.abc import Coroutine, Generator, Mapping
from dataclasses import dataclass, field
from types import coroutine
from typing import Any, TypeAlias, TypeVar

from mpckernel.ring.words import Words

T = TypeVar("T")
Mail: TypeAlias = Mapping[int, tuple[Words, ...]]  # party -> flat arrays
Sizes: TypeAlias = Mapping[int, tuple[int, ...]]  # party -> words in each array


@dataclass(slots=True)
class Round:
    """One party's side of one round: what it sends, and exactly what it will hear."""

    send: Mail = field(repr=False)  # shares
    hear: Sizes


Steps: TypeAlias = Coroutine[Round, Mail, T]


@coroutine
def exchange(send: Mail, hear: Sizes) -> Generator[Round, Mail, Mail]:
    """Send and receive once. Costs one round."""
    return (yield Round(send, hear))


@coroutine
def together(*branches: Steps[Any]) -> Generator[Round, Mail, list[Any]]:
    """Run branches side by side: their k-th rounds travel as one round."""
    results: list[Any] = [None] * len(branches)
    inbox: dict[int, Mail | None] = dict.fromkeys(range(len(branches)))
    while inbox:
        asked: dict[int, Round] = {}
        for k, mail in inbox.items():
            try:
                asked[k] = branches[k].send(mail)  # type: ignore[arg-type]  # None starts it
            except StopIteration as done:
                results[k] = done.value
        if len(asked) == 1:
            ((k, only),) = asked.items()
            inbox = {k: (yield only)}
        else:
            inbox = split(asked, (yield merge(asked))) if asked else {}
    return results


def merge(asked: Mapping[int, Round]) -> Round:
    """Rounds of several branches as one; their arrays follow each other."""
    send: dict[int, tuple[Words, ...]] = {}
    hear: dict[int, tuple[int, ...]] = {}
    for r in asked.values():
        for peer, arrays in r.send.items():
            send[peer] = send[peer] + arrays if peer in send else arrays
        for peer, sizes in r.hear.items():
            hear[peer] = hear[peer] + sizes if peer in hear else sizes
    return Round(send, hear)


def split(asked: Mapping[int, Round], mail: Mail) -> dict[int, Mail | None]:
    """What arrived for `merge(asked)`, by branch."""
    stream = {peer: iter(arrays) for peer, arrays in mail.items()}
    return {
        k: {peer: tuple([next(stream[peer]) for _ in sizes]) for peer, sizes in r.hear.items()}
        for k, r in asked.items()
    }

"""How a protocol asks for communication, without doing any.

A protocol is a coroutine. `await exchange(...)` is the only thing it may await: it suspends
with a Round (what to send, and how many words to hear from whom) and is resumed with what
arrived. So `await` marks a round, and whoever drives the coroutine (a test, a simulator,
ZeroMQ) owns every byte of I/O. Words travel flat; a protocol gives them their shape.
"""

from collections.abc import Collection, Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from types import coroutine
from typing import Any, TypeAlias, TypeVar

from mpckernel.ring.words import Words

T = TypeVar("T")
Mail: TypeAlias = Mapping[int, tuple[Words, ...]]  # party -> flat arrays
Sizes: TypeAlias = Mapping[int, tuple[int, ...]]  # party -> words in each array


@dataclass(slots=True)
class Round:
    """One party's side of one round: what it sends, and exactly what it will hear.

    more: a first part of what the round sends. It may leave at once; the coroutine is resumed with
    nothing, computes on and gives the rest. Who hears it sees no difference.
    """

    send: Mail = field(repr=False)  # shares
    hear: Sizes
    more: bool = False


Steps: TypeAlias = Coroutine[Round, Mail, T]


@coroutine
def exchange(send: Mail, hear: Sizes) -> Generator[Round, Mail, Mail]:
    """Send and receive once. Costs one round."""
    return (yield Round(send, hear))


def resumed(steps: Steps[Any], mail: Mail | None) -> Round:
    """The next round of a coroutine, as a whole."""
    parts = [steps.send(mail)]  # type: ignore[arg-type]  # None starts it
    while parts[-1].more:
        parts.append(steps.send(None))  # type: ignore[arg-type]
    return merge(parts)


@coroutine
def together(*branches: Steps[Any]) -> Generator[Round, Mail, list[Any]]:
    """Run branches side by side: their k-th rounds travel as one round. What one sends ahead leaves
    at once, unless a branch before it has something for the same party: order is kept."""
    results: list[Any] = [None] * len(branches)
    inbox: dict[int, Mail | None] = dict.fromkeys(range(len(branches)))
    while inbox:
        asked: dict[int, Round] = {}
        for k, mail in inbox.items():
            parts: list[Round] = []
            try:
                one = branches[k].send(mail)  # type: ignore[arg-type]  # None starts it
                while one.more:
                    if _in_order(one, [*asked.values(), *parts]):
                        yield one
                    else:
                        parts.append(one)
                    one = branches[k].send(None)  # type: ignore[arg-type]
            except StopIteration as done:
                results[k] = done.value
            else:
                asked[k] = merge([*parts, one])
        if len(asked) == 1:
            ((k, only),) = asked.items()
            inbox = {k: (yield only)}
        else:
            inbox = split(asked, (yield merge(asked.values()))) if asked else {}
    return results


def _in_order(one: Round, before: Sequence[Round]) -> bool:
    """Whether nothing before it goes to a party to which this goes."""
    return not any(peer in other.send for other in before for peer in one.send)


def merge(asked: Collection[Round]) -> Round:
    """Several rounds, or parts of one, as one; their arrays follow each other."""
    if len(asked) == 1:
        return next(iter(asked))
    send: dict[int, tuple[Words, ...]] = {}
    hear: dict[int, tuple[int, ...]] = {}
    for r in asked:
        for peer, arrays in r.send.items():
            send[peer] = send[peer] + arrays if peer in send else arrays
        for peer, sizes in r.hear.items():
            hear[peer] = hear[peer] + sizes if peer in hear else sizes
    return Round(send, hear)


def split(asked: Mapping[int, Round], mail: Mail) -> dict[int, Mail | None]:
    """What arrived for `merge(asked.values())`, by branch."""
    stream = {peer: iter(arrays) for peer, arrays in mail.items()}
    return {
        k: {peer: tuple([next(stream[peer]) for _ in sizes]) for peer, sizes in r.hear.items()}
        for k, r in asked.items()
    }

"""Protocol operations: which functionality each one realises, at what cost, from which source."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple, TypeAlias

from mpckernel.protocols.ideal import Ideal
from mpckernel.ring.words import Shape

Price: TypeAlias = "int | Callable[..., int]"


class Cost(NamedTuple):
    """Rounds on the critical path, and bits of shares sent by all parties together."""

    rounds: int
    bits: int


def lanes(shape: Shape) -> int:
    """Bit lanes of a packed array: elements rounded up to whole words of 64."""
    return 64 * -(-prod(shape) // 64)


@dataclass(frozen=True)
class Op:
    """A protocol next to its claims. The tests hold every claim against a run.

    rounds: a number, or a function of the keyword parameters.
    bits: per element of the result, or a function (shape of result, *shapes of operands,
    **parameters) -> total bits.
    """

    ideal: Ideal
    scheme: str
    run: Callable[..., Any]
    rounds: Price
    bits: Price
    leaks: str
    source: str

    def rounds_of(self, **params: Any) -> int:
        """Rounds of one call with these parameters."""
        return self.rounds(**params) if callable(self.rounds) else self.rounds

    def cost(self, out: Shape, *operands: Shape, **params: Any) -> Cost:
        """The price of one call, before anything is sent."""
        bits = self.bits
        total = bits(out, *operands, **params) if callable(bits) else bits * prod(out)
        return Cost(self.rounds_of(**params), total)

    def __call__(self, *args: Any, **params: Any) -> Any:
        return self.run(*args, **params)


OPS: dict[str, Op] = {}  # "rep3.mul" -> Op


def op(
    ideal: Ideal, *, rounds: Price, bits: Price, leaks: str, source: str, scheme: str = ""
) -> Callable[[Callable[..., Any]], Op]:
    """Register the decorated protocol as its package's way to compute `ideal`."""

    def register(run: Callable[..., Any]) -> Op:
        name = scheme or run.__module__.split(".")[-2]
        OPS[f"{name}.{ideal.name}"] = Op(ideal, name, run, rounds, bits, leaks, source)
        return OPS[f"{name}.{ideal.name}"]

    return register

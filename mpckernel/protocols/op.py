"""Protocol operations: which functionality each one realises, at what cost, from which source."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple, TypeAlias

from mpckernel.protocols.ideal import Ideal
from mpckernel.ring.words import Shape

Price: TypeAlias = "int | Callable[..., int]"

FEW = 1 << 14
"""Elements of a result up to which a round saved is worth more work: decision 0023."""


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
    turns: whether roles turn within a call of many elements.
    few: another way to the same, for results of at most FEW elements. way: which of them it is.
    """

    ideal: Ideal
    scheme: str
    run: Callable[..., Any]
    rounds: Price
    bits: Price
    leaks: str
    source: str
    turns: bool = field(default=False, kw_only=True)
    few: "Op | None" = field(default=None, kw_only=True)
    way: str = field(default="", kw_only=True)

    @property
    def name(self) -> str:
        """Of the functionality, and of the way to it where there are two."""
        return f"{self.ideal.name} {self.way}" if self.way else self.ideal.name

    def fit(self, shape: Shape) -> "Op":
        """The way to a result of this shape."""
        return self.few if self.few is not None and prod(shape) <= FEW else self

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


OPS: dict[str, Op] = {}  # "rep3.mul" -> Op; of two ways also "rep3.mul_trunc few"


def op(
    ideal: Ideal,
    *,
    rounds: Price,
    bits: Price,
    leaks: str,
    source: str,
    scheme: str = "",
    turns: bool = False,
    few: Op | None = None,
    way: str = "",
) -> Callable[[Callable[..., Any]], Op]:
    """Register the decorated protocol as its package's way, or one of two, to compute `ideal`."""

    def register(run: Callable[..., Any]) -> Op:
        name = scheme or run.__module__.split(".")[-2]
        made = Op(ideal, name, run, rounds, bits, leaks, source, turns=turns, few=few, way=way)
        OPS[f"{name}.{made.name}"] = made
        return made

    return register

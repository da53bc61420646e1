"""What one party knows before a protocol starts: number, pairwise keys, the call it is in.

Randomness is PRF(key, call, use): a function of where it is used, so that the order of
messages or of calls cannot shift it. Keys are fresh for every run of a plan.
Source: pseudo-random zero sharing, Araki et al. 2016, ePrint 2016/768, section 2.2.
"""

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from types import coroutine

import numpy as np

from mpckernel.errors import Bug
from mpckernel.protocols.rounds import Mail, Round, Sizes
from mpckernel.ring.prg import Prg
from mpckernel.ring.words import Shape, Words

_INNER = 16  # bits of a use that a turned party counts in
_PUBLIC = b"public by design"  # a key that hides nothing, and must not: Party.public_noise


@dataclass(slots=True)
class Party:
    """One of three parties. `turn` rotates the roles: it acts as number id + turn mod 3.

    The shares it holds rotate with it, so any protocol written for parties 0, 1, 2 runs
    unchanged; the runtime rotates by chunk so that every link carries the same load.
    """

    number: int  # of this party in the room
    with_left: Prg  # keyed with P_{i-1}: the key of share i
    with_right: Prg  # keyed with P_{i+1}: the key of share j
    call: int = 0
    turn: int = 0
    _uses: int = 0
    _public: Prg = field(default_factory=lambda: Prg(_PUBLIC), repr=False)

    def at(self, call: int, turn: int = 0) -> "Party":
        """This party inside call number `call` of the plan, in the roles of `turn`."""
        return Party(self.number, self.with_left, self.with_right, call, turn % 3, 0, self._public)

    def turned(self, by: int) -> "Party":
        """This party inside the same call, `by` roles on, with uses of its own. Counts as a use."""
        self._uses += 1
        if self._uses >> _INNER:
            raise Bug("a party turns within a turn, or after too many draws")
        turn, uses = (self.turn + by) % 3, self._uses << _INNER
        return replace(self, turn=turn, _uses=uses)

    @property
    def id(self) -> int:
        """The role: 0, 1 or 2."""
        return (self.number + self.turn) % 3

    @property
    def left(self) -> int:
        return (self.number + self.turn + 2) % 3

    @property
    def right(self) -> int:
        return (self.number + self.turn + 1) % 3

    def masks(self, n: int) -> tuple[Words, Words]:
        """n words (a, b): a known to the right neighbour, b to the left; over all parties
        the sum of a - b is zero, and the xor of a ^ b too."""
        self._uses = use = self._uses + 1
        return self.with_right.words(n, self.call, use), self.with_left.words(n, self.call, use)

    def zero_share(self, shape: Shape) -> Words:
        """alpha_i, uniform to each other party, with alpha_0 + alpha_1 + alpha_2 = 0."""
        a, b = self.masks(int(np.prod(shape, dtype=int)))
        return (a - b).reshape(shape)

    def known_to(self, *roles: int, n: int) -> Words | None:
        """n words known to two roles, or None for the third, which only counts the use."""
        self._uses += 1
        if self.id not in roles:
            return None
        key = self.with_right if self.right in roles else self.with_left
        return key.words(n, self.call, self._uses)

    def public_noise(self, n: int) -> Words:
        """n words that everybody can compute: no secrecy, only no pattern. Counts as a use."""
        self._uses += 1
        return self._public.words(n, self.call, self._uses)

    @coroutine
    def exchange(self, send: Mail, hear: Sizes) -> Generator[Round, Mail, Mail]:
        """One round with other roles. Costs one round."""
        turn = self.turn
        if not turn:
            return (yield Round(send, hear))
        mail = yield Round(
            {(role - turn) % 3: arrays for role, arrays in send.items()},
            {(role - turn) % 3: sizes for role, sizes in hear.items()},
        )
        return {(number + turn) % 3: arrays for number, arrays in mail.items()}

    @coroutine
    def ahead(self, send: Mail) -> Generator[Round, Mail, None]:
        """Send what is ready of the next round, and go on. Ends with an `exchange`."""
        turn = self.turn
        yield Round({(role - turn) % 3: arrays for role, arrays in send.items()}, {}, more=True)

    @coroutine
    def pass_left(self, words: Words) -> Generator[Round, Mail, Words]:
        """Send to P_{i-1} and return what P_{i+1} sent, of the same shape. One round."""
        left, right = (self.number - 1) % 3, (self.number + 1) % 3  # in every turn
        mail = yield Round({left: (words.reshape(-1),)}, {right: (words.size,)})
        return mail[right][0].reshape(words.shape)

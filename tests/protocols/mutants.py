"""Deliberate mistakes, most of them found in published systems, and the check that must fail."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import carry, digits, halves, mul, opening, random, truncate
from mpckernel.ring.prg import Prg
from mpckernel.sharing.rep3 import Bits3
from tests.protocols import test_every_op, test_party, test_simulators, test_views
from tests.protocols.cases import make, shapes_like
from tests.protocols.rep3 import test_lookup, test_random, test_truncate
from tests.protocols.running import REP3

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutant:
    """A mistake, and the check that must notice it."""

    mistake: str
    patch: Patch
    check: Callable[..., Any]
    argument: Any = None

    def run_check(self) -> None:
        """The check, which fails on the mutant and passes without it."""
        self.check() if self.argument is None else self.check(self.argument)


MUTANTS: list[Mutant] = []


def mutant(check: Callable[..., Any], argument: Any = None) -> Callable[[Patch], Patch]:
    """Add the decorated patch; its name says what the mistake is."""

    def add(patch: Patch) -> Patch:
        MUTANTS.append(Mutant(patch.__name__, patch, check, argument))
        return patch

    return add


def value_and_cost(name: str) -> None:
    """The generic check, for a few seeds."""
    for seed in range(6):
        case = make(name, shapes_like(name, (65,)), seed)
        test_every_op.check(name, case, turn=seed % 3)


def coin_tamper() -> None:
    with pytest.raises(test_random.PeerError):
        test_random.cheated(0, 1)


# Masks


@mutant(test_views.check_uniform, "mul")
def mask_left_out_of_products(m):
    """Araki's alpha_i missing: CrypTen issue 518."""
    m.setattr(Party, "masks", lambda self, n: (np.zeros(n, np.uint64), np.zeros(n, np.uint64)))


@mutant(test_views.check_uniform, "and")
def mask_left_out_of_and_gates(m):
    m.setattr(carry.bits, "cross_and", lambda x, y, u, v, a, b: (x & (u ^ v)) ^ (y & u))


@mutant(test_views.check_uniform, "mul")
def masks_that_everybody_can_compute(m):
    """They cancel, and words are uniform; but the receiver takes them off again."""

    def known(self, n):
        one, two = self.public_noise(n), self.public_noise(n)
        return (one, two, -(one + two))[self.id], np.zeros(n, np.uint64)

    m.setattr(Party, "masks", known)


@mutant(test_views.check_uniform, "matmul")
def one_mask_for_all_elements(m):
    masks = Party.masks

    def first(self, n):
        return tuple(np.full(n, w[0]) for w in masks(self, n))

    m.setattr(Party, "masks", first)


@mutant(test_views.check_uniform, "dot")
def mask_of_32_bits(m):
    masks = Party.masks
    low = np.uint64(2**32 - 1)
    m.setattr(Party, "masks", lambda self, n: tuple(w & low for w in masks(self, n)))


@mutant(value_and_cost, "mul")
def masks_that_do_not_cancel(m):
    masks = Party.masks
    m.setattr(Party, "masks", lambda self, n: (masks(self, n)[0], np.zeros(n, np.uint64)))


# Generators, keys and counters


@mutant(test_views.check_uniform, "trunc")
def constant_generator(m):
    """TF-Encrypted issue 900, Piranha's triples."""
    m.setattr(Prg, "words", lambda self, s, call, use: np.full(s, 0x5555555555555555, np.uint64))


@mutant(test_views.check_fresh, "mul")
def call_number_ignored(m):
    m.setattr(Party, "at", lambda self, call, turn=0: replace(self, call=0, turn=turn, _uses=0))


@mutant(test_party.check_draws_differ)
def use_counter_stuck(m):
    words = Prg.words
    m.setattr(Prg, "words", lambda self, s, call, use: words(self, s, call, 1))


@mutant(test_views.check_uniform, "is_zero")
def use_counter_stuck_in_a_tree(m):
    words = Prg.words
    m.setattr(Prg, "words", lambda self, s, call, use: words(self, s, call, 1))


@mutant(test_party.check_pairs_have_keys_of_their_own)
def one_key_for_all_pairs(m):
    m.setattr(Prg, "__init__", lambda self, key, init=Prg.__init__: init(self, bytes(16)))


@mutant(test_views.check_uniform, "trunc")
def mask_from_a_key_that_all_parties_hold(m):
    """The right value and cost, and P_1 computes P_0's summand."""

    def known_to(self, *roles, n):
        w = self.public_noise(n)
        return w if self.id in roles else None

    m.setattr(Party, "known_to", known_to)


@mutant(value_and_cost, "bit_to_word")
def key_of_the_wrong_neighbour(m):
    """The right words, from the left one's key."""

    def known_to(self, *roles, n):
        self._uses += 1
        key = self.with_left if self.right in roles else self.with_right
        return key.words(n, self.call, self._uses) if self.id in roles else None

    m.setattr(Party, "known_to", known_to)


# Sharing again what one party knows


def _unmasked(known: tuple[int, int]) -> Patch:
    def patch(m):
        known_to = Party.known_to

        def zero(self, *roles, n):
            w = known_to(self, *roles, n=n)
            return w * np.uint64(0) if w is not None and set(roles) == set(known) else w

        m.setattr(Party, "known_to", zero)

    return patch


MUTANTS += [
    Mutant("p_0_sends_its_summand_bare", _unmasked((0, 2)), test_views.check_uniform, "trunc"),
    Mutant("p_1_skips_sharing_again", _unmasked((0, 1)), test_views.check_uniform, "bit_to_word"),
    Mutant("p_2_skips_sharing_again", _unmasked((1, 2)), test_views.check_uniform, "msb"),
    Mutant("simulator_p_1_skips", _unmasked((0, 1)), test_simulators.check_simulator, "trunc"),
    Mutant("simulator_p_2_skips", _unmasked((1, 2)), test_simulators.check_simulator, "floor"),
    Mutant("simulator_p_0_bare", _unmasked((0, 2)), test_simulators.check_simulator, "msb"),
    Mutant("p_0_sends_its_point_bare", _unmasked((0, 2)), test_views.check_uniform, "lookup"),
    Mutant("p_1_sends_its_entry_bare", _unmasked((0, 1)), test_lookup.check_entries_hidden, 2),
    Mutant("p_2_sends_its_entry_bare", _unmasked((1, 2)), test_lookup.check_entries_hidden, 0),
    Mutant("an_input_is_sent_bare", _unmasked((1, 0)), test_views.check_uniform, "input_words"),
]


# Too much is sent, or to too many


@mutant(test_views.check_uniform, "mul")
def raw_share_sent_for_the_product(m):
    m.setattr(mul, "product_share", lambda p, x, y: x.i * y.i)


@mutant(value_and_cost, "mul")
def raw_share_sent_as_well(m):
    pass_left = Party.pass_left

    async def twice(self, words):
        await pass_left(self, words)
        return await pass_left(self, words)

    m.setattr(Party, "pass_left", twice)


def _replicated_first(m, name):
    """P_1 would not need it, but with all three it could tell the product."""

    async def cut(p, z_i, f):
        await p.exchange({p.left: (z_i,)}, {p.right: (z_i.size,)})
        return await original(p, z_i, f)

    original = getattr(truncate, name)
    m.setattr(truncate, name, cut)


@mutant(value_and_cost, "mul_trunc")
def the_third_product_share_is_sent_too(m):
    _replicated_first(m, "_cut_products")


@mutant(value_and_cost, "mul_trunc few")
def all_product_shares_of_few_are_sent(m):
    _replicated_first(m, "_cut_product")


@mutant(test_simulators.check_simulator, "msb")
def p_0_sends_its_whole_summand(m):
    """As s_1, with s_0 = 0: the result is right."""
    known = digits.known
    m.setattr(digits, "known", lambda p, a, b, n: known(p, a, b, n) * np.uint64((a, b) != (0, 2)))


@mutant(test_views.check_padding_is_cleared)
def padding_is_opened(m):
    m.setattr(opening.bits, "pad_mask", lambda n: np.full(-(-n // 64), np.uint64(2**64 - 1)))


# Truncation


@mutant(test_truncate.check_never_off)
def the_wrap_is_forgotten(m):
    """Local truncation: ABY3's first, SecureML's."""

    async def none(p, mine, f):
        pairs = await tops(p, mine, f)
        return tuple((i * np.uint64(0), j * np.uint64(0)) for i, j in pairs)

    tops = truncate._tops
    m.setattr(truncate, "_tops", none)


@mutant(test_truncate.check_never_off)
def no_offset_for_negative_numbers(m):
    m.setattr(truncate, "_offset", lambda p, mine, less: mine)


@mutant(test_truncate.check_unbiased)
def both_summands_rounded_down(m):
    """The bias of secretflow issue 1998."""
    cut = truncate._cut
    m.setattr(truncate, "_cut", lambda p, mine, f, shape, plus: cut(p, mine, f, shape, 0))


@mutant(test_truncate.check_unbiased, "mul_trunc few")
def both_halves_rounded_down(m):
    second, less = halves.cut_second, np.uint64(2**64 - 1)
    m.setattr(halves, "cut_second", lambda p, d, v, plus, f: second(p, d, v, less, f))


@mutant(test_truncate.check_input_rounds_both_ways, 0)
def the_third_share_of_an_input_is_zero(m):
    m.setattr(Party, "public_noise", lambda self, n: np.zeros(n, np.uint64))


# Random values


@mutant(coin_tamper)
def a_coin_is_not_compared(m):
    m.setattr(random.np, "array_equal", lambda a, b: True)


@mutant(test_random.check_bits_unknown)
def random_bits_from_one_key(m):
    """P_0 and P_2 know them."""

    def of_share_0(p, *, shape):
        b = original.run(p, shape=shape)
        zero = np.zeros_like(b.i)
        return Bits3(b.i if p.id == 0 else zero, b.j if p.id == 2 else zero, b.shape)

    original = REP3["random_bits"]
    m.setitem(REP3, "random_bits", replace(original, run=of_share_0))

"""Simulators: a party's view, made from its inputs, its keys and its outputs, and nothing else.

For operations that leak nothing the simulator is one and the same: run the party's own code on
uniform mail of the sizes it expects. What comes out is its part of the result; the functionality
gives the other parties theirs so that the result is right. Openings are simulated from the
opened value.
"""

from typing import Any

import numpy as np

from mpckernel.protocols.rounds import resumed
from mpckernel.ring import bits
from mpckernel.sharing.rep3 import Bits3, Rep3
from tests.protocols.moving_simulators import OPENING
from tests.protocols.running import REP3, Stream
from tests.protocols.views import recording_parties


def uniform_mail(
    name: str, i: int, own: list[Any], params: dict[str, Any], seed: bytes = b"simulated"
) -> tuple[list[np.ndarray], list[np.ndarray], Any]:
    """(received, drawn, part of the result) of party i, for operands it holds parts `own` of."""
    party = recording_parties(seed=seed)[i]
    rng = Stream(int.from_bytes(seed[:8], "little"))
    steps, mail, heard = REP3[name](party, *own, **params), None, []
    while True:
        try:
            asked = resumed(steps, mail)
        except StopIteration as done:
            return heard, party.drawn, done.value
        mail = {
            peer: tuple(rng.integers(0, 2**64, n) for n in sizes)
            for peer, sizes in asked.hear.items()
        }
        heard += [a for arrays in mail.values() for a in arrays]


def truncation(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_trunc's view at party i: nothing but masks."""
    return uniform_mail("trunc", i, own, params)


def cut_product(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """The same for the fused product: z_1 at P_0 and z_2 at P_1 are uniform, too."""
    return uniform_mail("mul_trunc", i, own, params)


def few_cut_products(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """The same in two rounds: u_1's top bit at P_0 and z_0 at P_1 are uniform, too."""
    return uniform_mail("mul_trunc few", i, own, params)


def blended(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """The same for the polynomial."""
    return uniform_mail("blend", i, own, params)


def few_blended(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """The same for few of them."""
    return uniform_mail("blend few", i, own, params)


def exact_floor(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_floor's view."""
    return uniform_mail("floor", i, own, params)


def sign_bit(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_msb's view."""
    return uniform_mail("msb", i, own, params)


def zero_test(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_is_zero's view."""
    return uniform_mail("is_zero", i, own, params)


def one_bit(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_bit_to_word's view."""
    return uniform_mail("bit_to_word", i, own, params)


def weighted_bits(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_weigh's view."""
    return uniform_mail("weigh", i, own, params)


def bit_decomposition(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_to_bits' view."""
    return uniform_mail("to_bits", i, own, params)


def leading_bit(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_headroom's view."""
    return uniform_mail("headroom", i, own, params)


def rough_decomposition(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_rough_bits' view."""
    return uniform_mail("rough_bits", i, own, params)


def rough_sign_bit(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_rough_sign's view."""
    return uniform_mail("rough_sign", i, own, params)


def table_entry(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_lookup's view."""
    return uniform_mail("lookup", i, own, params)


def flags(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_one_hot's view."""
    return uniform_mail("one_hot", i, own, params)


def shuffled_rows(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_shuffle's view."""
    return uniform_mail("shuffle", i, own, params)


def selection(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_select's view."""
    return uniform_mail("select", i, own, params)


def product(i: int, own: list[Any], params: dict[str, Any]) -> Any:
    """F_mul's view."""
    return uniform_mail("mul", i, own, params)


SILENT = {
    "trunc": truncation,
    "mul_trunc": cut_product,
    "mul_trunc few": few_cut_products,
    "blend": blended,
    "blend few": few_blended,
    "floor": exact_floor,
    "msb": sign_bit,
    "is_zero": zero_test,
    "bit_to_word": one_bit,
    "weigh": weighted_bits,
    "to_bits": bit_decomposition,
    "headroom": leading_bit,
    "rough_bits": rough_decomposition,
    "rough_sign": rough_sign_bit,
    "lookup": table_entry,
    "one_hot": flags,
    "shuffle": shuffled_rows,
    **OPENING,
    "select": selection,
    "mul": product,
}


def opening(own: Rep3, x: np.ndarray) -> np.ndarray:
    """What a party hears when x is opened to it: the share it lacks."""
    return x - own.i - own.j


def opening_bits(own: Bits3, x: np.ndarray) -> np.ndarray:
    """The same for bits; padding lanes are zero."""
    return (bits.pack(x) ^ own.i ^ own.j) & bits.pad_mask(own.size)


def public_coin(drawn: list[np.ndarray], r: np.ndarray) -> np.ndarray:
    """What a party hears, twice, when the coin shows r."""
    r_i, r_j = drawn
    return r - r_i - r_j

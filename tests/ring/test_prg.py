"""Known answers from FIPS 197, SP 800-38A and an AES of our own; one use, one stream."""

import hashlib
import hmac

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import Bug
from mpckernel.ring.prg import Prg, derive
from tests.ring.aes import encrypt

KEYS = [bytes(range(16)), bytes(range(32))]


def plain_draw(key, n, call, use):
    """The definition: one block after the other, words little-endian."""
    head = call.to_bytes(8, "big") + use.to_bytes(4, "big")
    blocks = (encrypt(key, head + k.to_bytes(4, "big")) for k in range((n + 1) // 2))
    stream = b"".join(blocks)
    return [int.from_bytes(stream[8 * k : 8 * k + 8], "little") for k in range(n)]


def test_the_plain_aes_gives_the_examples_of_fips_197():
    block = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert encrypt(KEYS[0], block).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"
    assert encrypt(KEYS[1], block).hex() == "8ea2b7ca516745bfeafc49904b496089"


def test_words_give_the_counter_mode_example_of_sp_800_38a():
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    counter = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    assert encrypt(key, counter).hex() == "ec8cdf7398607cb0f2d21675ea9ea1e4"
    call, use = int.from_bytes(counter[:8], "big"), int.from_bytes(counter[8:12], "big")
    first = Prg(key).words(2, call, use)
    head = encrypt(key, counter[:12] + bytes(4))
    assert first.astype("<u8").tobytes() == head


@pytest.mark.parametrize("key", KEYS, ids=len)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 63, 64, 65, 200, 1001])
def test_words_equal_the_plain_draw(key, n):
    for call, use in [(0, 0), (1, 2), (2**64 - 1, 2**32 - 1), (258, 1 << 24)]:
        assert Prg(key).words(n, call, use).tolist() == plain_draw(key, n, call, use)


def test_known_answers():
    assert [hex(w) for w in Prg(KEYS[0]).words(3, 1, 2).tolist()] == KNOWN_SMALL
    long = Prg(KEYS[1]).words(100_000, 3, 4)
    assert hashlib.sha256(long.astype("<u8").tobytes()).hexdigest() == KNOWN_LONG


KNOWN_SMALL = ["0x9735e4109037bdce", "0xefec0292031523ab", "0xe9002d1a621111fb"]
KNOWN_LONG = "b00df2fe0b7000c4b88d86f618f2b8c227e105c849902cc1dbe10419bfb603bc"


@given(
    st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1), st.sampled_from([1, 64, 65, 4096, 32_769])
)
def test_a_longer_draw_begins_with_the_shorter_one(call, use, n):
    prg = Prg(KEYS[0])
    longest = prg.words(70_000, call, use)
    np.testing.assert_array_equal(prg.words(n, call, use), longest[:n])


def test_draws_do_not_depend_on_earlier_draws():
    used, fresh = Prg(KEYS[0]), Prg(KEYS[0])
    for n in (1, 64, 1000):
        used.words(n, 1, n)
    np.testing.assert_array_equal(used.words(40, 5, 5), fresh.words(40, 5, 5))


def test_call_use_and_key_each_change_the_stream():
    draws = [Prg(KEYS[0]).words(2, 0, 0), Prg(KEYS[0]).words(2, 0, 1)]
    draws += [Prg(KEYS[0]).words(2, 1, 0), Prg(KEYS[1]).words(2, 0, 0)]
    assert len({w for draw in draws for w in draw.tolist()}) == 8


@pytest.mark.parametrize("shape", [(), (0,), (1,), (63,), (64,), (65,), (2, 0), (5, 5, 5)])
def test_shapes(shape):
    out = Prg(KEYS[0]).words(shape, 1, 1)
    assert isinstance(out, np.ndarray)
    assert (out.shape, out.dtype) == (shape, np.uint64)
    assert out.flags.writeable
    assert out.flags.c_contiguous
    np.testing.assert_array_equal(out.ravel(), Prg(KEYS[0]).words(out.size, 1, 1))


@pytest.mark.parametrize("at", [(-1, 0), (2**64, 0), (0, -1), (0, 2**32)])
def test_a_counter_never_wraps(at):
    with pytest.raises(Bug):
        Prg(KEYS[0]).words(1, *at)


@pytest.mark.parametrize("key", [b"", bytes(15), bytes(24), bytes(33)], ids=len)
def test_other_key_lengths_are_refused(key):
    with pytest.raises(Bug):
        Prg(key)


def test_the_key_is_not_shown():
    key = b"a key of 16 byte"
    assert "key of" not in f"{Prg(key)!r} {Prg(key)}"


def plain_hkdf(key, info, size):
    """RFC 5869 with an empty salt."""
    extracted = hmac.digest(bytes(32), key, "sha256")
    out = block = b""
    for k in range(1, 256):
        block = hmac.digest(extracted, block + info + bytes([k]), "sha256")
        out += block
        if len(out) >= size:
            return out[:size]
    raise AssertionError


@given(
    st.binary(max_size=40),
    st.lists(st.binary(max_size=9), max_size=4),
    st.sampled_from([16, 32, 80]),
)
def test_derive_is_hkdf_over_length_prefixed_labels(key, labels, size):
    info = size.to_bytes(4, "big")
    for label in labels:
        info += len(label).to_bytes(4, "big") + label
    assert derive(key, *labels, size=size) == plain_hkdf(key, info, size)


def test_lists_of_labels_that_concatenate_alike_give_different_keys():
    lists = [(b"ab",), (b"a", b"b"), (b"", b"ab"), (b"ab", b""), (b"\0\0\0\1a", b"b"), ()]
    assert len({derive(KEYS[0], *labels) for labels in lists}) == len(lists)
    assert derive(KEYS[0], size=32)[:16] != derive(KEYS[0], size=16)

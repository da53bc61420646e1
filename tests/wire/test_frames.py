"""Messages: what is predicted passes, everything else is refused."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import Bug, PeerError
from mpckernel.wire import frames
from mpckernel.wire.frames import CUT, HEAD, JOIN, Inbox, Outbox

TAG = bytes(range(16))
SIZES = st.one_of(
    st.integers(0, 40),
    st.sampled_from([JOIN // 8 - 1, JOIN // 8, JOIN // 8 + 1, 8191, 8192, CUT, CUT + 1, 3 * CUT]),
)
ROUNDS = st.lists(st.lists(SIZES, max_size=5), max_size=4)


def sent(rounds, outbox=None):
    """The arrays of these rounds and the messages that carry them."""
    outbox, arrays, messages, at = outbox or Outbox(TAG), [], [], 0
    for sizes in rounds:
        for n in sizes:
            arrays.append(np.arange(at, at + n, dtype=np.uint64))
            at += n
            messages += outbox.add(arrays[-1])
        messages += outbox.flush()
    return arrays, messages


def feed(inbox, messages):
    for message in messages:
        inbox.feed(message)


def expecting(rounds, inbox=None):
    inbox = inbox or Inbox(TAG)
    for sizes in rounds:
        for n in sizes:
            inbox.expect(n)
        inbox.flush()
    return inbox


@given(ROUNDS, st.data())
def test_both_ends_agree_and_nothing_is_lost(rounds, data):
    arrays, messages = sent(rounds)
    early = data.draw(st.integers(0, len(messages)), label="messages before they are expected")
    inbox = Inbox(TAG)
    for message in messages[:early]:
        inbox.feed(message)
    expecting(rounds, inbox)
    for message in messages[early:]:
        inbox.feed(message)
    assert inbox.ready(len(arrays))
    for array in arrays:
        got = inbox.pop()
        np.testing.assert_array_equal(got, array)
        assert got.flags.writeable
        assert got.flags.aligned
        assert got.flags.c_contiguous
    assert inbox.idle()


@given(ROUNDS)
def test_no_message_is_larger_than_the_limit(rounds):
    for message in sent(rounds)[1]:
        sizes = [memoryview(part).nbytes for part in message]
        assert sum(sizes) <= HEAD.size + frames.MAX_BODY
        assert len(sizes) == (1 if sum(sizes) <= HEAD.size + JOIN else 2)


def test_a_large_array_is_lent_and_not_copied():
    words = np.zeros(2 * CUT, np.uint64)
    first, second = Outbox(TAG).add(words)
    assert np.shares_memory(first[1], words)
    assert np.shares_memory(second[1], words)
    inbox = Inbox(TAG)
    inbox.expect(CUT)
    inbox.flush()
    body = bytearray(8 * CUT)
    inbox.feed([bytes(first[0]), body])
    assert np.shares_memory(inbox.pop(), np.frombuffer(body, np.uint64))


def test_any_layout_can_be_sent():
    words = np.arange(24, dtype=np.uint64).reshape(2, 3, 4)
    for array in (words.T, words[:, ::-2], np.asfortranarray(words), words[0, 0, 1], words[:0]):
        outbox, inbox = Outbox(TAG), Inbox(TAG)
        outbox.add(array)
        inbox.expect(array.size)
        inbox.flush()
        for message in outbox.flush():
            inbox.feed(message)
        np.testing.assert_array_equal(inbox.pop(), np.ravel(array))


@pytest.mark.parametrize("size", [1, JOIN // 8 + 1])
@pytest.mark.parametrize("at", range(HEAD.size))
def test_every_byte_of_the_head_counts(size, at):
    (message,) = sent([[size]])[1]
    raw = bytearray(message[0])
    raw[at] ^= 1
    with pytest.raises(PeerError):
        expecting([[size]]).feed([raw, *message[1:]])


@pytest.mark.parametrize("size", [1, JOIN // 8 + 1])
def test_every_other_size_and_split_is_refused(size):
    (message,) = sent([[size]])[1]
    raw = b"".join(bytes(part) for part in message)
    wrong = [
        [raw, b""],
        [raw[:-1]],
        [raw + b"\0"],
        [raw[:31], raw[31:]],
        [raw[:32], raw[32:-8]],
        [raw[:32], raw[32:], b""],
        [],
        [b""],
        [raw[:32], raw[32:]] if size == 1 else [raw],
    ]
    for parts in wrong:
        with pytest.raises(PeerError):
            expecting([[size]]).feed(parts)


def test_replay_another_run_another_lane_and_reordering_are_refused():
    _, (first, second) = sent([[5], [5]])
    for wrong in ([first, first], [second, first]):
        inbox = expecting([[5], [5]])
        with pytest.raises(PeerError):
            feed(inbox, wrong)
    for inbox in (Inbox(bytes(16)), Inbox(TAG, lane=1)):
        with pytest.raises(PeerError):
            expecting([[5]], inbox).feed(first)


def test_a_peer_cannot_run_ahead_for_ever():
    inbox = Inbox(TAG)
    for _ in range(frames.EARLY):
        inbox.feed([b"x"])
    with pytest.raises(PeerError):
        inbox.feed([b"x"])


@given(st.lists(st.binary(max_size=200), max_size=3), st.integers(0, 2**61))
def test_noise_is_refused_without_allocating(parts, claimed):
    head = frames.pack_head(frames.DATA, TAG, 0, claimed)
    tracemalloc.start()
    try:
        for message in (parts, [head, *parts], [head + b"".join(parts)]):
            with pytest.raises(PeerError):
                expecting([[77]]).feed(message)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_errors_are_constant_and_hold_nothing_of_the_message():
    texts = set()
    for secret in (b"alpha" * 8, b"omega" * 8):
        with pytest.raises(PeerError) as refused:
            expecting([[1]]).feed([secret])
        texts.add(str(refused.value))
    assert len(texts) == 1
    assert "alpha" not in texts.pop()


def test_kind_of():
    assert frames.kind_of(sent([[3]])[1][0]) == frames.DATA
    assert frames.kind_of([frames.pack_head(frames.CONTROL, TAG, 0, 0)]) == frames.CONTROL
    for parts in ([], [b""], [bytes(31)], [bytes(32)], [b"\1\0\3" + bytes(29)]):
        with pytest.raises(PeerError):
            frames.kind_of(parts)


def test_our_own_mistakes_are_bugs():
    with pytest.raises(Bug):
        Inbox(TAG).pop()
    with pytest.raises(Bug):
        frames.pack_head(frames.DATA, TAG, 1 << 32, 8)

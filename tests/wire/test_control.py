"""Control messages: one spelling, declared fields, limits."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import Bug, PeerError
from mpckernel.wire import control, frames

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(max_size=9)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


def is_encodable(value):
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@given(st.dictionaries(st.text(max_size=5), PLAIN, max_size=4).filter(is_encodable))
def test_what_is_encoded_is_decoded(inputs):
    body = {"type": "probe", "inputs": inputs}
    try:
        raw = control.encode(body)
    except Bug:  # too deep
        return
    assert control.decode(raw) == body


@pytest.fixture(autouse=True)
def probe(monkeypatch):
    monkeypatch.setattr(control, "TYPES", dict(control.TYPES))
    control.define("probe", inputs=dict)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b'"bye"',
        b"null",
        b'{"type":"unknown"}',
        b'{"type":1}',
        b'{"type":["bye"]}',
        b'{"type":"bye","more":1}',
        b'{"type":"ping"}',
        b'{"number":"1","type":"ping"}',
        b'{"number":true,"type":"ping"}',
        b'{"number":1.0,"type":"ping"}',
        b'{"number":1,"number":1,"type":"ping"}',
        b'{"type":"ping","number":1}',
        b'{"type": "bye"}',
        b'{"type":"bye"} ',
        b'{"type":"\\u0062ye"}',
        b'\xef\xbb\xbf{"type":"bye"}',
        b'{"type":"bye\xff"}',
        b'{"inputs":{"a":NaN},"type":"probe"}',
        b'{"inputs":{"a":Infinity},"type":"probe"}',
        b'{"inputs":{"a":1e999},"type":"probe"}',
        b'{"inputs":{"a":"\\ud800"},"type":"probe"}',
        b'{"number":18446744073709551616,"type":"ping"}',
        b'{"number":-18446744073709551616,"type":"ping"}',
        b'{"number":' + b"9" * 5000 + b',"type":"ping"}',
        b'{"inputs":{"a":' + b"[" * 8 + b"]" * 8 + b'},"type":"probe"}',
        b'{"inputs":{"a":' + b"[" * 90000 + b"]" * 90000 + b'},"type":"probe"}',
        b'{"inputs":{"a":"' + b"a" * (1 << 20) + b'"},"type":"probe"}',
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_everything_else_is_refused_with_one_text(raw):
    with pytest.raises(PeerError, match=r"^a control message does not follow the format$"):
        control.decode(raw)


@given(st.binary(max_size=80))
def test_noise(raw):
    with pytest.raises(PeerError):
        control.decode(raw)


@given(st.integers(0, 30), st.integers(0, 255))
def test_mutated_bytes_never_give_another_error(at, value):
    raw = bytearray(control.encode({"type": "ping", "number": 12345}))
    raw[at % len(raw)] = value
    try:
        body = control.decode(raw)
    except PeerError:
        return
    assert control.encode(body) == raw


@pytest.mark.parametrize("length", [3, 20000, 300000])
def test_frames_of_control_messages(length):
    body = {"type": "probe", "inputs": {"a": "x" * length}}
    parts = control.pack(body, 7)
    assert frames.kind_of(parts) == frames.CONTROL
    assert control.unpack(parts, 7) == body
    with pytest.raises(PeerError):
        control.unpack(parts, 8)
    with pytest.raises(PeerError):
        control.unpack([*parts, b"x"], 7)
    with pytest.raises(PeerError):
        control.unpack([bytes(parts[0])[:20]], 7)


def test_data_is_not_control():
    head = frames.pack_head(frames.DATA, bytes(16), 0, 14)
    with pytest.raises(PeerError):
        control.unpack([head + b'{"type":"bye"}'])


def test_what_we_send_is_checked_too():
    odd = [{1: 2}, {"a": float("nan")}, {"a": "\ud800"}, {"a": b""}]
    bodies = [{"type": "probe", "inputs": inputs} for inputs in odd]
    for body in [{"type": "ping", "number": "1"}, {}, *bodies]:
        with pytest.raises(Bug):
            control.encode(body)
    with pytest.raises(Bug):
        control.define("bad", x=float)


WORDS = [
    *({"type": kind, "run": run} for kind in ("join", "vote", "done") for run in ("ab", "cd")),
    *({"type": "end", "run": "ab", "last": last} for last in (False, True)),
]


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.integers(0, 60), st.integers(0, 255))
def test_known_messages_are_read_as_unknown_ones(said, at, value):
    known = control.Known()
    for body in said:
        assert known.encode(body) == control.encode(body)
        raw = bytearray(control.encode(body))
        assert known.decode(raw) == body
        raw[at % len(raw)] = value
        try:
            same = control.decode(raw)
        except PeerError:
            with pytest.raises(PeerError, match="does not follow the format"):
                known.decode(raw)
        else:
            assert known.decode(raw) == same
    assert len(known._bodies) <= control.KEPT


def test_what_is_kept_to_be_known_is_short_and_flat():
    known = control.Known()
    known.encode({"type": "probe", "inputs": {"a": 1}})
    known.decode(control.encode({"type": "enter", "cell": 1, "nonce": "a" * 300, "text": "",
                                 "dry": False}))  # fmt: skip
    assert not known._bodies
    heard = known.decode(memoryview(known.encode({"type": "vote", "run": "ab"})))
    assert heard is known.decode(b'{"run":"ab","type":"vote"}')

"""Room files: what is read is what was written, everything else is refused with its place."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from mpckernel.errors import SetupError
from mpckernel.session.roomfile import Room, Seat, digest, new, read, terms, write
from mpckernel.session.spoken import WORDS, words

KEYS = {name: zmq.curve_keypair()[0].decode() for name in ("alice", "bob", "carol", "dave")}
NAMES = ("alice", "bob", "carol")


def room() -> Room:
    made = new("clinic", "alice", ["bob", "carol"], "rep3", {n: KEYS[n] for n in NAMES})
    return replace(made, lobby="tcp://127.0.0.1:7001")


def test_round_trip(tmp_path: Path) -> None:
    path, one = tmp_path / "clinic.mpc", room()
    write(one, path)
    assert read(path) == one
    assert one.complete
    assert one.names == NAMES
    assert list(tmp_path.glob(".*")) == []


def test_every_field_but_addresses_is_in_the_digest() -> None:
    one = room()
    seats = one.parties
    others = [
        replace(one, name="clinik"),
        replace(one, id="0" * 32),
        replace(one, scheme="plain"),
        replace(one, model="trust everybody"),
        replace(one, host="bob"),
        replace(one, lobby="tcp://127.0.0.1:7002"),
        replace(one, parties=(seats[1], seats[0], seats[2])),
        replace(one, parties=(seats[0], Seat("dave", seats[1].key), seats[2])),
        one.with_keys({"carol": KEYS["dave"]}),
    ]
    assert len({digest(each) for each in [one, *others]}) == len(others) + 1
    moved = replace(one, parties=(replace(seats[0], address="tcp://10.0.0.1:1"), *seats[1:]))
    assert digest(moved) == digest(one)


def test_terms_leave_out_the_keys_alone() -> None:
    one = room()
    assert terms(one) == terms(one.with_keys({"carol": ""})) != digest(one)
    assert terms(one) != terms(replace(one, id="0" * 32))


@given(st.lists(st.text(max_size=4), min_size=6, max_size=6), st.lists(st.text(max_size=4)))
@settings(deadline=None)
def test_the_encoding_is_injective(a: list[str], b: list[str]) -> None:
    def made(texts: list[str]) -> Room:
        name, ident, scheme, model, host, lobby, *rest = texts
        return Room(name, ident, scheme, model, host, lobby, tuple(Seat(x) for x in rest))

    first, second = made([*a, *b]), made([*a[:5], a[5] + "".join(b[:1]), *b[1:]])
    assert (digest(first) == digest(second)) == (first == second)


def spoil(text: str, old: str, fresh: str, nth: int = 0) -> str:
    parts = text.split(old)
    return old.join(parts[: nth + 1]) + fresh + old.join(parts[nth + 1 :])


@pytest.mark.parametrize(
    ("old", "fresh", "nth", "where"),
    [
        ("format = 1", "format = 2", 0, "line 2, field format"),
        ('name = "clinic"', 'name = "a/b"', 0, "line 3, field name"),
        ('id = "', 'id = "x', 0, "line 4, field id"),
        ('"rep3"', '"rep9"', 0, "line 5, field scheme"),
        ("two must not collude", "nobody is trusted", 0, "line 6, field model"),
        ('host = "alice"', 'host = "dave"', 0, "line 7, field host"),
        ("tcp://127", "ipc://127", 0, "line 8, field lobby"),
        ('name = "bob"', 'name = "Bob"', 0, "line 16, field name"),
        ('name = "bob"', 'name = "class"', 0, "line 16, field name"),
        ('name = "carol"', 'name = "bob"', 0, "line 21, field name"),
        (KEYS["bob"], "x", 0, "line 17, field key"),
        (KEYS["bob"], KEYS["carol"], 0, "line 22, field key"),
        (KEYS["alice"], "", 0, "line 12, field key"),
        ('address = ""', 'address = "here"', 2, "line 23, field address"),
        ('scheme = "rep3"', "scheme = 3", 0, "line 5, field scheme"),
        ('host = "alice"', "", 0, "the fields must be"),
        ('key = "', 'kez = "', 0, "party 1"),
        ("[[party]]", "[[party]", 0, "line 10: not TOML"),
        ('name = "clinic"', 'name = "clinic"\nextra = 1', 0, "the fields must be"),
    ],
)
def test_refusals_name_the_place(
    tmp_path: Path, old: str, fresh: str, nth: int, where: str
) -> None:
    path = tmp_path / "clinic.mpc"
    write(room(), path)
    path.write_text(spoil(path.read_text(), old, fresh, nth))
    with pytest.raises(SetupError, match=where) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"x" * 70_000, b"[party]\n", b"format = 1\n"])
def test_what_is_no_room_file(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "clinic.mpc"
    path.write_bytes(raw)
    with pytest.raises(SetupError):
        read(path)
    with pytest.raises(SetupError):
        read(tmp_path / "missing.mpc")


def test_one_changed_byte_is_refused_or_another_room(tmp_path: Path) -> None:
    path = tmp_path / "clinic.mpc"
    write(room(), path)
    raw, whole = path.read_bytes(), digest(room())
    start = raw.index(b"format")
    same = 0
    for at in range(start, len(raw)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with suppress(SetupError):
            same += digest(read(path)) == whole
    assert same == 0


@pytest.mark.parametrize(
    ("others", "scheme"),
    [(["bob"], "rep3"), (["bob", "carol", "dave"], "rep3"), (["bob", "bob"], "rep3"),
     (["bob", "Carol"], "rep3"), (["bob", "carol"], "rep5"), ([], "plain")],
)  # fmt: skip
def test_rooms_that_cannot_be(others: list[str], scheme: str) -> None:
    with pytest.raises(SetupError):
        new("clinic", "alice", others, scheme, {"alice": KEYS["alice"]})


def test_words() -> None:
    assert len(WORDS) == 256 == len({word[:3] for word in WORDS})
    assert all(word.isascii() and word.islower() and 2 < len(word) < 9 for word in WORDS)
    spoken = words(digest(room()))
    assert len(spoken) == 6
    assert set(spoken) <= set(WORDS)
    assert words("0" * 64) == words("0" * 64) != words("1" + "0" * 63)

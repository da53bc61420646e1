"""Keys on disk: made once, closed to others, refused when open or spoiled."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import zmq

from mpckernel.errors import SetupError
from mpckernel.session.identity import add_contact, contacts, known, load_or_create


def test_made_once_and_closed_to_others(home: Path) -> None:
    old = os.umask(0)
    try:
        first = load_or_create("alice")
    finally:
        os.umask(old)
    assert load_or_create("alice") == first
    assert zmq.curve_public(first.secret).decode() == first.public
    assert load_or_create("bob").public != first.public
    path = home / "keys" / "alice.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not list(path.parent.glob("*.part"))


def test_a_key_can_be_typed_as_it_stands(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = 40 * b"0"
    good = (zmq.curve_public(secret), secret)  # not a drawn pair: one of forty is odd itself
    for odd in (b"-" + 39 * b"0", 39 * b"a" + b"?"):
        pairs = iter([(odd, 40 * b"0"), good])
        monkeypatch.setattr(zmq, "curve_keypair", lambda pairs=pairs: next(pairs))
        name = f"odd{odd[0]}"
        assert load_or_create(name).public == good[0].decode()


def test_never_open_even_for_a_moment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[int, int]] = []
    really = os.open

    def spy(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            opened.append((flags, mode))
        return really(path, flags, mode)

    monkeypatch.setattr(os, "open", spy)
    load_or_create("alice")
    assert opened
    assert all(flags & os.O_EXCL and mode == 0o600 for flags, mode in opened)


def test_many_at_once_end_with_one_key() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(load_or_create, ["alice"] * 16))
    assert len({each.public for each in made}) == 1


def test_the_secret_is_not_shown() -> None:
    alice = load_or_create("alice")
    assert alice.secret.decode() not in repr(alice)


def test_an_open_file_is_refused_with_the_line_that_closes_it(home: Path) -> None:
    load_or_create("alice")
    path = home / "keys" / "alice.toml"
    path.chmod(0o640)
    with pytest.raises(SetupError, match=f"chmod 600 '{path}'"):
        load_or_create("alice")
    path.chmod(0o600)
    (home / "keys").chmod(0o755)
    with pytest.raises(SetupError, match="chmod 700"):
        load_or_create("bob")


def test_spoiled_files_are_refused(home: Path) -> None:
    alice, bob = load_or_create("alice"), load_or_create("bob")
    path = home / "keys" / "alice.toml"
    whole = path.read_text()
    for text in ("", "public = 3", "\0", whole.replace(alice.public, bob.public), "[" * 9):
        path.write_text(text)
        with pytest.raises(SetupError) as caught:
            load_or_create("alice")
        assert alice.secret.decode() not in str(caught.value)


@pytest.mark.parametrize("name", ["../alice", "Alice", "", "a/b", "class"])
def test_names_are_checked(name: str) -> None:
    with pytest.raises(SetupError):
        load_or_create(name)


def test_contacts(home: Path) -> None:
    key, other = (zmq.curve_keypair()[0].decode() for _ in range(2))
    assert known("bob") is None
    add_contact("bob", key)
    add_contact("bob", key)
    assert contacts() == {"bob": key}
    assert known("bob") == key
    assert known("alice") is None
    assert load_or_create("alice").public == known("alice")
    with pytest.raises(SetupError, match="another key"):
        add_contact("bob", other)
    with pytest.raises(SetupError):
        add_contact("Bob", other)
    with pytest.raises(SetupError):
        add_contact("carol", "short")
    (home / "contacts.toml").write_text('bob = "x"\n')
    with pytest.raises(SetupError, match="every line"):
        contacts()

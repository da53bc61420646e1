"""What lies on disk, in arguments, in the environment and behind reprs."""

import ast
import os
import stat
import sys
from pathlib import Path

import pytest
import zmq

import mpckernel
from mpckernel.ring.compiled import _compile, table
from mpckernel.session.hosting import host
from mpckernel.session.identity import load_or_create
from mpckernel.session.local import LocalParties
from mpckernel.session.ticket import Ticket
from mpckernel.transport.lane_out import Offer
from mpckernel.transport.links import Keys
from mpckernel.transport.zmq import ZmqTransport

POSIX = os.name == "posix"
PACKAGE = Path(mpckernel.__file__).parent


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


@pytest.mark.skipif(not POSIX, reason="modes of files")
def test_all_that_a_user_keeps_is_closed_to_others(home, tmp_path):
    saved = os.umask(0)
    try:
        hosting = host("clinic", "alice", ["bob", "carol"], folder=tmp_path)
        hosting.close()
    finally:
        os.umask(saved)
    kept = [home, *home.rglob("*")]
    assert len(kept) >= 3
    assert not [path for path in kept if mode(path) & 0o077]


def test_the_room_file_holds_no_secret(tmp_path):
    hosting = host("clinic", "alice", ["bob", "carol"], folder=tmp_path)
    try:
        text = hosting.path.read_text()
        secrets = [load_or_create("alice").secret.decode()]
        for name, ticket in hosting.tickets.items():
            secrets += [ticket.text(), ticket.text().replace("-", "")]
            secrets.append(ticket.keys(hosting.room.id, name)[1].decode())
        assert not [secret for secret in secrets if secret in text]
        assert not [secret for secret in secrets if secret in repr(hosting)]
    finally:
        hosting.close()


def test_no_secret_has_a_face():
    public, secret = zmq.curve_keypair()
    token, key = b"t" * 32, b"k" * 32
    ticket = Ticket()
    identity = load_or_create("alice")
    texts = [repr(Offer(1, 0, token[:16], key)), repr(Keys([public], public, secret))]
    texts += [repr(identity), repr(ticket), str(ticket), f"{ticket}"]
    for hidden in (secret.decode(), "tttt", "kkkk", identity.secret.decode(), ticket.text()):
        assert not any(hidden in text for text in texts)
    transport = ZmqTransport(0, [public], secret)
    assert secret.decode() not in repr(vars(transport))
    transport.close()


@pytest.mark.slow
@pytest.mark.skipif(not POSIX, reason="modes of files")
def test_local_parties_are_closed_to_other_users():
    asleep = (sys.executable, "-c", "import time; time.sleep(60)", "{connection_file}")
    parties = LocalParties(["bob"], argv=asleep)
    saved = os.umask(0)
    try:
        parties.start()
        folder = parties._folder
        assert mode(folder) & 0o777 == 0o700
        (file,) = folder.glob("*.json")
        assert mode(file) == 0o600
        party = parties._kernels["bob"]
        key = party._info["key"]
        key = key if isinstance(key, str) else key.decode()
        assert key not in " ".join(party.process.args)
        assert Path(party._ip).parent == folder  # its sockets lie in the closed folder
        if sys.platform == "linux":
            line = Path(f"/proc/{party.process.pid}/cmdline").read_bytes()
            around = Path(f"/proc/{party.process.pid}/environ").read_bytes()
            assert key.encode() not in line + around
    finally:
        os.umask(saved)
        parties.stop()
    assert not folder.exists()
    assert party.process.returncode is not None


@pytest.fixture
def compiled(tmp_path, monkeypatch):
    """A function that is not compiled yet, and the folder of its code."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("numba.core.config.CACHE_DIR", "")
    one = table()[0]
    saved = os.umask(0)
    yield lambda: _compile(one.loop, one.kinds), tmp_path / "cache" / "mpckernel-compiled"
    os.umask(saved)


@pytest.mark.skipif(not POSIX, reason="modes of files")
def test_compiled_code_lies_in_a_folder_closed_to_others(compiled):
    compile_it, folder = compiled
    compile_it()
    assert mode(folder) == 0o700
    assert list(folder.rglob("*.nbi"))


@pytest.mark.skipif(not POSIX, reason="modes of files")
@pytest.mark.parametrize("how", ["writable", "readable", "elsewhere", "another's"])
def test_compiled_code_that_others_can_reach_is_not_loaded(compiled, tmp_path, monkeypatch, how):
    compile_it, folder = compiled
    (tmp_path / "theirs").mkdir(mode=0o700)
    if how == "elsewhere":
        folder.parent.mkdir()
        folder.symlink_to(tmp_path / "theirs")
    else:
        folder.mkdir(0o700, parents=True)
        folder.chmod({"writable": 0o720, "readable": 0o704}.get(how, 0o700))
    if how == "another's":
        monkeypatch.setattr(os, "getuid", lambda: os.stat(folder).st_uid + 1)
    assert compile_it().signatures
    assert not [*folder.rglob("*.nb?"), *(tmp_path / "theirs").rglob("*.nb?")]


FORBIDDEN = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "random", "yaml"}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_no_module_unpickles_or_executes_text(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & FORBIDDEN
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in FORBIDDEN
        elif isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            own_cell = path.relative_to(PACKAGE) == Path("kernel/body.py") and name == "eval"
            own_cell |= not node.args and ast.unparse(called) == "model.eval"  # as in PyTorch
            assert own_cell or name not in {"eval", "exec", "fromstring", "frombytes", "system"}
            assert not (name == "load" and ast.unparse(called).startswith(("np.", "numpy.")))
            assert not any(
                k.arg == "shell" and ast.unparse(k.value) != "False" for k in node.keywords
            )

"""Who I am: one CURVE key pair per user and party name, made once and kept on this machine.

Also the public keys of others that this user has been given before (contacts).

    <home>/keys/<name>.toml     folder 0700, file 0600
    <home>/contacts.toml

Source: CurveZMQ (RFC 26) for what a key pair is. A private file is written whole under another
name, closed to others from its first moment, and then linked into place: two kernels that start
together end with one key, and nobody sees half a file.
"""

import json
import os
import secrets
import stat
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import zmq

from mpckernel.errors import SetupError
from mpckernel.session.names import NAME_RULE, is_key, is_name


@dataclass(frozen=True, slots=True)
class Identity:
    """A party's name with its long-term keys, in Z85."""

    name: str
    public: str
    secret: bytes = field(repr=False)


def home() -> Path:
    """Where this user's keys and contacts live: $MPCKERNEL_HOME or the platform's data folder."""
    if chosen := os.environ.get("MPCKERNEL_HOME"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    elif os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "mpckernel"


def load_or_create(name: str) -> Identity:
    """This user's identity as `name`; the first call makes it."""
    path = _key_path(name)
    if not path.exists():
        _create(path, name)
    return _load(path, name)


def known(name: str) -> str | None:
    """The public key this user has for `name`: a contact's, else an own identity's, else None."""
    if key := contacts().get(name):
        return key
    return load_or_create(name).public if _key_path(name).exists() else None


def contacts() -> dict[str, str]:
    """Name -> public key of everybody added with `add_contact`."""
    path = home() / "contacts.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise SetupError(
            f"{path} cannot be read as a list of contacts; repair or remove it"
        ) from None
    if not all(is_name(name) and is_key(key) for name, key in table.items()):
        raise SetupError(f'{path}: every line must read name = "public key of 40 characters"')
    return table


def add_contact(name: str, key: str) -> None:
    """Remember the public key of `name`; a name that has another key already is refused."""
    if not is_name(name):
        raise SetupError(f"a contact's name is {NAME_RULE}")
    if not is_key(key):
        raise SetupError(f"the public key given for {name} is not a key of 40 characters")
    table = contacts()
    if table.setdefault(name, key) != key:
        path = home() / "contacts.toml"
        raise SetupError(f"{name} has another key in {path}; if it changed, remove that line")
    folder = private_folder(home())
    text = "".join(f"{each} = {json.dumps(table[each])}\n" for each in sorted(table))
    os.replace(write_private(folder, text), folder / "contacts.toml")


def private_folder(path: Path) -> Path:
    """`path`, made if need be, closed to other users; refused if it is open to them."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SetupError(f"other users can look into {path}; close it with: chmod 700 '{path}'")
    return path


def write_private(folder: Path, text: str) -> Path:
    """A new file of mode 0600 in `folder` that holds `text`; the caller puts it into place."""
    path = folder / f".{secrets.token_hex(8)}.part"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path


def keep_private(path: Path, text: str) -> None:
    """Put a secret into `path`, in a folder closed to others, unless there is one already."""
    part = write_private(private_folder(path.parent), text)
    try:
        os.link(part, path)
    except FileExistsError:
        pass  # another kernel of this user was faster; its key is the one
    finally:
        part.unlink()


def read_private(path: Path) -> bytes:
    """The content of a secret file; refused if other users can read it."""
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise SetupError(f"other users can read {path}; close it with: chmod 600 '{path}'")
            return file.read()
    except OSError:
        raise SetupError(f"{path} cannot be read") from None


def _key_path(name: str) -> Path:
    if not is_name(name):
        raise SetupError(f"a party's name is {NAME_RULE}")
    return home() / "keys" / f"{name}.toml"


def _create(path: Path, name: str) -> None:
    private_folder(path.parent.parent)
    public, secret = _typed_easily()
    head = f"# The secret key of {name}. Show it to nobody.\n"
    text = f'{head}public = "{public}"\nsecret = "{secret}"\n'
    keep_private(path, text)


def _typed_easily() -> tuple[str, str]:
    """Public key and secret key. A line that ends in ? asks IPython for help, and a word that
    begins with - looks like an option: one key in forty, which is drawn again."""
    while True:
        public, secret = (key.decode() for key in zmq.curve_keypair())
        if not public.startswith("-") and not public.endswith("?"):
            return public, secret


def _load(path: Path, name: str) -> Identity:
    try:
        table = tomllib.loads(read_private(path).decode())
    except ValueError:
        raise SetupError(f"{path} cannot be read as the key of {name}") from None
    public, secret = table.get("public"), table.get("secret")
    if not (is_key(public) and is_key(secret)):
        raise SetupError(f"{path} does not hold the two keys of {name}")
    if zmq.curve_public(secret.encode()).decode() != public:
        raise SetupError(f"the two keys in {path} do not belong together")
    return Identity(name, public, secret.encode())

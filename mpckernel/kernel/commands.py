"""The sub-commands of `%mpc`: one function each, with its words. They delegate and show."""

import shlex
import tempfile
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mpckernel.errors import Interrupted, MpcError, UsageError
from mpckernel.kernel import faces
from mpckernel.kernel.cells import Words
from mpckernel.kernel.desk import Desk
from mpckernel.kernel.faces import Shown
from mpckernel.kernel.opening import WAIT, Opening

JOIN_AT_ONCE = 3.0  # seconds in which %mpc join reports what went wrong


@dataclass(frozen=True, slots=True)
class Command:
    """A sub-command: what it does in one line, its words, whether none is a flag, the function."""

    about: str
    words: Words
    bare: bool
    run: Callable[[Desk, Namespace], Any]


COMMANDS: dict[str, Command] = {}


def command(
    name: str, about: str, *arguments: tuple[str, dict[str, Any]]
) -> Callable[[Callable[[Desk, Namespace], Any]], Callable[[Desk, Namespace], Any]]:
    """Enter a function in the table of sub-commands."""

    def enter(run: Callable[[Desk, Namespace], Any]) -> Callable[[Desk, Namespace], Any]:
        words = Words(f"%mpc {name}", add_help=False)
        for flag, options in arguments:
            words.add_argument(flag, **options)
        bare = bool(arguments) and not any(flag.startswith("-") for flag, _ in arguments)
        COMMANDS[name] = Command(about, words, bare, run)
        return run

    return enter


def obey(desk: Desk, line: str) -> Any:
    """Run `%mpc LINE`; what it returns is displayed."""
    try:
        name, *rest = shlex.split(line) or ["help"]
    except ValueError:
        raise UsageError("a quote is not closed in this line") from None
    if name not in COMMANDS:
        raise UsageError(f"%mpc knows {', '.join(COMMANDS)}; %mpc help explains them")
    chosen = COMMANDS[name]
    try:
        marked = ["--", *rest] if chosen.bare else rest  # a key may begin with a hyphen
        return chosen.run(desk, chosen.words.parse_args(marked))
    except KeyboardInterrupt:
        raise Interrupted(f"you pressed stop; %mpc {name} did not finish") from None


ME = ("--as", {"dest": "me", "metavar": "ME", "required": True})
ADDRESS = {"metavar": "IP", "help": "where the others reach this machine"}


@command(
    "host",
    "open a room and print the lines to send to the others",
    ("name", {"metavar": "ROOM"}),
    ME,
    ("--with", {"dest": "others", "nargs": "+", "metavar": "NAME", "required": True}),
    ("--address", {**ADDRESS, "default": "127.0.0.1"}),
    ("--folder", {"default": "."}),
    ("--scheme", {"default": "rep3"}),
)
def host(desk: Desk, args: Namespace) -> Shown:
    """Write the room file, open the lobby, wait for the others in the background."""
    desk.prepare()
    from mpckernel.session.hosting import host as open_room

    hosting = open_room(args.name, args.me, args.others, args.scheme, args.folder, args.address)
    desk.hosting = hosting
    lines = {
        name: f"%mpc join {hosting.path.name} --as {name}"
        + (f" --ticket {hosting.tickets[name].text()}" if name in hosting.tickets else "")
        for name in args.others
    }
    desk.seat_at(Opening(args.name, partial(_enter_as_host, hosting)), lines)
    private = " (a ticket opens once: send each line to its party alone)" if hosting.tickets else ""
    return Shown(
        (
            f"Room {args.name} is open. Send the file {hosting.path} to the others "
            f"and to each its line{private}.",
            faces.Table("Lines to send", ("to", "line"), list(lines.items())),
            f"Trust: {hosting.room.model}",
        )
    )


def _enter_as_host(hosting: Any, notice: Any, cancelled: Any) -> Any:
    return hosting.enter(WAIT, notice=notice, cancelled=cancelled)


@command(
    "join",
    "enter a room by its file",
    ("file", {"metavar": "ROOM.mpc"}),
    ME,
    ("--ticket", {"metavar": "TICKET", "help": "the one-time ticket the host sent you"}),
    ("--address", ADDRESS),
    ("--wait", {"type": float, "default": JOIN_AT_ONCE, "metavar": "S"}),
    ("--simulation", {"action": "store_true", "help": "all parties are on one machine"}),
)
def join(desk: Desk, args: Namespace) -> Shown:
    """Enter; who is missing after a moment is waited for in the background."""
    desk.prepare()
    from mpckernel.session.joining import join as enter_room
    from mpckernel.session.roomfile import read

    name = read(Path(args.file)).name

    def enter(notice: Any, cancelled: Any) -> Any:
        return enter_room(
            args.file,
            args.me,
            args.ticket,
            WAIT,
            address=args.address,
            notice=notice,
            cancelled=cancelled,
        )

    desk.seat_at(Opening(name, enter, simulation=args.simulation))
    return arrived(desk, args.wait)


def arrived(desk: Desk, wait: float) -> Shown:
    """The room's status if everybody comes in time, else who is missing."""
    opening = desk.opening
    if opening is None:
        raise UsageError("the room was left")
    try:
        opening.seat.result(wait)
    except TimeoutError:
        names = faces.listed(opening.missing) if opening.missing else "the others"
        return Shown((f"In room {opening.name}; waiting for {names}. Joint cells wait, too.",))
    except MpcError:
        desk.close()
        raise
    return status(desk, Namespace())


@command(
    "local",
    "simulate a room: this notebook is the first party, the others are started here",
    ("names", {"nargs": "*", "metavar": "NAME"}),
)
def local(desk: Desk, args: Namespace) -> Shown:
    """The same path as host and join, with the other kernels on this machine."""
    desk.prepare()
    from mpckernel.kernel.simulation import Simulation

    names = args.names or ["alice", "bob", "carol"]
    folder = tempfile.mkdtemp(prefix="mpckernel-")
    desk.simulation = Simulation(desk, names, folder)
    try:
        desk.simulation.open()
        return status(desk, Namespace())
    except BaseException:
        desk.close()
        raise


@command("status", "the room, who is there, and the secrets in this notebook")
def status(desk: Desk, _args: Namespace) -> Shown:
    """Also before the room is complete: who is missing."""
    desk.arrive()
    opening = desk.opening
    if opening is not None and not opening.seat.done():
        names = faces.listed(opening.missing) if opening.missing else "the others"
        lines = list(desk.lines_to_send().items())
        waiting = f"Room {opening.name}: waiting for {names} to join."
        sent = faces.Table("Lines to send", ("to", "line"), lines)
        return Shown((waiting, sent) if lines else (waiting,))
    room = desk.room()
    return faces.status(room, desk.words(), desk.secrets())


@command("cost", "the last joint cell: planned and measured")
def cost(desk: Desk, _args: Namespace) -> Shown:
    """From the ledger."""
    return faces.cost(desk.room())


@command("log", "everything that was ever revealed in this room, without the values")
def log(desk: Desk, _args: Namespace) -> Shown:
    """From the ledger."""
    return faces.log(desk.room())


@command("inspect", "who holds which shares of a secret", ("name", {"metavar": "SECRET"}))
def inspect(desk: Desk, args: Namespace) -> None:
    """Hand the secret to the views."""
    from mpckernel.kernel.inspecting import show

    show(desk, args.name)


@command("id", "your public key, to give to those who host", ("name", {"metavar": "NAME"}))
def identity(_desk: Desk, args: Namespace) -> Shown:
    """Made at the first call."""
    from mpckernel.session.identity import load_or_create

    mine = load_or_create(args.name)
    return Shown((faces.Table("Public key", ("name", "key"), [(mine.name, mine.public)]),))


@command(
    "contact",
    "remember another party's public key: no ticket is needed then",
    ("name", {"metavar": "NAME"}),
    ("key", {"metavar": "KEY"}),
)
def contact(_desk: Desk, args: Namespace) -> Shown:
    """For keys exchanged before."""
    from mpckernel.session.identity import add_contact

    add_contact(args.name, args.key)
    return Shown((f"{args.name} is a contact now: rooms you host know this key.",))


@command("freeze", "turn live views into what a saved notebook can show")
def freeze(desk: Desk, _args: Namespace) -> None:
    """Also done when the kernel ends."""
    desk.freeze()


@command("stop", "leave the room; a simulation ends its other parties")
def stop(desk: Desk, _args: Namespace) -> Shown:
    """Names of secrets stay, but nothing can be computed on them any more."""
    name = desk.opening.name if desk.opening else None
    desk.close()
    return Shown((f"You have left room {name}." if name else "No room was open.",))


@command("help", "this list")
def help_(_desk: Desk, _args: Namespace) -> Shown:
    """What one can type."""
    rows = [
        (" ".join(c.words.format_usage().removeprefix("usage: ").split()), c.about)
        for c in COMMANDS.values()
    ]
    rows += [
        ("%%mpc [--dry] [--max-rounds N] [--max-bytes N] [--timeout S]", "a joint cell"),
        ("%%party NAME", "in a simulation: a private cell of that party"),
    ]
    return Shown((faces.Table("Magics", ("type", "to"), rows),))

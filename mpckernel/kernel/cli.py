"""The command `mpckernel`: install, demo, bench, keys, version."""

# ruff: noqa: T201 (a command line prints)

import importlib
import importlib.util
import sys
from argparse import ArgumentParser, Namespace

from mpckernel import __version__
from mpckernel.errors import MpcError, SetupError


def main(argv: list[str] | None = None) -> int:
    """Parse, delegate, print; an MpcError is one line on stderr and exit code 2."""
    args, rest = _parser().parse_known_args(sys.argv[1:] if argv is None else argv)
    if rest and args.run is not _bench:
        print(f"mpckernel: unknown words {' '.join(rest)}; see mpckernel --help", file=sys.stderr)
        return 2
    args.rest = rest
    try:
        return int(args.run(args) or 0)
    except MpcError as why:
        print(f"mpckernel: {why}", file=sys.stderr)
        return 2


def _parser() -> ArgumentParser:
    parser = ArgumentParser("mpckernel", description="Notebooks that compute together on secrets.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    install = commands.add_parser("install", help="write the Jupyter kernelspec")
    install.add_argument("--user", action="store_true", help="for this user, not the environment")
    install.add_argument("--prefix", help="for another environment")
    install.set_defaults(run=_install)

    about = "JupyterLab with alice, bob and carol side by side"
    for name, words in (("demo", about), ("classroom", "another name for demo")):
        demo = commands.add_parser(name, help=words)
        demo.add_argument("--folder", default="mpckernel-demo", help="where the notebooks go")
        demo.add_argument("--parties", nargs=3, default=["alice", "bob", "carol"], metavar="NAME")
        demo.add_argument("--port", type=int, default=8888)
        demo.add_argument("--no-browser", action="store_true")
        demo.add_argument("--run", action="store_true", dest="now", help="compute and compare here")
        demo.add_argument("--out", default="build/demo", metavar="DIR", help="where --run writes")
        demo.add_argument("--demo", default="01", metavar="NN", help="which one --run executes")
        demo.set_defaults(run=_demo)

    bench = commands.add_parser("bench", help="measure; see mpckernel bench --help", add_help=False)
    bench.set_defaults(run=_bench)

    keys = commands.add_parser("keys", help="print public keys, making them if need be")
    keys.add_argument("names", nargs="+", metavar="NAME")
    keys.set_defaults(run=_keys)

    version = commands.add_parser("version", help="print the version")
    version.set_defaults(run=_version)
    return parser


def _install(args: Namespace) -> None:
    from mpckernel.kernel.install import install

    print(f"kernelspec in {install(user=args.user, prefix=args.prefix)}")


def _demo(args: Namespace) -> int:
    if args.now:
        try:
            module = importlib.import_module("mpckernel.demo.command")
        except ModuleNotFoundError as why:
            hint = "install it with: pip install 'mpckernel[demo]'"
            raise SetupError(f"the demo needs {why.name}; {hint}") from None
        return int(module.main(["--out", args.out, "--demo", args.demo]))
    from mpckernel.kernel.classroom import open_lab

    print("JupyterLab: three notebooks, one room. To end it, press Control-C twice.", flush=True)
    return open_lab(args.folder, args.parties, port=args.port, browser=not args.no_browser)


def _bench(args: Namespace) -> int:
    return int(importlib.import_module("mpckernel.bench.command").main(args.rest))


def _keys(args: Namespace) -> None:
    from mpckernel.session.identity import load_or_create

    for name in args.names:
        mine = load_or_create(name)
        print(f'{mine.name} = "{mine.public}"')


def _version(_args: Namespace) -> None:
    print(__version__)

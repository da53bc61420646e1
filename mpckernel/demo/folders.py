"""Where the demo's notebooks are, and a folder for each party with nothing but its own files."""

from importlib.resources import files
from pathlib import Path
from shutil import copy, rmtree

import mpckernel
from mpckernel.demo.catalogue import DEMOS
from mpckernel.errors import SetupError

PARTIES = ("alice", "bob", "carol")


def source(demo: str = DEMOS["01"].folder) -> Path:
    """The folder of a demo's notebooks and tables, installed or in the source tree."""
    try:
        found = Path(str(files("mpckernel.demo_notebooks"))) / demo
    except ModuleNotFoundError:
        found = Path(mpckernel.__file__).parents[1] / "demo_notebooks" / demo
    if not (found / "slides.ipynb").exists():
        raise SetupError("the demo's notebooks are not installed; install mpckernel again")
    return found


def lay_out(out: Path, demo: str = DEMOS["01"].folder) -> dict[str, Path]:
    """Fresh folders under `out`: slides with all tables, and one per party with its own alone."""
    out.mkdir(parents=True, exist_ok=True)
    origin = source(demo)
    folders = {name: out / name for name in ("slides", *PARTIES)}
    for name, folder in folders.items():
        if folder.exists():
            rmtree(folder)
        folder.mkdir()
        copy(origin / f"{name}.ipynb", folder)
        for party in PARTIES if name == "slides" else (name,):
            for own in sorted(origin.glob(f"{party}.*")):
                if own.suffix != ".ipynb":
                    copy(own, folder)
    return folders

"""The kernelspec: `mpckernel install` writes one with the full path of this interpreter.

The wheel brings the same files as data (share/jupyter/kernels/mpckernel); this is for editable
installs, for other prefixes and for environments that Jupyter does not run in.
"""

import json
import sys
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

NAME = "mpckernel"


def install(*, user: bool = False, prefix: str | None = None) -> Path:
    """Write the kernelspec for this interpreter; returns where it went."""
    from jupyter_client.kernelspec import KernelSpecManager

    with TemporaryDirectory() as folder, as_file(files("mpckernel") / "kernelspec") as source:
        made = Path(folder) / NAME
        copytree(source, made)
        spec = json.loads((made / "kernel.json").read_text(encoding="utf-8"))
        spec["argv"][0] = sys.executable
        (made / "kernel.json").write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")
        where = KernelSpecManager().install_kernel_spec(
            str(made), NAME, user=user, prefix=prefix or (None if user else sys.prefix)
        )
    return Path(where)

"""The house rules: imports one way, each layer its own language, small files."""

import ast
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mpckernel"
SOURCES = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "widgets").rglob("*.py")])

# Words that belong to another layer may not appear as names in this one.
FOREIGN = {
    "ring": "Rep3 Bits3 Party party plan cell display zmq send",
    "sharing": "Party exchange plan cell display zmq send",
    "protocols": "plan cell display zmq socket asyncio frame",
    "wire": "Rep3 Bits3 Party plan cell display zmq socket",
    "transport": "Rep3 Bits3 Party plan cell display",
    "runtime": "display IPython ufunc zmq",
    "array": "Rep3 Bits3 Party exchange frame zmq socket",
    "nn": "Rep3 Bits3 Party exchange frame zmq socket uint64",
    "learn": "Rep3 Bits3 Party exchange frame zmq socket uint64",
    "session": "Rep3 Bits3 Party exchange ufunc uint64",
    "kernel": "Rep3 Bits3 Party exchange uint64 ufunc",
}
LONGEST_FILE, LONGEST_FUNCTION = 500, 60


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("layer", FOREIGN)
def test_layer_speaks_its_own_language(layer: str) -> None:
    foreign = set(FOREIGN[layer].split())
    for path in (PACKAGE / layer).rglob("*.py"):
        with path.open("rb") as f:
            for tok in tokenize.tokenize(f.readline):
                bad = tok.type == tokenize.NAME and tok.string in foreign
                assert not bad, f"{path}:{tok.start[0]} says {tok.string}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_small_and_said_what_for(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST_FILE
    tree = ast.parse(text)
    assert not text.strip() or ast.get_docstring(tree), "a module says what it is"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno
            assert length < LONGEST_FUNCTION, f"{path}:{node.lineno} {node.name}"


def test_imports_go_one_way() -> None:
    tool = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert tool, "import-linter is part of the test extra"
    assert run(tool) == ""


@pytest.mark.slow
def test_types() -> None:
    tool = shutil.which("basedpyright", path=str(Path(sys.executable).parent))
    assert tool, "basedpyright is part of the test extra"
    assert run(tool, "--pythonpath", sys.executable) == ""


def test_ruff() -> None:
    assert run(sys.executable, "-m", "ruff", "check", ".") == ""
    assert run(sys.executable, "-m", "ruff", "format", "--check", ".") == ""

"""Documents are part of the code: names, links, sizes and commands in them are held to the tree."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mpckernel"
ARCHITECTURE = PACKAGE / "ARCHITECTURE.md"
DECISIONS = sorted((PACKAGE / "decisions").glob("*.md"))
PARTS = ("Context", "Decision", "Consequences", "How we would notice it was wrong")
OURS = {".venv", "build", "node_modules", ".git", ".pytest_cache"}
DOCUMENTS = sorted(p for p in ROOT.rglob("*.md") if not OURS & set(p.relative_to(ROOT).parts))
TICKED = re.compile(r"`([^`]+)`")


def rows(text: str, columns: int) -> list[list[str]]:
    """The cells of all table rows with so many columns."""
    split = [line.strip("|\n ").split(" | ") for line in text.splitlines() if line[:1] == "|"]
    padded = [[*cells, ""] if len(cells) == columns - 1 else cells for cells in split]
    return [cells for cells in padded if len(cells) == columns and set(cells[0]) != {"-"}]


def modules_in_table() -> dict[str, set[str]]:
    """Layer folder -> modules that ARCHITECTURE.md says it has."""
    named: dict[str, set[str]] = {}
    for layer, modules, _ in rows(ARCHITECTURE.read_text(), 3):
        folders = [name for name in TICKED.findall(layer) if name.endswith("/")]
        if len(folders) == 1 and folders[0] != "widgets/":
            named[folders[0].strip("/")] = set(re.findall(r"`([a-z_]\w*)`", modules))
    return named


def modules_in_tree(layer: str) -> set[str]:
    hidden = ("__init__", "__main__")
    return {p.stem for p in (PACKAGE / layer).glob("*.py") if p.stem not in hidden}


def test_architecture_names_every_module_and_no_other() -> None:
    named = modules_in_table()
    tree = {str(p.parent.relative_to(PACKAGE)) for p in PACKAGE.rglob("*.py")} - {"."}
    assert set(named) == tree, "one row for each folder with modules"
    for layer, modules in named.items():
        missing, extra = modules_in_tree(layer) - modules, modules - modules_in_tree(layer)
        assert not missing, f"ARCHITECTURE.md, {layer}/: these modules have no words: {missing}"
        assert not extra, f"ARCHITECTURE.md, {layer}/: these modules do not exist: {extra}"


def test_the_trace_names_real_functions() -> None:
    steps = [r for r in rows(ARCHITECTURE.read_text(), 4) if r[0].isdigit()]
    assert len(steps) > 10
    for number, where, *_ in steps:
        names = TICKED.findall(where)
        sources = [(PACKAGE / n).read_text() for n in names if n.endswith(".py")]
        assert sources, f"step {number} names no file"
        for name in (n for n in names if not n.endswith(".py")):
            found = any(re.search(rf"(def|class) {re.escape(name)}\b", s) for s in sources)
            assert found, f"step {number}: there is no {name} in its files"


def test_architecture_is_short() -> None:
    assert len(ARCHITECTURE.read_text().splitlines()) <= 130


@pytest.mark.parametrize("path", DECISIONS, ids=lambda p: p.stem)
def test_decision_has_its_four_parts_on_one_page(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(f"# {path.stem[:4]} "), "the heading repeats the number"
    said = re.findall(r"^\*\*([^*]+)\.\*\*", text, re.MULTILINE)
    assert [part for part in said if part in PARTS] == list(PARTS)
    assert len(text.splitlines()) <= 60


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(p.stem[:4]) for p in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)
    for target in [*links, *re.findall(r'src="([^":]+)"', text)]:
        assert (path.parent / target).exists(), f"{target} does not exist"


def test_readme_names_real_commands() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text())
    assert named, "the README says how to start"
    assert set(named) - {"demo"} <= set(targets)


def test_pictures_are_small() -> None:
    for picture in (ROOT / "demo_notebooks").rglob("*.png"):
        assert picture.stat().st_size < 300_000, picture

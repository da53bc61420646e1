"""ARRAY_API.md from the public test suite: `python -m tests.array_api SUITE [EXAMPLES]`.

SUITE is a clone of github.com/data-apis/array-api-tests with its submodule; its requirements are
pytest, hypothesis and ndindex. Run from the root of this repository.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

from tests.array_api.reasons import NOT_HELD, OBJECT, PARTLY, REASONS, SPECIAL

ROOT = Path(__file__).parents[2]
FILE = ROOT / "mpckernel" / "array" / "ARRAY_API.md"
PASSED, FAILED = "passes", "misses"


def results(suite: Path, examples: int) -> dict[str, str]:
    """Outcome of every test of the suite, by file::name."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [
            sys.executable, "-m", "pytest", "-q", "-p", "tests.array_api.plugin",
            "-p", "no:randomly", "-p", "no:cacheprovider", "--derandomize", "--disable-deadline",
            f"--max-examples={examples}", "--tb=no", f"--junitxml={report}", "array_api_tests",
        ]  # fmt: skip
        subprocess.run(command, cwd=suite, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
        cases = ElementTree.parse(report).getroot().iter("testcase")
        return {_id(case.attrib): _outcome(case) for case in cases}


def _id(case: dict[str, str]) -> str:
    return f"{case['classname'].rpartition('.')[2]}::{case['name']}"


def _outcome(case: ElementTree.Element) -> str:
    kinds = {child.tag for child in case}
    return "skipped" if "skipped" in kinds else FAILED if kinds & {"failure", "error"} else PASSED


def names(suite: Path) -> dict[str, list[str]]:
    """The functions of the standard by chapter; operators and methods last."""
    sys.path.insert(0, str(suite))
    import_module("tests.array_api.plugin")  # with it the suite can be imported
    stubs = import_module("array_api_tests.stubs")
    chapters = {k: [f.__name__ for f in fs] for k, fs in stubs.category_to_funcs.items()}
    chapters["linalg"] = [f"linalg.{f.__name__}" for f in stubs.extension_to_funcs["linalg"]]
    chapters["fft"] = [f"fft.{f.__name__}" for f in stubs.extension_to_funcs["fft"]]
    return chapters


def about(name: str, tests: dict[str, str]) -> dict[str, str]:
    """The tests of one function: of values, signature and presence; not of special values."""
    home, _, last = name.rpartition(".")
    found = {}
    for test, outcome in tests.items():
        module, _, called = test.partition("::")
        base, _, variant = called.partition("[")
        inside = variant.removesuffix("]").partition("(")[0]
        if module in ("test_special_cases", "test_array_object"):
            continue
        if base == "test_has_names":
            mine = inside.rpartition("-")[2] == last and (
                inside.partition("-")[0] == home or not home
            )
        elif base in ("test_func_signature", "test_extension_func_signature"):
            mine = inside in (last, name) or inside.rpartition("-")[2] == last
        elif base.startswith("test_binary_with_scalars") or base in ("test_clip", "test_where"):
            mine = inside == last or base == f"test_{last}"
        else:
            mine = base == f"test_{last}" and not home
            if home:
                mine = base in (f"test_{last}", f"test_{home}_{last}") and module == f"test_{home}"
        if mine:
            found[test] = outcome
    return found


def table(chapters: dict[str, list[str]], tests: dict[str, str], examples: int) -> str:
    """The document."""
    rows: list[str] = []
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for chapter in sorted(chapters, key=lambda c: (c in ("linalg", "fft"), c)):
        rows += [f"\n## {chapter.replace('_', ' ').capitalize()}\n", _HEAD_OF_ROWS]
        for name in chapters[chapter]:
            mine = Counter(about(name, tests).values())
            total = mine[PASSED] + mine[FAILED]
            reason = REASONS.get(name, "")
            if not mine[FAILED]:
                outcome = PASSED
                if reason and name not in NOT_HELD:
                    wrong.append(f"{name} passes, and has a reason to miss")
            else:
                value = [t for t, o in about(name, tests).items() if o == PASSED and _of_values(t)]
                outcome = "partly" if value or name in PARTLY else FAILED
                if not reason:
                    wrong.append(f"{name} misses for no reason: {_failing(name, tests)}")
            counts[outcome] += 1
            rows.append(f"| `{name}` | {outcome} | {mine[PASSED]} of {total} | {reason} |")
    rows += ["\n## The array object\n", "| tried | outcome | why |\n|---|---|---|"]
    for test, (tried, reason) in OBJECT.items():
        seen = {o for t, o in tests.items() if t.partition("::")[2].partition("[")[0] == test}
        rows.append(f"| {tried} | {FAILED if FAILED in seen else PASSED} | {reason} |")
    if wrong:
        sys.exit("\n".join(wrong))
    return _HEAD.format(examples=examples, **_figures(counts, tests)) + "\n".join(rows) + "\n"


def _of_values(test: str) -> bool:
    return "test_has_names" not in test and "signature" not in test


def _failing(name: str, tests: dict[str, str]) -> list[str]:
    return [t for t, outcome in about(name, tests).items() if outcome == FAILED]


def _figures(counts: Counter[str], tests: dict[str, str]) -> dict[str, object]:
    special = [o for t, o in tests.items() if t.startswith("test_special_cases")]
    usual = [o for t, o in tests.items() if not t.startswith(("test_special_cases", "test_fft"))]
    return {
        "passes": counts[PASSED],
        "partly": counts["partly"],
        "misses": counts[FAILED],
        "functions": sum(counts.values()),
        "usual": usual.count(PASSED),
        "usual_all": usual.count(PASSED) + usual.count(FAILED),
        "special": special.count(PASSED),
        "special_all": special.count(PASSED) + special.count(FAILED),
        "special_why": SPECIAL,
    }


_HEAD_OF_ROWS = "| function | outcome | tests | why |\n|---|---|---|---|"
_HEAD = """# The array API standard on secrets

`xp = x.__array_namespace__()` gives the namespace of the Python array API standard, version
2024.12, for a secret array. This is what the standard's public test suite says of it, run on a room
in the clear whose results it may look at, with {examples} examples a test. `float64` is fixed point
(`sfix20`), `int64` is `sint`, `bool` is `sbool`; the other types are not there. The suite's numbers
are multiples of 2^-10 within 2^10 (what fixed point holds exactly), whole numbers stay within 2^20.

| | |
|---|---|
| functions that pass | {passes} of {functions} |
| functions that pass in part | {partly} |
| functions that miss | {misses} |
| tests of functions, types and signatures | {usual} of {usual_all} |
| tests of special values | {special} of {special_all} |

{special_why}

Written by `python -m tests.array_api SUITE`, where SUITE is a clone of
`github.com/data-apis/array-api-tests` with its submodule.
"""

if __name__ == "__main__":
    place = Path(sys.argv[1]).resolve()
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    outcomes = results(place, number)
    FILE.write_text(table(names(place), outcomes, number))

"""Agreement before the first share moves: equal cells, equal plans; a difference is shown."""

from difflib import unified_diff
from typing import Any

import numpy as np

from mpckernel.errors import CellsDiffer
from mpckernel.runtime.plan import Call, Plan, fingerprint, form
from mpckernel.runtime.reasons import readable

SHOWN = 40  # lines of a diff
CALLS = 5000  # fingerprints compared one by one
SEED = "random numbers need a seed, rng = np.random.default_rng(1)"


def normal(text: str) -> str:
    """The text of a cell as it is compared: trailing blanks do not count. Lines end with \\n or
    \\r\\n: splitlines() knows more ends than Python, and two programs would have equal texts."""
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    return "\n".join(line.rstrip(" \t") for line in lines)


def compare_texts(mine: str, others: dict[str, str], me: str) -> None:
    """Raises CellsDiffer with a diff if a party is about to run another cell. Of a text that is far
    longer than ours, the beginning is compared: what is shown ends before, and a diff of lines that
    come again and again takes time."""
    ours = mine.split("\n")
    for name, text in others.items():
        if text != mine:
            theirs = text.split("\n", most := 2 * len(ours) + SHOWN)[:most]
            lines = unified_diff(ours, theirs, f"{me} (here)", name, lineterm="", n=2)
            shown = [readable(line, 200) for line in lines][:SHOWN]
            raise CellsDiffer(
                f"this cell differs from {name}'s; nothing was sent. Make them equal and run "
                "again:\n" + "\n".join(shown)
            )


def describe(plan: Plan) -> dict[str, list[Any]]:
    """What to tell the others about a plan that differs: per call a fingerprint, one that leaves
    public values out, and a line. Never a value: it may be a private variable used by mistake."""
    calls = plan.calls[:CALLS]
    return {
        "calls": [fingerprint(c)[:8].hex() for c in calls],
        "forms": [form(c)[:8].hex() for c in calls],
        "lines": [c.line for c in calls],
    }


def compare_plans(plan: Plan, theirs: dict[str, dict[str, list[Any]]]) -> CellsDiffer:
    """The error that shows the first difference between our plan and another party's."""
    mine = describe(plan)
    for name, other in theirs.items():
        for k, ours in enumerate(mine["calls"]):
            if k >= len(other["calls"]) or other["calls"][k] != ours:
                return CellsDiffer(_difference(plan, mine, other, k, name))
        if len(other["calls"]) > len(mine["calls"]):
            return CellsDiffer(
                f"{name}'s cell asks for more than this one after line {mine['lines'][-1]}"
                if mine["lines"]
                else f"{name}'s cell asks for something and this one does not; nothing was sent"
            )
    return CellsDiffer("the parties' plans differ; nothing was sent. Are all versions the same?")


def _difference(plan: Plan, mine: dict[str, Any], other: dict[str, Any], k: int, name: str) -> str:
    line, here = mine["lines"][k], _public(plan, plan.calls[k])
    if other["forms"][k : k + 1] == [mine["forms"][k]]:
        return (
            f"line {line}: a public value differs from {name}'s{here and f', here {here}'}; no "
            "value was sent. Public values must be the same at every party: a private one is "
            f"written with its owner's name ({name}.x), and {SEED}"
        )
    return (
        f"line {line}: from here on the plan differs from {name}'s (a shape, an index or the path "
        f"taken is not the same; {SEED}); nothing was sent"
    )


def _public(plan: Plan, call: Call) -> str:
    """The single public number among the operands, as the user wrote it; "" if there is none."""
    single = [x for x in call.operands if isinstance(x, np.ndarray) and x.size == 1]
    if not single:
        return ""
    value = single[0].reshape(-1)[0]
    if single[0].dtype == np.bool_:
        return str(bool(value))
    return plan.said.get(int(value), str(int(np.int64(value))))

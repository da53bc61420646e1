"""The tables of FIGURES.md, made from kept results."""

from collections.abc import Iterator
from pathlib import Path

from mpckernel.bench.declared import named, with_note
from mpckernel.bench.estimates import estimates, step
from mpckernel.bench.growing import growth
from mpckernel.bench.peers import comparison
from mpckernel.bench.results import Result, load, table
from mpckernel.bench.workloads import CASES

SECTIONS = ("loopback", "lan", "wan")
_NETWORK_HEAD = ("name", "workload", "median, s", "range, s", "MB sent per party", "rounds",
                 "waiting")  # fmt: skip
_HEAD = (
    "name", "workload", "median, s", "range, s", "MB sent per party", "rounds", "bits an element",
    "literature: bits, rounds", "recording", "work", "wire", "waiting", "machine busy",
    "times NumPy", "error used", "load",
)  # fmt: skip


def all_tables(folder: Path) -> dict[str, str]:
    """By marker."""
    made = {"loopback": _full(load(folder, "loopback"))}
    made |= {name: _short(load(folder, name)) for name in ("lan", "wan")}
    made["network"] = _networks(load(folder, "network"))
    made["starts"] = _starts(load(folder, "starts"))
    made["growth"] = growth(load(folder, "growth"))
    made["estimate"] = estimates(folder)
    made["peers"] = comparison(load(folder, "beside"))
    made["training"] = _trainings(load(folder, "training"), load(folder, "float32"))
    made["truncation"] = _truncation(load(folder, "truncation"))
    return {name: text for name, text in made.items() if text}


def ordered(rows: dict[str, Result]) -> Iterator[Result]:
    """In the order of the workloads."""
    for name in CASES:
        if name in rows:
            yield rows[name]


def seconds(value: float) -> str:
    """Three digits."""
    return f"{value:.3g}" if value < 0.1 else f"{value:.3f}" if value < 10 else f"{value:.1f}"


def share(part: float, whole: float) -> str:
    """Percent."""
    return f"{100 * part / whole:.0f} %" if whole else ""


def _spread(row: Result) -> str:
    return f"{seconds(row['range'][0])}-{seconds(row['range'][1])}"


def _sent(row: Result) -> str:
    return f"{sum(row['sent_bytes']) / row['parties'] / 1e6:.2f}"


def _crowd(row: Result) -> float:
    return float(row["parties"]) / float(row["cores"])


def _full(rows: dict[str, Result]) -> str:
    lines = []
    for r in ordered(rows):
        if r["failed"]:
            lines.append((r["name"], r["what"], "failed", r["failed"], *[""] * (len(_HEAD) - 4)))
            continue
        wall, reference = r["seconds"], CASES[r["name"]].reference
        lines.append((
            named(r), r["what"], f"**{seconds(wall)}**", _spread(r), _sent(r), str(r["rounds"]),
            f"{r['planned_bits'] / r['n']:,.0f}" if r["n"] else "",
            f"{reference.bits}, {reference.rounds}" if reference else "",
            share(r["record_seconds"], wall), share(r["work_seconds"], wall),
            share(r["wire_seconds"], wall), share(r["waiting_seconds"], wall),
            share(_crowd(r) * (r["work_seconds"] + r["wire_seconds"]), wall),
            f"{wall / r['numpy_seconds']:,.0f}" if r["numpy_seconds"] > 1e-6 else "",
            f"{r['error']:.2f}" if r["error"] else "exact", f"{r['load']:.1f}",
        ))  # fmt: skip
    return with_note(table(_HEAD, lines)) if lines else ""


def _short(rows: dict[str, Result]) -> str:
    lines = [
        (named(r), r["what"], f"**{seconds(r['seconds'])}**", _spread(r), _sent(r),
         str(r["rounds"]), share(r["waiting_seconds"], r["seconds"]))
        for r in ordered(rows)
        if not r["failed"]
    ]  # fmt: skip
    return with_note(table(_NETWORK_HEAD, lines)) if lines else ""


def _networks(rows: dict[str, Result]) -> str:
    head = ("network", "round trip: nominal, measured", "rate: nominal, measured")
    lines = [
        (r["name"], f"{1e3 * r['round_trip']:g} ms, {1e3 * r['measured_round_trip']:.3f} ms",
         f"{r['rate'] / 1e6:g} MB/s, {r['measured_rate'] / 1e6:.1f} MB/s")
        for r in rows.values()
    ]  # fmt: skip
    return table(head, lines) if lines else ""


def _starts(rows: dict[str, Result]) -> str:
    lines = [
        (r["name"], r["what"], f"**{seconds(r['seconds'])}**", _spread(r),
         seconds(r["numpy_seconds"]) if r["numpy_seconds"] else "")
        for r in rows.values()
    ]  # fmt: skip
    head = ("name", "what", "median, s", "range, s", "stock kernel, s")
    return table(head, lines) if lines else ""


def _trainings(rows: dict[str, Result], clear: dict[str, Result]) -> str:
    head = ("name", "workload", "s a step", "predicted, s", "s an epoch",
            "test accuracy after each epoch, %", "at the end in float32, %", "MB a step, per party",
            "rounds a step", "load")  # fmt: skip
    lines = [
        (r["name"], r["what"], f"**{seconds(r['step_seconds'])}**",
         f"{step(r):.3g} ({step(r) / r['step_seconds'] - 1:+.0%})",
         ", ".join(map(seconds, r["epoch_seconds"])),
         ", ".join(f"{100 * a:.2f}" for a in r["accuracies"]), _in_float32(clear.get(r["name"])),
         f"{sum(r['step_bytes']) / len(r['step_bytes']) / 1e6:.2f}", f"{r['step_rounds']:.0f}",
         f"{r['load']:.1f}")
        for r in rows.values()
        if not r.get("failed")
    ]  # fmt: skip
    return table(head, lines) if lines else ""


def _in_float32(row: Result | None) -> str:
    """The least and the most that seeds come to."""
    ends = sorted(100 * run[-1] for run in row["accuracies"]) if row else []
    return f"{ends[0]:.2f} to {ends[-1]:.2f}" if ends else ""


def _truncation(rows: dict[str, Result]) -> str:
    head = ("operation", "values", "floor", "floor + 1", "anything else", "mean error, ulp",
            "expected floor + 1", "deviation, standard errors")  # fmt: skip
    lines = [
        (r["name"], f"{r['n']:,}", f"{r['floor']:,}", f"{r['above']:,}", f"{r['other']:,}",
         f"{r['mean']:+.2e}", f"{r['expected']:,.0f}", f"{r['sigmas']:+.2f}")
        for r in rows.values()
    ]  # fmt: skip
    return table(head, lines) if lines else ""

"""MP-SPDZ (replicated ring, three parties, 64 bits) on the workloads.

    python mpspdz.py CHECKOUT W1 W3a ...

A JSON line for each. The programs of mp-spdz/ are compiled once in the checkout, with a budget that
lets a whole vector share rounds. Where a program passes twice, the second, warm pass counts. Every
party is a process of its own; links are encrypted, which is the engine's default.
"""

import json
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TIMER = re.compile(r"^Time(\d+) = ([\d.e+-]+) seconds \(([\d.e+-]+) MB, (\d+) rounds\)", re.M)
CHECK = re.compile(r"CHECK got (\S+) want (\S+)")
TRUNC = "trunc_pr split3 unsplit1"
RUNS, LIMIT = 3, 300
# budget, program with its arguments, passes in one timer
CASES = {
    "W1": (10**6, f"w1_fixmul 1000000 {TRUNC}", 1),
    "W2": (10**6, "w2_intmul 1000000", 1),
    "W3a": (10**5, "w3_cmp 100000 lt64 split3 unsplit1", 1),
    "W3b": (10**5, "w3_cmp 1000000 lt64 split3 unsplit1", 1),
    "W3n": (10**5, "w3_cmp 1000000 lt32 split3 unsplit1", 1),
    "W3c": (10**5, "w3_cmp 1000000 relu split3 unsplit1", 1),
    "W4a": (10**5, f"w4_matmul 1000 1000 1000 {TRUNC}", 1),
    "W4b": (10**5, f"w4_matmul 128 784 128 {TRUNC}", 1),
    **{
        f"W5{ours}": (10**5, f"w5_func 100000 {theirs} {TRUNC}", 1)
        for ours, theirs in {
            "exp": "exp", "sigmoid": "sigmoid", "reciprocal": "recip", "division": "div",
            "sqrt": "sqrt", "rsqrt": "invsqrt", "log": "log", "tanh": "tanh",
        }.items()
    },
    "W6a": (10**5, f"w6_sort 10000 {TRUNC}", 1),
    "W6b": (10**5, f"w6_sort 100000 {TRUNC}", 1),
    "W8": (10**5, f"w8_logreg 100 78 sigexact {TRUNC}", 1),
    "W8 five pieces": (10**5, f"w8_logreg 100 78 sig5 {TRUNC}", 1),
    "W9": (10**5, f"w9_mlp 10 {TRUNC}", 10),
    "W10": (10**5, f"w10_cnn 100 {TRUNC}", 1),
    "W11": (1000, "w11_latency 1000", 1),
    "W11f": (1000, f"w11_latency 1000 fix {TRUNC}", 1),
}  # fmt: skip


def compiled(root, name):
    """The program's name once compiled, and where its inputs are."""
    budget, words, _ = CASES[name]
    program, *args = words.split()
    full = "-".join([f"bench_{program}", *args, f"b{budget}"])
    folder = root / "Player-Data" / full
    if not (root / "Programs/Schedules" / f"{full}.sch").exists():
        shutil.copy(
            HERE / "mp-spdz" / f"{program}.mpc", root / f"Programs/Source/bench_{program}.mpc"
        )
        for old in (root / "Player-Data").glob("Input-Binary-P*"):
            old.unlink()
        command = [sys.executable, "./compile.py", "-R", "64", "-b", str(budget),
                   f"bench_{program}", *args, f"b{budget}"]  # fmt: skip
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stdout[-300:] + done.stderr[-300:])
        folder.mkdir(parents=True, exist_ok=True)
        for new in (root / "Player-Data").glob("Input-Binary-P*"):
            new.replace(folder / new.name)
    return full, folder


def run(root, full, folder):
    """One run's timers and checks."""
    port = str(random.randint(10000, 30000))
    logs = [tempfile.TemporaryFile("w+") for _ in range(3)]
    procs = [
        subprocess.Popen(
            ["./replicated-ring-party.x", str(i), full, "-pn", port, "-h", "localhost",
             "-IF", str(folder / "Input")],
            cwd=root, stdout=log, stderr=subprocess.STDOUT,
        )
        for i, log in enumerate(logs)
    ]  # fmt: skip
    try:
        codes = [p.wait(LIMIT) for p in procs]
    finally:
        for p in procs:
            p.kill()
    logs[0].seek(0)
    text = logs[0].read()
    if any(codes):
        raise RuntimeError(text[-300:])
    timers = {int(t): (float(s), float(mb), int(r)) for t, s, mb, r in TIMER.findall(text)}
    return timers, [(float(a), float(b)) for a, b in CHECK.findall(text)]


def measure(root, name):
    full, folder = compiled(root, name)
    passes, found = CASES[name][2], []
    for _ in range(RUNS):
        timers, checks = run(root, full, folder)
        found.append(timers.get(2) or timers[1])
    seconds = sorted(s / passes for s, _, _ in found)
    errors = [abs(a - b) / max(1.0, abs(b)) for a, b in checks]
    return {
        "engine": "MP-SPDZ", "name": name, "seconds": statistics.median(seconds),
        "range": [seconds[0], seconds[-1]], "error": max(errors, default=None),
        "sent_bytes": 1e6 * found[-1][1] / passes, "rounds": found[-1][2] // passes,
    }  # fmt: skip


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    for name in sys.argv[2:] or CASES:
        try:
            found = measure(root, name)
        except Exception as why:  # what an engine cannot do is a result, too
            found = {"engine": "MP-SPDZ", "name": name, "failed": str(why)[:200]}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()

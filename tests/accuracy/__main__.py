"""python -m tests.accuracy [--points N] [--write] [name ...]: the measured beside the claimed.

Ends with 1 if an error lies beyond its claim.
"""

import argparse
import sys

from tests.accuracy.document import FILE, document, line, rows


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.accuracy", description=__doc__)
    parser.add_argument("names", nargs="*", help="np.exp, ...; without it, all")
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help=f"rewrite {FILE.name}")
    asked = parser.parse_args()
    measured = []
    for row in rows(asked.points, asked.names):
        print(line(row), flush=True)
        measured.append(row)
    if asked.write and not asked.names:
        FILE.write_text(document(measured, asked.points))
    beyond = [row for row in measured if row.found.share > 1]
    for row in beyond:
        print(f"beyond its claim: {row.claim.label} of {row.t}, at {row.found.worst}")
    return int(bool(beyond))


sys.exit(main())

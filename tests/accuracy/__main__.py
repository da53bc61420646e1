"""python -m tests.accuracy [--points N] [--write] [name ...]: the measured beside the claimed."""

import argparse

from tests.accuracy.document import FILE, document, line, rows


def main() -> None:
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


main()

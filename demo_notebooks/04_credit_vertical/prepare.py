"""Write alice.csv and bob.csv from credit.csv: columns of one table for a bank and for a shop.

The shop's rows are in another order. credit.csv has 19 columns derived from Statlog (German Credit
Data), H. Hofmann, 1994, UCI Machine Learning Repository, licence CC BY 4.0; see README.md.
Run: python demo_notebooks/04_credit_vertical/prepare.py [FOLDER]
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
BANK = ("no_account", "overdrawn", "savings", "critical", "delayed", "elsewhere", "credits", "bad")
STEP = 387  # rows 0, 387, 774, 161, ... of 1000: every row once


def write(folder: Path) -> list[Path]:
    """One file for the bank, one for the shop."""
    import pandas as pd

    table = pd.read_csv(HERE / "credit.csv")
    shop = table.drop(columns=list(BANK)).iloc[[k * STEP % len(table) for k in range(len(table))]]
    paths = []
    for name, own in (("alice", table[["id", *BANK]]), ("bob", shop)):
        paths.append(folder / f"{name}.csv")
        own.to_csv(paths[-1], index=False, lineterminator="\n")
    return paths


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(path)  # noqa: T201  (a command's answer)

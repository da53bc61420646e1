"""Write alice.csv, bob.csv and carol.csv: handwritten digits, as three offices collected them.

Source: Optical Recognition of Handwritten Digits (Alpaydin, Kaynak 1998), as in scikit-learn; its
rows lie by writer, so that three parts in their order are people of three offices.
Run: python demo_notebooks/03_joint_digits/prepare.py [FOLDER]
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
ROWS = {"alice": (0, 599), "bob": (599, 1198), "carol": (1198, 1797)}


def write(folder: Path) -> list[Path]:
    """One file per office: the digit, and 64 pixels from 0 (white) to 16."""
    import pandas as pd
    from sklearn.datasets import load_digits

    pixels, digit = load_digits(return_X_y=True)
    table = pd.DataFrame(pixels.astype(int), columns=[f"p{k}" for k in range(64)])
    table.insert(0, "digit", digit)
    paths = []
    for name, (first, end) in ROWS.items():
        paths.append(folder / f"{name}.csv")
        table.iloc[first:end].to_csv(paths[-1], index=False, lineterminator="\n")
    return paths


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(path)  # noqa: T201  (a command's answer)

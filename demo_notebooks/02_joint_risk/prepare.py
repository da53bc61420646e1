"""Write alice.csv, bob.csv and carol.csv: disjoint rows of one public table, as three hospitals.

Source: Wisconsin Diagnostic Breast Cancer (Wolberg, Street, Mangasarian 1995), as in scikit-learn.
Run: python demo_notebooks/02_joint_risk/prepare.py [FOLDER]
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = ("texture", "area", "smoothness", "concavity")
ROWS = {"alice": (0, 230), "bob": (230, 420), "carol": (420, 569)}


def write(folder: Path) -> list[Path]:
    """One file per hospital."""
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer(as_frame=True)
    made = table.data[[f"mean {name}" for name in COLUMNS]].set_axis(list(COLUMNS), axis=1)
    made["malignant"] = table.target == list(table.target_names).index("malignant")
    paths = []
    for name, (first, end) in ROWS.items():
        paths.append(folder / f"{name}.csv")
        made.iloc[first:end].to_csv(paths[-1], index=False, lineterminator="\n")
    return paths


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(path)  # noqa: T201  (a command's answer)

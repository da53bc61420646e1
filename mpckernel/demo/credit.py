"""Demo 04 in the clear: the logistic regression of a bank's and a shop's columns in one table."""

from pathlib import Path

import pandas as pd

from mpckernel.demo import clear
from mpckernel.demo.health import Expected, exact

LABEL = "bad"


def pooled(folder: Path) -> pd.DataFrame:
    """All columns in one table, in the order of the bank's rows."""
    bank, shop = (pd.read_csv(folder / f"{name}.csv") for name in ("alice", "bob"))
    return bank.merge(shop, on="id", how="left", validate="one_to_one")


def expected(folder: Path) -> list[Expected]:
    """Every result revealed to all, in the order of the notebook. folder: of the slides."""
    table = pooled(folder)
    names = tuple(name for name in table if name not in ("id", LABEL))
    z, bad = clear.standard(table[list(names)].to_numpy(float)), table[LABEL].to_numpy(bool)
    of_bank = len(pd.read_csv(folder / "alice.csv", nrows=0).columns) - 2
    b, errors = clear.fit(z, bad)
    alone = clear.risk(z[:, :of_bank], clear.fit(z[:, :of_bank], bad)[0])
    p = clear.risk(z, b)
    return [
        exact("both", "customers of both", len(table)),
        *clear.coefficients(names, b, errors),
        clear.area_of("auc_alone", "area under the ROC curve, bank alone", bad, alone, 4),
        clear.area_of("auc", "area under the ROC curve, together", bad, p, 4),
        clear.validated(z, bad),
        Expected("curve_alone", "rates above thresholds, bank alone", *clear.rates(bad, alone)),
        Expected("curve", "rates above thresholds, together", *clear.rates(bad, p)),
    ]

"""Demo 02 in the clear: the logistic regression of the pooled patients."""

from pathlib import Path

from mpckernel.demo import clear
from mpckernel.demo.health import Expected, pooled

COLUMNS = ("texture", "area", "smoothness", "concavity")


def expected(folder: Path) -> list[Expected]:
    """Every revealed result, in the order of the notebook. folder: of the slides."""
    table = pooled(folder)
    z = clear.standard(table[list(COLUMNS)].to_numpy(float))
    sick = table["malignant"].to_numpy(bool)
    b, errors = clear.fit(z, sick)
    p = clear.risk(z, b)
    values, bounds = clear.rates(sick, p)
    return [
        *clear.coefficients(COLUMNS, b, errors),
        Expected("false_alarms", "benign above thresholds", values[0], bounds[0]),
        Expected("found", "malignant above thresholds", values[1], bounds[1]),
        clear.area_of("auc", "area under the ROC curve", sick, p),
        clear.judged(sick, p),
        clear.validated(z, sick),
    ]

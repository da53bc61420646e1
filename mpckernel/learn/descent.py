"""Logistic regression by stochastic gradient descent: for more columns than Newton's steps take.

Source: SGD as in scikit-learn, on standardised columns, with the mean gradient of a batch.
"""

from fractions import Fraction

import numpy as np

from mpckernel.array.dtypes import sfix24
from mpckernel.array.functions.activations import sigmoid
from mpckernel.array.functions.fused import declared, matmul_to
from mpckernel.array.publics import secret
from mpckernel.array.recorded import recorded
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn import moments
from mpckernel.learn.selection import order_of


def descend(
    d: moments.Design,
    y: SecretArray,
    q: SecretArray,
    plan: tuple[int, int, float, int],
    most: float,
) -> SecretArray:
    """Coefficients (p + 1,), the constant first, none beyond `most`.

    plan: epochs, rows in a batch, rate, and the seed of the public order of rows in each epoch.
    """
    epochs, size, rate, seed = plan
    n, width = d.a.shape
    if not 0 < size <= n or not 0 < rate <= 64:
        raise UsageError(f"sgd: 0 < learning_rate <= 64, and batches of 1 to {n} rows")
    shrink = float(rate * moments.scale(n) / n)
    reach = moments.norm(n) * width * most + 1
    b = declared(secret(np.zeros((width, 1)), sfix24), most)
    column = np.reshape(q * shrink, (width, 1))
    for epoch in range(epochs):
        order = order_of(n, seed + epoch)
        for k in range(0, n - size + 1, size):
            rows = order[k : k + size]
            b = _step(d.a[rows], y[rows], column, b, rate / size, reach, most)
    return np.ravel(b)  # type: ignore[no-any-return]


@recorded
def _step(
    x: SecretArray,
    y: SecretArray,
    decay: SecretArray,
    b: SecretArray,
    rate: float,
    reach: float,
    most: float,
) -> SecretArray:
    t = moments.room_beside(x, reach)
    odds = np.ravel(matmul_to(x, b.astype(t), sfix24, most=reach))
    away = np.reshape(declared(y - sigmoid(odds), 1.01), (len(x), 1))
    # a sum of n products with a column of norm sqrt(n) of the whole table
    step = matmul_to(x.T, away, sfix24, times=Fraction(rate), most=reach)
    return moments.limited(b + step - decay * b, most)

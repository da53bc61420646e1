"""Demo 05 in the clear: what alice's network reads in bob's images, computed from both files.

Weights are shared as multiples of 2^-16 and each layer cuts at 2^-16. Scores are off by less than
2^-8, measured; the bounds allow 2^-6. An image whose two largest scores are closer than twice that
may be read either way, and the bounds say how many there are.
Source: the definitions of the layers, in float64.
"""

from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from mpckernel.demo.health import Expected, exact

OFF = 2.0**-6  # of a score, at most


def expected(folder: Path) -> list[Expected]:
    """Every result that is opened to all, in the order of the notebook. folder: of the slides."""
    table = np.loadtxt(folder / "bob.csv", delimiter=",", skiprows=1)
    truth, images = table[:, 0], table[:, 1:].reshape(-1, 8, 8) / 16
    with (folder / "alice.npz").open("rb") as file, NpzFile(file, allow_pickle=False) as weights:
        scores = network({name: np.asarray(weights[name], np.float64) for name in weights}, images)
    answers, close = scores.argmax(axis=1), near(scores)
    return [
        exact("right", "digits read as a person does", (answers == truth).sum(), close),
        exact("again", "read the same by the restored model", len(truth), close),
    ]


def network(w: dict[str, NDArray[np.float64]], images: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores of ten digits for each image: convolution, pooling, two dense layers."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    maps = np.einsum("nhwij,cij->nchw", windows, w["0.weight"][:, 0])
    maps += w["0.bias"][:, None, None]
    n, c, h, v = maps.shape
    pooled = maps.reshape(n, c, h // 2, 2, v // 2, 2).max(axis=(3, 5))
    flat = np.maximum(pooled, 0).reshape(n, -1)
    hidden = np.maximum(flat @ w["4.weight"].T + w["4.bias"], 0)
    return np.asarray(hidden @ w["6.weight"].T + w["6.bias"])


def near(scores: NDArray[np.float64]) -> int:
    """How many images may be read either way."""
    ordered = np.sort(scores, axis=1)
    return int((ordered[:, -1] - ordered[:, -2] <= 2 * OFF).sum())

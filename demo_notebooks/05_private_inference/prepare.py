"""Write alice.npz, a model of handwritten digits, and bob.csv, images that it has never seen.

Source: the optical recognition of handwritten digits data set (Alpaydin, Kaynak 1998), as in
scikit-learn: 8 x 8 pixels from 0 to 16. Training is ordinary PyTorch, in the clear, at alice.
Run: python demo_notebooks/05_private_inference/prepare.py [FOLDER]; needs PyTorch and scikit-learn.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
TRAINED, SHOWN, EPOCHS = 1500, 100, 60


def images() -> tuple[np.ndarray, np.ndarray]:
    """All images, and what digit each is."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images, digits.target


def network() -> Any:
    """The same layers as in the notebooks, by PyTorch."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(128, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )


def trained(x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Weights by name."""
    import torch

    torch.manual_seed(5)
    torch.set_num_threads(1)
    model, loss = network(), torch.nn.CrossEntropyLoss()
    data, target = torch.tensor(x[:, None] / 16, dtype=torch.float32), torch.tensor(y)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003, weight_decay=1e-4)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(data)).split(50):
            optimizer.zero_grad()
            loss(model(data[rows]), target[rows]).backward()
            optimizer.step()
    return {name: values.numpy() for name, values in model.state_dict().items()}


def write(folder: Path) -> list[Path]:
    """Alice's model and bob's images."""
    x, y = images()
    paths = [folder / "alice.npz", folder / "bob.csv"]
    np.savez(paths[0], **trained(x[:TRAINED], y[:TRAINED]))
    rows = slice(TRAINED, TRAINED + SHOWN)
    table = np.column_stack([y[rows], x[rows].reshape(SHOWN, -1)]).astype(int)
    names = ["digit", *(f"p{k}" for k in range(64))]
    np.savetxt(paths[1], table, "%d", ",", header=",".join(names), comments="")
    return paths


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(path)  # noqa: T201  (a command's answer)

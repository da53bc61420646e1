"""The networks of `mpckernel bench MNIST LENET` in float32, by PyTorch: what accuracy to expect.

    python bench/float32.py --data FOLDER [--seeds 3] [--write bench]        (needs torch)

The same layers, rows, rates and number of epochs; initial weights of the joint training (seed 1)
and of other seeds. Batches are drawn anew in each epoch, in another order than in the joint
training. Accuracies are of the 10 000 test digits, as there.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from mpckernel import nn
from mpckernel.bench import results, tables
from mpckernel.bench.digits import BATCH, SEED, TRAININGS, Training, read


def _pixels(folder: Path, which: str, shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = read(folder, which)
    x = (images.reshape(-1, *shape) / 256.0).astype(np.float32)
    return torch.from_numpy(x), torch.from_numpy(labels.astype(np.int64))


def accuracies(task: Training, folder: Path, seed: int) -> list[float]:
    """After each epoch."""
    nn.manual_seed(seed)
    torch.manual_seed(seed)
    model = task.model()
    ours = task.optimizer(model.parameters())
    schedule = task.schedule(ours)
    rates = {k: v for k, v in ours.param_groups[0].items() if k in ("lr", "momentum")}
    network = nn.to_torch(model)
    optimizer = torch.optim.SGD(network.parameters(), **rates)
    (x, y), (test_x, test_y) = (_pixels(folder, w, task.shape) for w in ("train", "test"))
    found = []
    for epoch in range(task.epochs):
        for group in optimizer.param_groups:
            group["lr"] = rates["lr"] * (schedule.factor(epoch) if schedule else 1.0)
        for rows in torch.randperm(len(x)).split(BATCH):
            if len(rows) == BATCH:  # the joint training leaves out what fills no batch
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(network(x[rows]), y[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            parts = zip(test_x.split(1000), test_y.split(1000), strict=True)
            right = sum(int((network(a).argmax(1) == b).sum()) for a, b in parts)
        found.append(right / len(test_y))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--write", type=Path, metavar="DIR")
    args = parser.parse_args()
    for name, task in TRAININGS.items():
        every = [accuracies(task, args.data, SEED + k) for k in range(args.seeds)]
        found = {"name": name, "accuracies": every}
        print(json.dumps(found), flush=True)
        if args.write:
            results.keep(args.write, "float32", [found])
            results.rewrite(args.write, tables.all_tables(args.write))


if __name__ == "__main__":
    main()

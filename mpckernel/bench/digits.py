"""Training on images of handwritten digits that three owners hold: `mpckernel bench MNIST --data`.

Each party has a third of the training rows; test rows, a sixth as many, are the first one's.
What is measured is nn.fit as a notebook calls it, commits included; accuracies are counted
afterwards, with the weights of each epoch. Files are MNIST's own (LeCun, Cortes, Burges), as they
are or gzipped.
"""

import gzip
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from mpckernel import nn
from mpckernel.array import OwnerName, concat, reveal, settle, sfix, share
from mpckernel.bench.machine import load
from mpckernel.bench.results import Result
from mpckernel.bench.run import hear, parties, tell
from mpckernel.bench.timing import NAMES, one_cell
from mpckernel.errors import UsageError
from mpckernel.nn.optim.lr_scheduler import Schedule
from mpckernel.runtime.cell import current
from mpckernel.runtime.ledger import CellRan
from mpckernel.runtime.room import Room

BATCH, PART, SEED = 128, 100, 1  # PART: steps from commit to commit
TESTED = 500  # rows that are classified at once
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


@dataclass(frozen=True, slots=True)
class Training:
    """A network, its optimiser, and how the rate falls."""

    what: str
    epochs: int
    shape: tuple[int, ...]  # of a row
    model: Callable[[], nn.Module]
    optimizer: Callable[[Any], Any]
    schedule: Callable[[Any], Schedule | None]


def _mlp() -> nn.Module:
    return nn.Sequential(
        nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
    )


def _lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10),
    )  # fmt: skip


TRAININGS = {
    "MNIST": Training(
        f"784-128-128-10, ReLU, batch {BATCH}, rate 1/2, halved in epochs 3, 4, 5", 5, (784,), _mlp,
        lambda p: nn.SGD(p, lr=0.5), lambda o: nn.MultiStepLR(o, [2, 3, 4], 0.5),
    ),
    "LENET": Training(
        f"LeNet, batch {BATCH}, rate 1/16, momentum 7/8", 1, (1, 28, 28), _lenet,
        lambda p: nn.SGD(p, lr=1 / 16, momentum=7 / 8), lambda _: None,
    ),
}  # fmt: skip


def read(folder: Path, which: str) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (n, 28, 28) as they are, 0 to 255, and labels (n,). UsageError for other files."""
    images, labels = (_idx(folder, name) for name in FILES[which])
    if images.ndim != 3 or labels.shape != images.shape[:1] or labels.max(initial=0) > 9:
        raise UsageError(f"{folder}: not images and labels of the same number of digits")
    return images, labels


def _idx(folder: Path, name: str) -> np.ndarray:
    """A file in the IDX format, of bytes: two zeros, 8, the number of axes, their lengths."""
    path, packed = folder / name, folder / f"{name}.gz"
    try:
        data = path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())
    except (OSError, EOFError) as why:
        raise UsageError(f"no {name} in {folder}: {type(why).__name__}") from None
    shape = np.frombuffer(data[4 : 4 + 4 * data[3]], ">u4").astype(np.int64)
    pixels = np.frombuffer(data[4 + 4 * data[3] :], np.uint8)
    if data[:3] != b"\0\0\x08" or pixels.size != np.prod(shape):
        raise UsageError(f"{folder / name} is no IDX file of bytes")
    return pixels.reshape(shape)


def _mine(me: int, folder: Path, rows: int, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """This party's rows: pixels over 256, which eight bits hold exactly."""
    images, labels = read(folder, "train")
    if not 3 * BATCH <= rows <= len(images):
        raise UsageError(f"--rows: {3 * BATCH} to {len(images)}")
    part = slice(me * rows // 3, (me + 1) * rows // 3)
    found = {"x": images[part], "y": labels[part]}
    if me == 0:
        found["test_x"], found["test_y"] = (v[: rows // 6] for v in read(folder, "test"))
    return {
        k: v.astype(np.int64) if v.ndim == 1 else v.reshape(-1, *shape) / 256.0
        for k, v in found.items()
    }


def train(room: Room, job: dict[str, Any]) -> dict[str, Any]:
    """One training at this party, and what it took."""
    task = TRAININGS[job["digits"]]
    mine = _mine(room.me, Path(job["data"]), job["rows"], task.shape)
    owners = [OwnerName(name, k) for k, name in enumerate(NAMES)]

    def begun() -> list[Any]:
        nn.manual_seed(SEED)
        pixels = {"dtype": sfix(8), "bound": 1.0}
        return [
            concat(*[o.x for o in owners], **pixels), concat(*[o.y for o in owners], bound=9),
            share(owners[0].test_x, **pixels), share(owners[0].test_y, bound=9), task.model(),
        ]  # fmt: skip

    x, y, test_x, test_y, model = one_cell(room, begun, mine)[0]
    optimizer = task.optimizer(model.parameters())
    epochs = job["epochs"] or task.epochs
    commits = _commits(job["rows"] // BATCH, epochs)
    times: list[float] = []
    weights: dict[int, Any] = {}  # after so many steps

    def committed() -> None:
        times.append(time.perf_counter())
        weights[commits[len(times) - 1]] = model.state_dict()

    def fitted(rows: slice, epochs: int) -> Any:
        schedule = task.schedule(optimizer)
        loss = nn.CrossEntropyLoss()
        return nn.fit(model, loss, optimizer, x[rows], y[rows], epochs=epochs, batch_size=BATCH,
                      schedule=schedule, checkpoint=PART)  # fmt: skip

    def program() -> Any:
        current().at_checkpoint = committed  # type: ignore[union-attr]
        return fitted(slice(None), epochs)

    def dry(steps: int) -> Any:
        """What --dry finds of so many steps."""
        program = lambda: fitted(slice(steps * BATCH), 1)  # noqa: E731  (a cell)
        return one_cell(room, program, {}, dry=True, priced=True)[1].asks

    few, many = dry(1), dry(3)
    began, sent, ran = time.perf_counter(), room.wire_bytes(), len(room.ledger.entries)
    one_cell(room, program, {})
    cells = [e for e in room.ledger.entries[ran:] if isinstance(e, CellRan)]
    sent = room.wire_bytes() - sent
    ends = [job["rows"] // BATCH * k for k in range(1, epochs + 1)]
    counts = [_right(room, model, weights[end], test_x, test_y) for end in ends]
    return {
        "seconds": times[-1] - began,
        "commits": list(zip(commits, [t - began for t in times], strict=True)),
        "accuracies": [count / test_y.size for count in counts],
        "sent_bytes": sent,
        "bits": sum(c.planned.bits for c in cells),
        "rounds": sum(c.rounds for c in cells),
        "asks": [few, many],
    }


def _commits(steps: int, epochs: int) -> list[int]:
    """After how many steps each commit comes: every PART, and at the end of an epoch."""
    out: list[int] = []
    for k in range(1, steps * epochs + 1):
        out += [k] * ((k % PART == 0) + (k % steps == 0))
    return out


def _right(room: Room, model: Any, state: dict[str, Any], x: Any, y: Any) -> int:
    """How many test rows the weights of an epoch classify as their labels say; some in a cell."""

    def program(rows: slice) -> Any:
        model.load_state_dict(state)
        return nn.evaluate(model, x[rows], y[rows])

    parts = [slice(k, k + TESTED) for k in range(0, y.size, TESTED)]
    counts = [one_cell(room, lambda rows=rows: program(rows), {})[0] for rows in parts]
    return int(settle(one_cell(room, lambda: reveal(np.sum(np.stack(counts))), {})[0]))


def measured(
    names: Iterable[str], folder: Path, *, epochs: int, rows: int, network: str
) -> Iterator[Result]:
    """Each training among three processes, as a result to keep. The first party's clock counts."""
    with parties(network) as procs:
        for name in names:
            job = {"digits": name, "data": str(folder.resolve()), "epochs": epochs, "rows": rows}
            for proc in procs:
                tell(proc, job)
            found = [hear(proc) for proc in procs]
            why = "; ".join(dict.fromkeys(f["failed"] for f in found if "failed" in f))
            shown = name if network == "loopback" else f"{name} {network}"
            head = {"name": shown, "what": TRAININGS[name].what, "network": network, "rows": rows,
                    "parties": len(procs), "cores": os.cpu_count() or 1}  # fmt: skip
            yield {**head, "failed": why} if why else {**head, **_summary(found, rows // BATCH)}


def _summary(found: list[dict[str, Any]], steps: int) -> Result:
    """Seconds of a step: between the first commit of a part and the last one, commits included."""
    commits = found[0]["commits"]
    (first, at), (last, end) = commits[0] if len(commits) > 1 else (0, 0.0), commits[-1]
    epochs = [0.0, *(t for (k, t), after in zip(commits, [*commits[1:], (0, 0)], strict=True)
                     if k % steps == 0 and after[0] != k)]  # fmt: skip
    return {
        "step_seconds": (end - at) / max(last - first, 1),
        "epoch_seconds": [b - a for a, b in pairwise(epochs)],
        "accuracies": found[0]["accuracies"],
        "step_bits": found[0]["bits"] / last,
        "step_rounds": found[0]["rounds"] / last,
        "step_bytes": [f["sent_bytes"] / last for f in found],
        "asks": found[0]["asks"],
        "load": load(),
        "when": time.time(),
    }

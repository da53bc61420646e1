"""Trainings of the command: files of digits, commits in time, and one small training."""

# ruff: noqa: TID251 (tests bring their own generator)

import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mpckernel.bench import digits, tables
from mpckernel.bench.command import main
from mpckernel.bench.estimates import step
from mpckernel.errors import UsageError
from mpckernel.runtime.work import Work
from tests.rooms import three_rooms


def _write(path: Path, values: np.ndarray) -> None:
    head = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    path.write_bytes(head + values.astype(np.uint8).tobytes())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As many digits as a training takes at least: bright in the upper or in the lower half."""
    rng = np.random.default_rng(7)
    for which, n in (("train", 3 * digits.BATCH), ("test", 40)):
        images, labels = digits.FILES[which]
        y = rng.integers(0, 2, n)
        x = rng.integers(0, 64, (n, 28, 28))
        x[y == 0, :14] += 128
        x[y == 1, 14:] += 128
        _write(tmp_path / images, x)
        _write(tmp_path / labels, y)
    return tmp_path


def test_files_packed_or_not(folder: Path) -> None:
    images, labels = digits.read(folder, "test")
    assert (images.shape, labels.shape) == ((40, 28, 28), (40,))
    name = digits.FILES["test"][0]
    (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
    (folder / name).unlink()
    np.testing.assert_array_equal(digits.read(folder, "test")[0], images)
    (folder / f"{name}.gz").write_bytes(b"no archive")
    with pytest.raises(UsageError):
        digits.read(folder, "test")
    _write(folder / name, images[:3])
    with pytest.raises(UsageError):
        digits.read(folder, "test")


def test_commits_come_every_part_and_every_epoch() -> None:
    assert digits._commits(117, 2) == [100, 117, 200, 234]
    assert digits._commits(50, 2) == [50, 100, 100]


def test_a_small_training(folder: Path) -> None:
    job = {"digits": "MNIST", "data": str(folder), "epochs": 2, "rows": 3 * digits.BATCH}
    with three_rooms() as rooms, ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda room: digits.train(room, job), rooms.rooms))
    assert found[0]["accuracies"][-1] >= 0.9
    assert [k for k, _ in found[0]["commits"]] == [3, 6]
    head = {"name": "MNIST", "what": "x", "network": "lan", "parties": 3, "cores": 2}
    made = {**head, **digits._summary(found, 3)}
    few, many = (Work(*w) for w in made["asks"])
    assert (many.rounds - few.rounds) / 2 == pytest.approx(made["step_rounds"], rel=0.1)
    assert 0.5 < step(made) / (made["step_rounds"] * 0.0001) < 20
    assert 0 < made["step_rounds"] < 120
    assert len(made["epoch_seconds"]) == 2
    clear = {"MNIST": {"accuracies": [[0.5, 0.9764], [0.5, 0.9779], [0.5, 0.977]]}}
    shown = tables._trainings({"MNIST": made, "MNIST lan": {**made, "name": "MNIST lan"}}, clear)
    assert shown.count("97.64 to 97.79") == 1, "beside the whole training"


def test_what_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError):
        digits._mine(0, folder, 60_000, (784,))
    with pytest.raises(SystemExit):
        main(["W1", "--data", str(folder)])
    assert "MNIST" in capsys.readouterr().err

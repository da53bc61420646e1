"""The demos there are: folder, title, and what the pooled data give.

A file in a demo's folder whose name begins with a party's, as alice.csv, is that party's alone.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from mpckernel.demo.health import Expected


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo. module: in it, expected(folder) gives the results on the pooled data, where
    `folder` has the tables of all parties."""

    folder: str
    title: str
    about: str
    module: str

    def expected(self, folder: Path) -> list[Expected]:
        """Every result that the notebook opens to all, and how far it may be off."""
        made: list[Expected] = import_module(f"mpckernel.demo.{self.module}").expected(folder)
        return made


_SIDE_BY_SIDE = (
    "ran at the same time in kernels of their own, over encrypted links on this machine."
)
DEMOS = {
    "01": Demo(
        "01_joint_health",
        "Three hospitals, one answer",
        f"Three notebooks, each with one hospital's patients and nothing else, {_SIDE_BY_SIDE}",
        "health",
    ),
    "02": Demo(
        "02_joint_risk",
        "Three hospitals, one model",
        f"Three notebooks, each with one hospital's patients and nothing else, {_SIDE_BY_SIDE}",
        "risk",
    ),
    "03": Demo(
        "03_joint_digits",
        "Three offices, one reader of digits",
        f"Three notebooks, each with one office's images and nothing else, {_SIDE_BY_SIDE}",
        "digits",
    ),
    "04": Demo(
        "04_credit_vertical",
        "A bank and a shop, one score",
        "Three notebooks, one with a bank's columns of a thousand customers, one with a shop's, "
        f"and one without data, {_SIDE_BY_SIDE}",
        "credit",
    ),
    "05": Demo(
        "05_private_inference",
        "A model that stays at home",
        "Three notebooks, one with a model, one with images, and one without either, "
        f"{_SIDE_BY_SIDE}",
        "inference",
    ),
}

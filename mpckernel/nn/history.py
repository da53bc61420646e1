"""What a training opened on its way, as numbers and as a picture."""

from dataclasses import dataclass, field
from html import escape

from mpckernel.runtime.curves import image
from mpckernel.runtime.reports import Points


@dataclass(slots=True)
class History:
    """losses: (step, mean loss since the one before), where `report=` opened it. accuracies: per
    epoch, of the test rows; reached: instead, whether it was above a number. All of it is public.
    """

    steps: int = 0
    epochs: int = 0
    seconds: float = 0.0
    losses: list[tuple[int, float]] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    reached: list[bool] = field(default_factory=list)

    @property
    def points(self) -> Points:
        return tuple((float(step), loss) for step, loss in self.losses)

    def __repr__(self) -> str:
        counts = ((self.steps, "step"), (self.epochs, "epoch"))
        parts = [f"{n} {what}{'' if n == 1 else 's'}" for n, what in counts]
        if self.losses:
            parts.append(f"loss {self.losses[0][1]:.3f} to {self.losses[-1][1]:.3f}")
        if self.accuracies:
            parts.append("accuracy " + ", ".join(f"{a:.2%}" for a in self.accuracies))
        if self.reached:
            parts.append("above: " + ", ".join("yes" if r else "no" for r in self.reached))
        return f"<History: {'; '.join(parts)}>"

    def _repr_html_(self) -> str:
        """A line of the losses, and a table of accuracies."""
        curve = image(self.points, "loss", self.steps) if len(self.losses) > 1 else ""
        rows = "".join(
            f'<tr><th scope="row">{k}</th><td>{a:.2%}</td></tr>'
            for k, a in enumerate(self.accuracies, 1)
        )
        head = '<tr><th scope="col">epoch</th><th scope="col">test accuracy</th></tr>'
        table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
        return f"<div>{escape(repr(self)[1:-1])}</div>{curve}{table}"

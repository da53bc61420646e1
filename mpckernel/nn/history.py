"""What a training opened on its way, as numbers and as a picture."""

from dataclasses import dataclass, field
from html import escape

from mpckernel.runtime.reports import Points

WIDTH, HEIGHT, EDGE = 420, 130, 14
GREY, BLUE = "#808080", "#2b83c4"


@dataclass(slots=True)
class History:
    """losses: (step, mean loss since the one before), where `report=` opened it. accuracies: per
    epoch, of the test rows. Everything in here is public.
    """

    steps: int = 0
    epochs: int = 0
    seconds: float = 0.0
    losses: list[tuple[int, float]] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)

    @property
    def points(self) -> Points:
        return tuple((float(step), loss) for step, loss in self.losses)

    def __repr__(self) -> str:
        parts = [f"{self.steps} steps", f"{self.epochs} epochs"]
        if self.losses:
            parts.append(f"loss {self.losses[0][1]:.3f} to {self.losses[-1][1]:.3f}")
        if self.accuracies:
            parts.append("accuracy " + ", ".join(f"{a:.2%}" for a in self.accuracies))
        return f"<History: {'; '.join(parts)}>"

    def _repr_html_(self) -> str:
        """A line of the losses, and a table of accuracies."""
        curve = _line(self.points) if len(self.losses) > 1 else ""
        rows = "".join(
            f'<tr><th scope="row">{k}</th><td>{a:.2%}</td></tr>'
            for k, a in enumerate(self.accuracies, 1)
        )
        head = '<tr><th scope="col">epoch</th><th scope="col">test accuracy</th></tr>'
        table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
        return f"<div>{escape(repr(self)[1:-1])}</div>{curve}{table}"


def _line(points: Points) -> str:
    """Static, readable on white and on black."""
    right, top = max(x for x, _ in points), max([y for _, y in points] + [1e-9])
    wide, high = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    at = " ".join(
        f"{EDGE + wide * x / right:.1f},{EDGE + high * (1 - max(y, 0.0) / top):.1f}"
        for x, y in points
    )
    said = f"loss {points[0][1]:.3g} at step {points[0][0]:.0f}, {points[-1][1]:.3g} at the end"
    floor = HEIGHT - EDGE
    return (
        f'<svg role="img" aria-label="{said}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" xmlns="http://www.w3.org/2000/svg">'
        f'<path d="M{EDGE} {EDGE}V{floor}H{WIDTH - EDGE}" fill="none" stroke="{GREY}"/>'
        f'<polyline points="{at}" fill="none" stroke="{BLUE}" stroke-width="2"/></svg>'
    )

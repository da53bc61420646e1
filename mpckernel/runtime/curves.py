"""A line of public numbers as a picture: no script, no style, readable on white and on black.

It is an image within its own text, since a notebook that is opened elsewhere and not trusted keeps
images, and drops the shapes of a drawing.
Source: none.
"""

from base64 import b64encode
from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 480, 150
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 30
GREY, BLUE = "#808080", "#2b83c4"  # at least 3:1 on white and on JupyterLab's dark grey
MOST = 400  # points drawn


def image(points: Sequence[tuple[float, float]], what: str, of: float = 0.0) -> str:
    """The points as a line over steps, in HTML; `of`: where the horizontal axis ends."""
    (first, high), (last, low) = points[0], points[-1]
    said = f"{what}: {high:.3g} at step {first:.0f}, {low:.3g} at step {last:.0f}"
    inside = b64encode(svg(points, what, of).encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{inside}" alt="{escape(said)}" width="{WIDTH}" '
        f'height="{HEIGHT}">'
    )


def svg(points: Sequence[tuple[float, float]], what: str, of: float = 0.0) -> str:
    """The drawing."""
    shown = _thinned(points)
    xs, ys = [float(x) for x, _ in shown], [float(y) for _, y in shown]
    right, top = max(of, *xs, 1.0), max(*ys, 0.0) or 1.0
    low = min(*ys, 0.0)
    at = [(_across(x, right), _down(y, low, top)) for x, y in zip(xs, ys, strict=True)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    floor = HEIGHT - BOTTOM
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'xmlns="http://www.w3.org/2000/svg">',
        f'<path d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}" fill="none" stroke="{GREY}"/>',
        f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="2"/>',
        f'<circle cx="{at[-1][0]:.1f}" cy="{at[-1][1]:.1f}" r="3" fill="{BLUE}"/>',
        _text(LEFT - 6, TOP + 4, f"{top:.3g}", "end"),
        _text(LEFT - 6, floor, f"{low:.3g}", "end"),
        _text(LEFT, HEIGHT - 12, "step 0", "start"),
        _text(WIDTH - RIGHT, HEIGHT - 12, f"{right:.0f}", "end"),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, what, "middle"),
        "</svg>",
    ]
    return "".join(parts)


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most MOST of them, the last one among them."""
    stride = -(-len(points) // MOST)
    return list(points)[::-1][:: max(1, stride)][::-1]


def _across(x: float, right: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * x / right


def _down(y: float, low: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (top - y) / (top - low)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" fill="{GREY}" font-size="11" font-family="sans-serif" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )

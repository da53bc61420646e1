"""Tables and lines as text and as HTML."""

import re
import time
from base64 import b64decode
from html.parser import HTMLParser

import pytest

from mpckernel.kernel import faces
from mpckernel.kernel.faces import Shown, Table
from mpckernel.kernel.progress import amount, cost_line, describe, duration, listed
from mpckernel.kernel.progress import faces as faces_of_progress
from mpckernel.protocols.op import Cost
from mpckernel.runtime.curves import image, svg
from mpckernel.runtime.ledger import CellEnded, CellRan, Link, Opened
from mpckernel.runtime.reports import Report
from mpckernel.runtime.room import Status
from tests.rooms import three_rooms


class Cells(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.texts = list[str](), list[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append(tag)

    def handle_data(self, text: str) -> None:
        self.texts.append(text)


def test_a_table_in_both_faces() -> None:
    table = Table("T", ("name", "n"), [("a", "1"), ("<b>", "22")])
    assert table.text() == "T\n  name  n\n  a     1\n  <b>   22"
    html = Cells(table.html())
    assert {"table", "caption", "thead", "tbody", "th", "td"} <= set(html.tags)
    assert not {"script", "style", "b>"} & set(html.tags)
    assert "<b>" in html.texts


def test_an_empty_table_says_so() -> None:
    assert Table("Secrets", ("name",), [], "none yet").text() == "Secrets: none yet"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3_100_000, "3.1 MB"), (999_960, "1.0 MB")],
)
def test_amounts(count: int, text: str) -> None:
    assert amount(count) == text


def test_lines() -> None:
    assert cost_line(12, 3_100_000, 0.81) == "12 rounds, 3.1 MB sent, 0.8 s"
    assert cost_line(1, 16, 0.04) == "1 round, 16 B sent, 0.04 s"
    assert cost_line(1, 16, 0.0999) == "1 round, 16 B sent, 0.1 s"
    assert listed(("a", "b", "c")) == "a, b and c"


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (Status("waiting", ("bob",), 96.0, 0, 0, 50), "waiting for bob, 4 s"),
        (Status("running", (), 0.0, 3, 12, 1050), "3 of 12 rounds, 1.0 kB sent, 1.5 s"),
        (
            Status("running", ("bob", "carol"), 97.0, 3, 12, 50),
            "3 of 12 rounds, 0 B sent, 1.5 s; waiting for bob and carol",
        ),
        (Status("agreeing", (), 0.0, 0, 0, 50), "agreeing, 2 s"),
    ],
)
def test_progress_in_words(status: Status, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 100.0)
    assert describe(status, 1.5, 50) == text


def test_a_long_cell_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 30.0)
    told = Report(40, 450, soon=90, text="epoch 2 of 5, loss 0.31", since=10.0, at=29.0)
    running = Status("running", (), 0.0, 50, 100, 2_000_050, told)
    assert describe(running, 25.0, 50) == (
        "step 65 of 450, epoch 2 of 5, loss 0.31, 2.0 MB sent, about 2 min left"
    )
    begun = Status("recording", (), 0.0, 0, 0, 50, Report(0, 450, since=30.0))
    assert describe(begun, 0.0, 50) == "step 0 of 450, 0 B sent"
    assert [duration(s) for s in (8.2, 99.6, 7801.0)] == ["8 s", "2 min", "2 h 10 min"]


def test_its_numbers_are_drawn_for_white_and_black() -> None:
    told = Report(3, 4, points=((1, 2.5), (2, 0.5), (3, 0.25)))
    shown = faces_of_progress("step 3 of 4 & on", told)
    assert shown["text/plain"] == "step 3 of 4 & on"
    html = Cells(shown["text/html"])
    assert not {"script", "style", "svg"} & set(html.tags)
    assert "step 3 of 4 & on" in html.texts
    assert 'alt="loss: 2.5 at step 1, 0.25 at step 3"' in shown["text/html"]
    (inside,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', shown["text/html"])
    colours = set(re.findall(r"#[0-9a-f]{6}", b64decode(inside).decode()))
    assert len(colours) == 2
    for colour in colours:
        assert contrast(colour, "#ffffff") >= 3
        assert contrast(colour, "#111111") >= 3
    assert "text/html" not in faces_of_progress("x", Report(3, 4, points=((1, 2.5),)))


def test_a_long_curve_is_drawn_with_few_points() -> None:
    points = [(k, 1000.0 - k) for k in range(1000)]
    assert "1 at step 999" in image(points, "loss", 1000)
    drawn = svg(points, "loss", 1000)
    (line,) = re.findall(r'points="([^"]*)"', drawn)
    assert 200 <= len(line.split()) <= 400


def contrast(one: str, other: str) -> float:
    """As WCAG has it."""

    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_room_from_its_first_cell_to_a_loss() -> None:
    with three_rooms() as rooms:
        room = rooms.rooms[0]
        assert "No joint cell has run" in repr(faces.cost(room))
        room.ledger.append(CellRan(1, Cost(3, 8_000_000), 3, 2_666_664, 400_000, 0.25))
        code = "reveal(table[<b>], " + "x" * 60 + ")"
        room.ledger.append(Opened(1, 2, (3, 2), "word", ("alice", "bob"), code))
        room.ledger.append(CellEnded(2, "interrupted"))
        room.ledger.append(Link("bob", "left"))
        room.ledger.append(Opened(3, 2, (), "range", ("alice", "bob")))
        cost, log = repr(faces.cost(room)), repr(faces.log(room))
        status = faces.status(room, ["one", "two"], [])
    assert "333.3 kB" in cost
    assert "400.0 kB" in cost
    assert "0.250" in cost
    assert "reveal(table[<b>], xxx" in log
    assert "x..." in log
    assert code not in log
    assert "6 values, shape (3, 2)" in log
    assert "alice and bob" in log
    assert "whether all declared ranges held (one bit)" in log
    assert "joint cell 2 ended without a result (stopped)" in log
    assert "one two" in repr(status)
    assert "three parties, semi-honest" in repr(status)
    assert "bob    has left the room" in repr(status)
    assert Cells(status._repr_html_()).tags.count("table") == 2


def test_shown_in_two_faces() -> None:
    shown = Shown(("a < b", Table("T", ("x",), [("1",)])))
    assert repr(shown) == "a < b\nT\n  x\n  1"
    assert shown._repr_html_().startswith("<p>a &lt; b</p><table>")

"""Tables and lines as text and as HTML."""

import time
from html.parser import HTMLParser

import pytest

from mpckernel.kernel import faces
from mpckernel.kernel.faces import Shown, Table
from mpckernel.kernel.progress import amount, cost_line, describe, listed
from mpckernel.protocols.op import Cost
from mpckernel.runtime.ledger import CellEnded, CellRan, Link, Opened
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


def test_a_room_from_its_first_cell_to_a_loss() -> None:
    with three_rooms() as rooms:
        room = rooms.rooms[0]
        assert "No joint cell has run" in repr(faces.cost(room))
        room.ledger.append(CellRan(1, Cost(3, 8_000_000), 3, 2_666_664, 400_000, 0.25))
        room.ledger.append(Opened(1, 2, (3, 2), "word", ("alice", "bob")))
        room.ledger.append(CellEnded(2, "interrupted"))
        room.ledger.append(Link("bob", "left"))
        cost, log = repr(faces.cost(room)), repr(faces.log(room))
        status = faces.status(room, ["one", "two"], [])
    assert "333.3 kB" in cost
    assert "400.0 kB" in cost
    assert "0.250" in cost
    assert "6 values, shape (3, 2)" in log
    assert "alice and bob" in log
    assert "joint cell 2 ended without a result (stopped)" in log
    assert "one two" in repr(status)
    assert "three parties, semi-honest" in repr(status)
    assert "bob    has left the room" in repr(status)
    assert Cells(status._repr_html_()).tags.count("table") == 2


def test_shown_in_two_faces() -> None:
    shown = Shown(("a < b", Table("T", ("x",), [("1",)])))
    assert repr(shown) == "a < b\nT\n  x\n  1"
    assert shown._repr_html_().startswith("<p>a &lt; b</p><table>")

"""Text, names and descriptions that another party chose; and private text that must not leave."""

import numpy as np
import pytest

from mpckernel.array import inputs
from mpckernel.array.describing import understood
from mpckernel.array.owners import OwnerName
from mpckernel.array.reveal import reveal
from mpckernel.errors import CellsDiffer, OverLimit, PeerError, Refused
from mpckernel.runtime import agree
from mpckernel.runtime.limits import Limits
from mpckernel.session import register as _register  # noqa: F401  (it declares what lobbies say)
from tests.runtime.programs import share, squares
from tests.security.wire import ALICE, BOB, CAROL, errors

EVIL = "\x1b[31m\x9b2J\u202e<img src=x onerror=alert(1)>\r\n"


def test_text_of_a_peer_is_shown_without_control_characters(wire):
    found = errors(wire.rooms.start(squares, texts=["x = 1", "x = 1", f"x = 1  # {EVIL}"]))
    text = str(found[ALICE])
    assert "img" in text
    assert not set(text) & ({chr(k) for k in range(32)} - {"\n"} | set("\x7f\x9b\u202e"))


def test_a_long_text_of_the_same_lines_again_and_again_is_not_compared_as_a_whole(monkeypatch):
    lengths, really = [], agree.unified_diff
    ours = [f"x{k}" for k in range(600)]

    def spy(one, two, *names, **how):
        lengths.append(len(two))
        return really(one, two, *names, **how)

    monkeypatch.setattr(agree, "unified_diff", spy)
    theirs = "\n".join(ours[::-1] * 300)
    with pytest.raises(CellsDiffer, match="differs from carol's"):
        agree.compare_texts("\n".join(ours), {"carol": theirs}, "alice")
    assert lengths == [2 * 600 + agree.SHOWN]
    with pytest.raises(CellsDiffer, match=r"\+x = 2"):
        agree.compare_texts("x = 1", {"carol": "x = 2"}, "alice")


@pytest.mark.parametrize("end", list("\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\r"))
def test_a_line_that_only_seems_to_end_makes_another_program(wire, end):
    texts = ["x = 1 #\ny = 2", f"x = 1 #{end}y = 2", "x = 1 #  \r\ny = 2\n"]
    found = errors(wire.rooms.start(squares, texts=texts))
    assert all(isinstance(error, CellsDiffer | Refused) for error in found)
    assert isinstance(found[ALICE], CellsDiffer)


def test_ends_of_lines_that_python_takes_for_the_same_are_the_same(wire):
    wire.rooms.run(squares, texts=["x = 1\ny = 2", "x = 1  \r\ny = 2\r\n", "\nx = 1\t\ny = 2\n"])


@pytest.mark.parametrize(
    "name", ["sfix\u00b2", f"f8,{EVIL}", "sfix" + "9" * 5000, "i4,(1", "O", ""]
)
def test_types_that_a_peer_names_are_known_ones_or_refused(name):
    with pytest.raises(PeerError) as caught:
        understood({"shape": [3], "type": name, "bound": 5}, None)
    assert not name or name not in str(caught.value)


@pytest.mark.parametrize("shape", [[2**33], [2**20, 2**20, 0], [-1], [1.0], [True], [1] * 33, "3"])
def test_shapes_that_a_peer_names_are_bounded_also_without_their_zeros(shape):
    with pytest.raises(PeerError):
        understood({"shape": shape, "type": "sint", "bound": 5}, None)


@pytest.mark.parametrize("dry", [False, True])
def test_what_a_peer_declares_is_held_to_the_limits_before_it_is_used(wire, monkeypatch, dry):
    reached = []

    def program(cell):
        x = inputs.share(OwnerName("alice", 0).x)
        reached.append(cell.me)
        return np.argsort(x)

    def declares(tell, meta):
        wire.says(ALICE, BOB, {**meta, "what": {**meta["what"], "shape": [2**31]}})
        wire.says(ALICE, CAROL, meta)

    wire.instead(monkeypatch, ALICE, "meta", declares)
    limits = Limits(dry=dry, max_bytes=100_000, seconds=10)
    found = errors(wire.rooms.start(program, [{"x": np.arange(3)}, {}, {}], limits=limits))
    assert isinstance(found[BOB], OverLimit)
    assert BOB not in reached
    assert dry or "bob's limits do not allow this cell" in str(found[CAROL])


def test_names_in_faces_are_escaped(wire):
    def program(cell):
        x = OwnerName("alice", 0).x + 1
        x.parties, x.owners = ('<b onclick="x">',) * 3, frozenset(["<script>"])
        return x._repr_html_()

    for text in wire.rooms.run(program, [{"x": np.arange(3)}, {}, {}]):
        assert "<script" not in text
        assert "<b " not in text
        assert "&lt;script&gt;" in text


def test_what_private_code_raises_stays_private(wire):
    class Frame:
        @property
        def ages(self):
            raise ValueError("41, 58, 23")

    found = errors(
        wire.rooms.start(lambda _: reveal(OwnerName("alice", 0).df.ages), [{"df": Frame()}, {}, {}])
    )
    assert "ValueError" in str(found[BOB])
    assert not any("58" in str(error) for error in found)


def test_nothing_shows_a_private_value_by_its_repr(wire):
    shown = []

    def program(cell):
        x = share(cell, [77_777_777])
        shown.extend([repr(x), repr(cell), repr(cell.plan)])

    wire.rooms.run(program, [{"x": 77_777_777}, {}, {}])
    assert not any("77777777" in text for text in shown)

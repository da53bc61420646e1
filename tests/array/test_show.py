"""The face of a secret: everything public about it, nothing else."""

import sys
from html.parser import HTMLParser
from typing import Any

import numpy as np
from hypothesis import given

from mpckernel.array import SecretArray, share, show
from tests.array.clear import alice, few, reals

DIGITS = "7777"


class Reader(HTMLParser):
    """Collects tags, attributes and text, and checks that tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def faces(clear: Any, x: np.ndarray) -> tuple[str, str]:
    found: list[str] = []
    clear(lambda x: found.extend([repr(x), x._repr_html_()]) or (), x=x)
    return found[0], found[1]


def test_text(clear: Any) -> None:
    text, _ = faces(clear, np.full((3, 2), 7777.0))
    assert text == "<secret sfix20 (3, 2) from alice; NO PROTECTION, in the clear at alice>"
    assert faces(clear, np.bool_(True))[0].startswith("<secret sbool single value from alice")


def test_html_reads_without_styling(clear: Any) -> None:
    _, html = faces(clear, np.full((3, 2), 7777))
    reader = Reader()
    reader.feed(html)
    assert not reader.open
    assert set(reader.tags) == {"table", "caption", "tr", "th", "td"}
    assert reader.tags.count("th") == reader.tags.count("td") == 5
    assert ("scope", "row") in reader.attributes
    said = " ".join(reader.said)
    for word in ("sint", "whole numbers", "(3, 2)", "alice", "secret", "reveal(x)"):
        assert word in said
    assert {name for name, _ in reader.attributes} <= {"style", "scope"}


@few
@given(x=reals((2, 2)))
def test_faces_do_not_depend_on_values(clear: Any, x: np.ndarray) -> None:
    assert faces(clear, x) == faces(clear, np.zeros((2, 2)))


def test_no_value_in_any_text(clear: Any) -> None:
    """repr, str, html of the array and repr of what it holds: the plan's calls included."""

    def program(x: SecretArray) -> Any:
        y = x * 2
        texts = [repr(x), str(x), f"{x}", x._repr_html_(), repr([y]), repr(y.call), show.text(y)]
        assert not any(DIGITS in t or str(7777 * 2**20) in t for t in texts if t is not texts[5])
        return ()

    clear(program, x=np.full(3, 7777.0))
    assert sys.modules["mpckernel.array.show"] is show


def test_names_read_as_a_list() -> None:
    assert show.names(frozenset()) == ""
    assert show.names(frozenset({"bob"})) == "bob"
    assert show.names({"carol", "alice", "bob"}) == "alice, bob and carol"
    assert show.names(("carol", "alice")) == "carol and alice"


def test_methods_say_what_they_do(clear: Any) -> None:
    """What `ages.mean?` shows: the rule's sentence, with its error."""

    def program() -> Any:
        x = share(alice.x)
        assert x.mean.__name__ == "mean"
        assert "Error: 1.2 steps" in x.mean.__doc__
        assert "ascending" not in x.sum.__doc__
        return x.mean()

    assert abs(clear.cell(program, {"x": [1.0, 2.0]}) - 1.5) < 1e-5

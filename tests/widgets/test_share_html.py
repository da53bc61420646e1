"""The static twin: structure, and what it never holds."""

from html.parser import HTMLParser

import pytest

from mpckernel.widgets import html, text

VOID = {"br"}


class Page(HTMLParser):
    """Tags in order, checked for balance; rows of table cells as text; all text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + " "
        if {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data


def test_the_table_says_who_holds_what_in_party_order(salary):
    rows = Page(html(salary())).rows
    assert [cell.split()[-1] for cell in rows[0]] == ["share", "(you)", "bob", "carol"]
    assert [["holds" in cell for cell in row[1:]] for row in rows[1:4]] == [
        [True, False, True],
        [True, True, False],
        [False, True, True],
    ]
    assert rows[1][2] == "not here"


def test_groups_are_listed_with_what_they_miss(salary):
    rows = Page(html(salary())).rows[4:]
    assert [row[:2] for row in rows] == [
        ["who", "missing"],
        ["alice", "x2"],
        ["bob", "x0"],
        ["carol", "x1"],
        ["alice and bob", "nothing"],
        ["alice and carol", "nothing"],
        ["bob and carol", "nothing"],
    ]


@pytest.mark.parametrize("simulation", [True, False])
def test_it_survives_a_sanitiser(salary, simulation):
    page = Page(html(salary(simulation), ticked=[0, 1], words=True))
    assert {tag for tag, _ in page.tags} <= {
        *("div", "p", "strong", "em", "table", "caption", "thead", "tbody", "tr", "th", "td"),
        *("details", "summary", "code", "br"),
    }
    for tag, attributes in page.tags:
        assert set(attributes) <= {"style", "scope"}
        assert "var(" not in (attributes.get("style") or "")
        assert tag != "th" or attributes["scope"] in ("row", "col")


def secrets_of(state):
    words = [w for p in state["parties"] for ws in (p["words"] or {}).values() for w in ws]
    return [*words, *(state["value"] or [])]


@pytest.mark.parametrize("simulation", [True, False])
def test_nobody_asked_so_it_holds_no_word_and_no_value(salary, simulation):
    state = salary(simulation)
    assert len(secrets_of(state)) == (14 if simulation else 4)
    for face in (html(state), text(state)):
        assert not [s for s in secrets_of(state) if s in face]


def test_a_simulation_keeps_what_was_on_screen(salary):
    state = salary()
    alone = html(state, ticked=[0], words=True)
    assert "9c41f07a2d83b65e" in alone
    assert "52100.25" not in alone
    assert Page(html(state, ticked=[0, 1])).rows[-2:] == [
        ["salary[0, 0]", "52100.25"],
        ["salary[1, 1]", "-48000.5"],
    ]


def test_a_real_room_never_saves_words_whatever_was_on_screen(salary):
    state = salary(simulation=False)
    face = html(state, ticked=[0, 1, 2], words=True)
    assert not [s for s in secrets_of(state) if s in face]


def test_it_says_which_room_it_is_and_the_trust_line(salary):
    for simulation, said in ((True, "simulation"), (False, "real room")):
        state = salary(simulation)
        for face in (Page(html(state)).text, text(state)):
            assert said in face
            assert state["trust"] in face


def test_names_are_escaped(salary):
    page = Page(html({**salary(), "name": "<script>x</script>", "trust": "<b>"}))
    assert not {"script", "b"} & {tag for tag, _ in page.tags}


def test_the_text_tells_the_story_alone(salary):
    lines = text(salary()).splitlines()
    assert lines[1].split() == ["alice", "(you)", "bob", "carol"]
    assert lines[2].split() == ["x0", "here", "not", "here", "here"]
    assert lines[5].startswith("alice alone: still nothing")
    assert lines[8] == "alice and bob together hold every share: now it opens."

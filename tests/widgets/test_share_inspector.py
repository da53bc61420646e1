"""The live widget's Python half: what it sends, what it answers, how it freezes."""

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell

from mpckernel import widgets
from mpckernel.widgets import share_inspector
from mpckernel.widgets.share_inspector import ShareInspector
from mpckernel.widgets.share_state import checked


class Published:
    """Stands in for IPython's display functions and keeps what they are given."""

    def __init__(self, monkeypatch):
        self.shown, self.updated = {}, {}
        monkeypatch.setattr(share_inspector, "display", self.display)
        monkeypatch.setattr(share_inspector.DisplayHandle, "update", self.update)

    def display(self, bundle, *, raw, display_id):
        assert raw
        self.shown[display_id] = bundle

    def update(self, bundle, **_):
        self.updated[len(self.updated)] = bundle


@pytest.fixture
def published(monkeypatch):
    made = Published(monkeypatch)
    yield made
    share_inspector.freeze()


def test_widget_state_holds_no_word_and_no_value(salary):
    state = salary()
    widget = ShareInspector(checked(state))
    widget.answer({"id": 1, "ticked": [0, 1], "words": True})
    saved = json.dumps(
        {k: v for k, v in widget.get_state().items() if not k.startswith("_")}, default=str
    )
    assert "salary" in saved
    assert "9c41f07a2d83b65e" not in saved
    assert "52100.25" not in saved


def test_clicks_are_answered_by_their_number(salary):
    widget = ShareInspector(checked(salary()))
    assert widget.answer({"id": 7, "ticked": [1, 0, 1], "words": False}) == {
        "id": 7,
        "words": None,
        "value": ["52100.25", "-48000.5"],
    }
    assert widget.asked == ((0, 1), False)


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        {"id": "1", "ticked": [], "words": True},
        {"id": 1, "ticked": [3], "words": True},
        {"id": 1, "ticked": [-1], "words": True},
        {"id": 1, "ticked": [True], "words": True},
        {"id": 1, "ticked": [0], "words": 1},
        {"id": 1, "ticked": [[0]], "words": True},
    ],
)
def test_other_messages_are_left_alone(salary, content):
    widget = ShareInspector(checked(salary()))
    assert widget.answer(content) is None
    assert widget.asked == ((), False)


def test_a_live_view_is_shown_with_its_twin(salary, published):
    share_inspector.show(salary())
    (bundle,) = published.shown.values()
    assert set(bundle) == {
        "text/html",
        "text/plain",
        "application/vnd.jupyter.widget-view+json",
    }


def test_one_widget_per_room_and_the_earlier_view_turns_into_html(salary, published):
    share_inspector.show(salary())
    share_inspector.show({**salary(), "name": "age"})
    models = [b["application/vnd.jupyter.widget-view+json"] for b in published.shown.values()]
    assert len(published.shown) == 2
    assert models[0]["model_id"] == models[1]["model_id"]
    assert [("salary" in b["text/html"]) for b in published.updated.values()] == [True]


def test_freeze_leaves_html_of_what_was_on_screen_and_no_widget(salary, published):
    share_inspector.show(salary())
    widget, _ = share_inspector._live["clinic"]
    widget.answer({"id": 1, "ticked": [1, 2], "words": False})
    widgets.freeze()
    (bundle,) = published.updated.values()
    assert set(bundle) == {"text/html", "text/plain"}
    assert "Opened by bob and carol" in bundle["text/html"]
    assert widget.comm is None
    widgets.freeze()
    assert len(published.updated) == 1


def test_the_extension_offers_the_views_and_takes_them_back():
    shell = InteractiveShell()
    widgets.load_ipython_extension(shell)
    assert {"show", "freeze", "state", "html", "text"} <= set(vars(shell.mpc_views))
    widgets.unload_ipython_extension(shell)
    assert not hasattr(shell, "mpc_views")


def test_without_anywidget_the_twin_is_shown(salary, monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setitem(__import__("sys").modules, "mpckernel.widgets.share_inspector", None)
    monkeypatch.delattr(widgets, "share_inspector", raising=False)
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: shown.append(bundle))
    widgets.show(salary())
    assert "<table" in shown[0]["text/html"]
    assert "alice alone: still nothing" in shown[0]["text/plain"]

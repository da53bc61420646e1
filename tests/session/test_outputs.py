"""Outputs of a cell, collected from messages."""

from typing import Any

from mpckernel.session.outputs import MAX_TEXT, Collector, Output


def stream(text: str, name: str = "stdout") -> tuple[str, dict[str, Any]]:
    return "stream", {"name": name, "text": text}


def shown(value: str, display: str = "") -> dict[str, Any]:
    transient = {"display_id": display} if display else {}
    return {"data": {"text/plain": value}, "metadata": {}, "transient": transient}


def collect(*messages: tuple[str, dict[str, Any]]) -> list[Output]:
    collector = Collector()
    for kind, content in messages:
        collector.take(kind, content)
    return collector.finish({"status": "ok"}).outputs


def test_text_of_one_stream_is_joined() -> None:
    outputs = collect(stream("a\n"), stream("b\n"), stream("c\n", "stderr"), stream("d\n"))
    assert [each["text"] for each in outputs] == ["a\nb\n", "c\n", "d\n"]


def test_results_and_displays_in_order_without_transient_fields() -> None:
    outputs = collect(
        ("display_data", shown("1", "x")),
        ("status", {"execution_state": "busy"}),
        ("execute_result", {**shown("2"), "execution_count": 7}),
    )
    assert outputs == [
        {"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {}},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "2"},
            "metadata": {},
            "execution_count": 7,
        },
    ]


def test_a_display_is_updated_in_place() -> None:
    outputs = collect(
        ("display_data", shown("old", "x")),
        stream("between"),
        ("update_display_data", shown("new", "x")),
        ("update_display_data", shown("nobody", "y")),
    )
    assert [each.get("data", {}).get("text/plain") for each in outputs] == ["new", None]


def test_clearing() -> None:
    assert collect(stream("a"), ("clear_output", {"wait": False})) == []
    waits = ("clear_output", {"wait": True})
    assert [each["text"] for each in collect(stream("a"), waits)] == ["a"]
    assert [each["text"] for each in collect(stream("a"), waits, stream("b"))] == ["b"]


def test_endless_text_is_cut_once() -> None:
    outputs = collect(*[stream("x" * 1000)] * 2000)
    text = outputs[0]["text"]
    assert MAX_TEXT <= len(text) < MAX_TEXT + 100
    assert text.endswith("cut]\n")
    assert text.count("cut]") == 1


def test_an_error_in_the_reply_alone_is_shown() -> None:
    reply = {"status": "error", "ename": "E", "evalue": "v", "traceback": []}
    done = Collector().finish(reply)
    assert (done.status, [each["output_type"] for each in done.outputs]) == ("error", ["error"])
    collector = Collector()
    collector.take("error", reply)
    assert len(collector.finish(reply).outputs) == 1
    assert "E: v" in done.text

"""Comparing and folding what parties showed."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from mpckernel.kernel import outputs
from mpckernel.kernel.outputs import Tap, essence, fold, show_others

NAMES = ("alice", "bob", "carol")


def stream(text: str, name: str = "stdout") -> dict:
    return {"output_type": "stream", "name": name, "text": text}


def data(text: str, kind: str = "display_data", **metadata: str) -> dict:
    return {"output_type": kind, "data": {"text/plain": text}, "metadata": metadata}


def error(name: str, text: str) -> dict:
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


def test_chunks_of_a_stream_and_cost_lines_do_not_count() -> None:
    ours = [stream("a"), stream("b\n"), data("2 rounds", mpckernel="cost"), data("7")]
    theirs = [stream("ab\n"), data("7", "execute_result")]
    assert essence(ours) == essence(theirs)
    assert essence(ours) != essence([stream("ab\n", "stderr"), data("7")])


def test_groups_in_party_order() -> None:
    shown = {"carol": [stream("x")], "alice": [stream("x")], "bob": [stream("y")]}
    assert fold(NAMES, shown) == [["alice", "carol"], ["bob"]]


def shown(by_party: dict, capsys: pytest.CaptureFixture[str]) -> str:
    show_others("alice", NAMES, by_party)
    captured = capsys.readouterr()
    return captured.out + captured.err


@pytest.mark.parametrize(
    ("by_party", "text"),
    [
        ({key: [data("7")] for key in NAMES}, "all 3 parties: same\n"),
        ({key: [] for key in NAMES}, ""),
        ({key: [error("E", "x")] for key in NAMES}, "all 3 parties: the same error\n"),
        (
            {"alice": [data("7")], "bob": [data("8")], "carol": [data("7")]},
            "carol: same as here\n■ bob:\n8\n",
        ),
        (
            {"alice": [], "bob": [stream("hi\n")], "carol": [stream("hi\n")]},
            "■ bob, ▲ carol:\nhi\n",
        ),
        (
            {"alice": [error("ValueError", "x")]}
            | {key: [error("Refused", "alice's cell raised an error")] for key in NAMES[1:]},
            "■ bob, ▲ carol: Refused: alice's cell raised an error\n",
        ),
        ({"alice": [data("7")], "bob": [], "carol": []}, "■ bob, ▲ carol: no output\n"),
    ],
)
def test_only_what_differs_is_shown(
    by_party: dict, text: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(by_party, capsys) == text


def test_a_tap_notes_all_kinds_and_leaves_the_shell_as_it_was(shell: InteractiveShell) -> None:
    before = sys.stdout, shell.display_pub.publish, shell.displayhook.write_format_data
    with shell.display_trap, pytest.raises(ValueError), Tap(shell) as tap:  # noqa: PT012
        print("hello")
        display("shown")
        shell.displayhook(41)
        raise ValueError("x")
    noted = essence(tap.outputs)
    assert noted == [
        ("stdout", "hello\n"),
        ("data", "'shown'"),
        ("data", "41"),
        ("error", "ValueError: x"),
    ]
    assert tap.failed
    after = sys.stdout, shell.display_pub.publish, shell.displayhook.write_format_data
    assert before == after


def test_html_of_a_party_s_name_is_escaped(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict] = []
    monkeypatch.setattr(outputs, "display", lambda bundle, **_: seen.append(bundle))
    outputs.show_party(["bob"], NAMES, [error("Refused", "<b>")])
    assert "&lt;b&gt;" in seen[0]["text/html"]

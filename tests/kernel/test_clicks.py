"""Clicks on the share inspector while a cell runs, sent by a client that knows nothing of widgets.

Order on iopub decides: an answer that comes before the cell's idle was not waiting for the cell.
"""

from collections.abc import Callable
from typing import Any

import pytest

from mpckernel.widgets.shots import PRELUDE
from tests.kernel.kernels import ROOT, Kernel

pytestmark = pytest.mark.slow
Start = Callable[..., Kernel]
Message = dict[str, Any]
VIEW = "application/vnd.jupyter.widget-view+json"
BLOCKS = "import time\nprint('begun', flush=True)\ntime.sleep(3)\nprint('ended')"
AWAITS = "import asyncio\nprint('begun', flush=True)\nawait asyncio.sleep(3)\nprint('ended')"
OTHER = """
import comm, threading
other = comm.create_comm("other")
other.on_msg(lambda _: other.send({"thread": threading.current_thread().name}))
print(other.comm_id)
"""


class Page:
    """What a page is to the kernel: a view's number, messages to it, all that is published."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.client = kernel, kernel.client
        kernel.ok(PRELUDE.format(root=str(ROOT)))
        shown = kernel.ok("views.show(state(True))").outputs
        (self.view,) = (o["data"][VIEW]["model_id"] for o in shown if VIEW in o.get("data", {}))

    def message(self, data: object, comm: str = "", subshell: str | None = None) -> Message:
        content = {"comm_id": comm or self.view, "data": data}
        made: Message = self.client.session.msg("comm_msg", content)
        if subshell is not None:
            made["header"]["subshell_id"] = subshell
        return made

    def click(self, number: int = 1, subshell: str | None = None) -> Message:
        """Alice and Bob are ticked: together they open the value."""
        content = {"id": number, "ticked": [0, 1], "words": False}
        return self.message({"method": "custom", "content": content}, subshell=subshell)

    def send(self, message: Message) -> str:
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def send_frames(self, frames: list[bytes]) -> None:
        self.client.shell_channel.socket.send_multipart(frames)

    def subshell(self) -> str:
        request = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(request)
        return str(self.client.get_control_msg(timeout=30)["content"]["subshell_id"])

    def until(self, said: Callable[[Message], bool]) -> list[Message]:
        """All that is published, up to the message that says so."""
        heard = [self.client.get_iopub_msg(timeout=60)]
        while not said(heard[-1]):
            heard.append(self.client.get_iopub_msg(timeout=60))
        return heard

    def begin(self, code: str) -> str:
        cell = self.kernel.start(code)
        self.until(lambda m: "begun" in m["content"].get("text", ""))
        return cell


def idle(number: str) -> Callable[[Message], bool]:
    """Whether a message ends what this one began."""
    return lambda m: m["content"].get("execution_state") == "idle" and number in parent(m)


def parent(message: Message) -> str:
    return str(message["parent_header"].get("msg_id"))


def story(heard: list[Message], number: str) -> list[object]:
    """What was published for this message: states, and data of messages to the page."""
    mine = [m for m in heard if parent(m) == number and m["msg_type"] in ("status", "comm_msg")]
    return [m["content"].get("execution_state") or m["content"].get("data") for m in mine]


@pytest.fixture
def page(kernel: Start) -> Page:
    return Page(kernel())


@pytest.mark.parametrize("told", [False, True], ids=["no_subshell", "subshell"])
@pytest.mark.parametrize("cell", [BLOCKS, AWAITS], ids=["blocking", "awaiting"])
def test_a_click_is_answered_while_a_cell_runs(page: Page, cell: str, told: bool) -> None:
    subshell = page.subshell() if told else None
    running = page.begin(cell)
    clicked = page.send(page.click(7, subshell))
    heard = page.until(idle(running))
    busy, answer, done = story(heard, clicked)
    assert (busy, done) == ("busy", "idle")
    assert answer["method"] == "custom"
    assert answer["content"]["id"] == 7
    assert answer["content"]["value"][0] == "52,100.25"
    printed = [m for m in heard if m["content"].get("text") == "ended\n"]
    assert [parent(m) for m in printed] == [running]


def test_ticks_and_clicks_keep_their_order(page: Page) -> None:
    running = page.begin(BLOCKS)
    ticked = page.send(page.message({"method": "update", "state": {"ticked": [2]}}))
    clicked = page.send(page.click())
    heard = page.until(idle(running))
    _, echo, _ = story(heard, ticked)
    assert echo["state"] == {"ticked": [2]}
    numbers = [parent(m) for m in heard if parent(m) in (ticked, clicked)]
    assert numbers == [ticked] * 3 + [clicked] * 3
    page.kernel.client.get_shell_msg(timeout=30)
    from_cell = "from mpckernel.widgets import share_inspector as s; s._live['clinic'][0].ticked"
    assert page.kernel.ok(from_cell).results == ["[2]\n"]


def test_a_comm_of_somebody_else_goes_the_ordinary_way(page: Page) -> None:
    theirs = page.kernel.ok(OTHER).text.split()[-1]
    running = page.begin(BLOCKS)
    asked = page.send(page.message({}, theirs))
    assert story(page.until(idle(running)), asked) == []
    assert story(page.until(idle(asked)), asked) == ["busy", {"thread": "MainThread"}, "idle"]


def test_a_closed_view_is_nobodys(page: Page) -> None:
    page.kernel.ok("views.freeze()")
    clicked = page.send(page.click())
    assert story(page.until(idle(clicked)), clicked) == ["busy", "idle"]


def test_a_wrong_signature_is_not_handled(page: Page) -> None:
    forged, true = page.click(1), page.click(2)
    frames = page.client.session.serialize(forged)
    page.send_frames([frames[0], b"0" * len(frames[1]), *frames[2:]])
    heard = page.until(idle(page.send(true)))
    assert story(heard, forged["header"]["msg_id"]) == []
    assert len(story(heard, true["header"]["msg_id"])) == 3


def test_a_click_sent_again_by_somebody_is_not_handled(page: Page) -> None:
    first, second = page.click(1), page.click(2)
    frames = page.client.session.serialize(first)
    page.send_frames(frames)
    page.send_frames(frames)
    heard = page.until(idle(page.send(second)))
    assert len(story(heard, first["header"]["msg_id"])) == 3


def test_a_click_is_no_cell(page: Page) -> None:
    page.kernel.ok(
        "begun = []\nget_ipython().events.register('pre_execute', lambda: begun.append(1))"
    )
    page.until(idle(page.send(page.click())))
    assert page.kernel.ok("begun").results == ["[1]\n"]


def test_a_view_that_fails_is_left_and_the_next_click_heard(page: Page) -> None:
    failing = page.kernel.ok(
        OTHER + "def fail(_): raise RuntimeError('of this text nothing is said')\n"
        "other.mpc_click = fail"
    )
    theirs = failing.text.split()[-1]
    failed = page.send(page.message({}, theirs))
    clicked = page.send(page.click())
    heard = page.until(idle(clicked))
    assert story(heard, failed) == ["busy", "idle"]
    assert len(story(heard, clicked)) == 3
    assert all("nothing is said" not in str(m["content"]) for m in heard)

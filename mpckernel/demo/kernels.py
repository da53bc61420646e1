"""Execute notebooks in kernels of their own: the slides in one, the parties' three side by side.

Each party has its own folder, its own MPCKERNEL_HOME and so its own keys. What people would do by
hand is done here: public keys are exchanged before, and the room file is sent by copying it.
Source: nbclient; Departs from it in: the kernel is started by this interpreter, installed or not.
"""

import ast
import asyncio
import json
import os
import re
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from mpckernel.demo.facts import QUESTION
from mpckernel.demo.folders import PARTIES
from mpckernel.errors import SetupError
from mpckernel.session.roomfile import read

CELL_SECONDS = 120
_HOST = re.compile(r"^%mpc host (\w+)", re.MULTILINE)
_KERNEL = [sys.executable, "-m", "mpckernel", "-f", "{connection_file}"]


@dataclass(frozen=True, slots=True)
class Executed:
    """A notebook that has run: with outputs, what its kernel told, and the error if it failed."""

    name: str
    path: Path
    facts: dict[str, Any]
    seconds: float
    error: str = ""


async def slides(folder: Path, names: Sequence[str]) -> Executed:
    """The notebook with all parties."""
    return await _Run("slides", folder, folder / ".home").execute(names)


async def parties(folders: dict[str, Path], names: Sequence[str]) -> list[Executed]:
    """The notebooks of the parties, at the same time."""
    runs = [_Run(name, folders[name], folders[name] / ".home") for name in PARTIES]
    host, *guests = runs
    keys = await _keys(guests)
    host.before = [f"%mpc contact {g.name} {k}" for g, k in zip(guests, keys, strict=True)]
    room_file = _room_file(host.folder / f"{host.name}.ipynb")
    for guest in guests:
        guest.wait_for = guest.folder / room_file
    barrier = asyncio.Barrier(len(runs))
    for run in runs:
        run.barrier = barrier
    post = asyncio.create_task(_send(host.folder / room_file, [g.folder for g in guests]))
    try:
        return await asyncio.gather(*(run.execute(names) for run in runs))
    finally:
        post.cancel()


class _Run:
    """One notebook on its way."""

    def __init__(self, name: str, folder: Path, home: Path) -> None:
        self.name, self.folder, self.home = name, folder, home
        self.before: list[str] = []  # cells that are not in the notebook
        self.wait_for: Path | None = None
        self.barrier: asyncio.Barrier | None = None  # nobody leaves before all are done

    async def execute(self, names: Sequence[str]) -> Executed:
        """Run all cells; keep what was shown up to an error."""
        path = self.folder / f"{self.name}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        began, facts, error = time.monotonic(), dict[str, Any](), ""
        async with _kernel(notebook, self.folder, self.env()) as client:
            try:
                await self._prepare(client)
                began = time.monotonic()
                for index, cell in enumerate(notebook.cells):
                    await client.async_execute_cell(cell, index)
                facts = await _ask(client, names)
                await _freeze(client)
            except (CellExecutionError, CellTimeoutError, DeadKernelError, SetupError) as why:
                error = str(why)
            seconds = time.monotonic() - began
            if self.barrier is not None:
                with suppress(TimeoutError, asyncio.BrokenBarrierError):
                    await asyncio.wait_for(self.barrier.wait(), CELL_SECONDS)
        nbformat.write(notebook, path)
        return Executed(self.name, path, facts, seconds, error)

    def env(self) -> dict[str, str]:
        """The environment of this notebook's kernel."""
        return {**os.environ, "MPCKERNEL_HOME": str(self.home)}

    async def _prepare(self, client: NotebookClient) -> None:
        for code in self.before:
            await _silently(client, code)
        end = time.monotonic() + CELL_SECONDS
        while self.wait_for is not None and not self.wait_for.exists():
            if time.monotonic() > end:
                raise SetupError(f"{self.name}: the room file did not come")
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _kernel(
    notebook: Any, folder: Path, env: dict[str, str]
) -> AsyncGenerator[NotebookClient]:
    """A kernel for this notebook, reached over sockets that only this user can open."""
    with TemporaryDirectory(prefix="mpc-", ignore_cleanup_errors=True) as sockets:
        where = {"transport": "ipc", "ip": f"{sockets}/k"} if os.name == "posix" else {}
        manager = AsyncKernelManager(kernel_name="mpckernel", **where)
        manager._kernel_spec = KernelSpec(  # as the installed kernelspec, with this interpreter
            argv=_KERNEL, display_name="MPC", language="python", interrupt_mode="message"
        )
        client = NotebookClient(
            notebook,
            km=manager,
            timeout=CELL_SECONDS,
            store_widget_state=False,
            record_timing=False,
        )
        try:
            async with client.async_setup_kernel(env=env, cwd=str(folder)):
                yield client
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
            await manager.shutdown_kernel()


async def _silently(client: NotebookClient, code: str, **expressions: str) -> dict[str, Any]:
    """Run code that is not in the notebook; its reply."""
    kernel: Any = client.kc  # its `execute` is wrapped: reply and timeout are the wrapper's
    reply = await kernel.execute(
        code,
        silent=True,
        store_history=False,
        user_expressions=expressions,
        reply=True,
        timeout=CELL_SECONDS,
    )
    content: dict[str, Any] = reply["content"]
    if content["status"] != "ok":
        raise SetupError(f"{code}: {content.get('evalue', 'failed')}")
    return content


async def _freeze(client: NotebookClient) -> None:
    """Live views become HTML. As a cell of its own: nbclient hears updates during cells only."""
    client.nb.cells.append(nbformat.v4.new_code_cell("%mpc freeze"))
    await client.async_execute_cell(client.nb.cells[-1], len(client.nb.cells) - 1)
    client.nb.cells.pop()


async def _ask(client: NotebookClient, names: Sequence[str]) -> dict[str, Any]:
    question = QUESTION.format(names=list(names))
    told = (await _silently(client, "", told=question))["user_expressions"]["told"]
    if told["status"] != "ok":
        raise SetupError(f"the results are not there: {told['evalue']}")
    return dict(json.loads(ast.literal_eval(told["data"]["text/plain"])))


def _room_file(notebook: Path) -> str:
    """The file that the host's notebook writes."""
    cells = nbformat.read(notebook, as_version=4).cells
    found = [m for cell in cells if (m := _HOST.search(cell.source))]
    if not found:
        raise SetupError(f"{notebook.name} opens no room")
    return f"{found[0][1]}.mpc"


async def _keys(runs: Sequence[_Run]) -> list[str]:
    """The parties' public keys, each made and told by its own process."""
    command = [sys.executable, "-m", "mpckernel", "keys"]
    started = [
        await asyncio.create_subprocess_exec(
            *command, run.name, env=run.env(), stdout=asyncio.subprocess.PIPE
        )
        for run in runs
    ]
    lines = [(await process.communicate())[0].decode() for process in started]
    return [line.partition('"')[2].rpartition('"')[0] for line in lines]


async def _send(room_file: Path, folders: Sequence[Path]) -> None:
    """Copy the room file to the others as soon as it is whole."""
    while True:
        try:
            read(room_file)
        except (SetupError, OSError):
            await asyncio.sleep(0.05)
            continue
        for folder in folders:
            part = copy(room_file, folder / f".{room_file.name}")
            Path(part).rename(folder / room_file.name)
        return

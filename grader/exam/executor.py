"""Sends a notebook's cells to the kernel by nbclient and gathers what they show. A process of its own in the candidate.

It shares the candidate's container with the student's code, so what it says is a claim like any other. nbclient,
nbformat and jupyter_client are imported here only.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from typing import Any

MAX_TRACEBACK = 4000
CUT = "\n[output cut here: too much of it]\n"
GRACE = 2.0
"""Seconds a cell gets to end after it was interrupted."""
Row = dict[str, Any]


def main(connection: str) -> None:
    """Connect, read the job from stdin, execute, write the result to stdout.

    The job is `{"cells": [{"type", "source", "tags"}], "on_error", "timeout", "total", "output"}`: seconds for one
    cell and for all, and bytes of output for one cell. The result is `{"status": "done" | "failed" | "timeout",
    "failed": [index], "message", "cells": [{"count", "outputs"}]}`, with nbformat's outputs.
    """
    parts = _load()
    job = json.loads(sys.stdin.buffer.read() or b"null")
    if job is not None:
        result = asyncio.run(_execute(parts, connection, job))
        sys.stdout.buffer.write(json.dumps(result).encode())
        sys.stdout.buffer.flush()
    os._exit(0)


def _load() -> Any:
    """Import what takes long, before there is a job."""
    import nbclient
    import nbclient.exceptions
    import nbformat.v4
    from jupyter_client.asynchronous import AsyncKernelClient

    class Client(nbclient.NotebookClient):  # type: ignore[misc]
        """nbclient on a kernel that runs already, with a bound on what each cell may show."""

        left = 0

        def output(self, outs: list[Any], msg: Row, display_id: str, cell_index: int) -> Any:
            content, left = msg["content"], self.left
            self.left -= len(json.dumps(content, default=str))
            if self.left >= 0:
                return super().output(outs, msg, display_id, cell_index)
            if left > 0 and msg["msg_type"] == "stream":
                outs.append(nbformat.v4.new_output("stream", name=content["name"], text=content["text"][:left]))
            if left > 0:
                outs.append(nbformat.v4.new_output("stream", name="stderr", text=CUT))
            return None

    return nbclient, nbformat.v4, AsyncKernelClient, Client


async def _execute(parts: Any, connection: str, job: Row) -> Row:
    nbclient, v4, kernel_client, client_class = parts
    cells = [_cell(v4, row) for row in job["cells"]]
    client = client_class(v4.new_notebook(cells=cells), timeout=None, allow_errors=False)
    client.kc = kernel_client(connection_file=connection)
    client.kc.load_connection_file()
    client.kc.start_channels(hb=False, stdin=False)
    client.kc.allow_stdin = False
    run = _Run(client, job, nbclient.exceptions.CellExecutionError)
    try:
        await asyncio.wait_for(_ready(client.kc), 30)
        for index, cell in enumerate(cells):
            if cell.cell_type == "code" and not await run.cell(cell, index):
                break
    finally:
        client.kc.stop_channels()
    return run.result(cells)


def _cell(v4: Any, row: Row) -> Any:
    if row["type"] == "code":
        return v4.new_code_cell(row["source"], metadata={"tags": row["tags"]})
    return v4.new_raw_cell("")


async def _ready(client: Any) -> None:
    """Wait until the kernel answers and its output channel is connected."""
    while True:
        asked = client.kernel_info()
        reply = await client.shell_channel.get_msg(timeout=None)
        if reply["parent_header"].get("msg_id") != asked:
            continue
        try:
            while True:
                message = await client.iopub_channel.get_msg(timeout=0.5)
                if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                    return
        except Exception:  # queue.Empty: not connected yet, so ask again
            await asyncio.sleep(0.02)


class _Run:
    """One execution: the time that is left, and what failed."""

    def __init__(self, client: Any, job: Row, failure: type[Exception]) -> None:
        self._client = client
        self._job = job
        self._failure = failure
        self._deadline = time.monotonic() + job["total"]
        self._status = "done"
        self._failed: list[int] = []
        self._messages: list[str] = []

    async def cell(self, cell: Any, index: int) -> bool:
        """Execute one cell; False when no other may follow."""
        self._client.left = self._job["output"]
        left = self._deadline - time.monotonic()
        task = asyncio.ensure_future(self._client.async_execute_cell(cell, index))
        done, _ = await asyncio.wait({task}, timeout=max(0.0, min(self._job["timeout"], left)))
        if not done:
            return await self._interrupt(task, index, whole=left <= self._job["timeout"])
        try:
            task.result()
        except self._failure as error:
            self._fail(index, "failed", _last(cell, error))
        except Exception as error:
            self._fail(index, "failed", f"{type(error).__name__}: {error}")
            return False
        return not self._failed or self._job["on_error"] == "continue"

    async def _interrupt(self, task: Any, index: int, *, whole: bool) -> bool:
        seconds = self._job["total" if whole else "timeout"]
        what = "the notebook as a whole" if whole else "the cell"
        self._fail(index, "timeout", f"the time is used up: {what} has {seconds:g} seconds")
        os.kill(os.getppid(), signal.SIGINT)
        done, _ = await asyncio.wait({task}, timeout=GRACE)
        if done:
            task.exception()
        return bool(done) and not whole and self._job["on_error"] == "continue"

    def _fail(self, index: int, status: str, message: str) -> None:
        self._failed.append(index)
        self._messages.append(f"cell {index + 1}: {message}")
        if self._status != "timeout":
            self._status = status

    def result(self, cells: list[Any]) -> Row:
        rows = [{"count": cell.get("execution_count"), "outputs": joined(cell.get("outputs", []))} for cell in cells]
        message = self._messages[0] if self._messages else ""
        return {"status": self._status, "failed": self._failed, "message": message, "cells": rows}


def joined(outputs: list[Row]) -> list[Row]:
    """The outputs with neighbouring pieces of a stream made one, and lines as a terminal shows them.

    nbclient can do the like, in time that grows with the square of a line's length.
    """
    found: list[tuple[Row, list[str]]] = []
    for output in outputs:
        stream = output["output_type"] == "stream"
        if stream and found and found[-1][0].get("name") == output["name"]:
            found[-1][1].append(output["text"])
        else:
            found.append((output, [output["text"]] if stream else []))
    return [{**output, "text": _overwritten("".join(parts))} if parts else output for output, parts in found]


def _overwritten(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines) if "\r" in text else text


def _last(cell: Any, error: Any) -> str:
    """What the cell raised, and where in the notebook: frames of libraries are in the executed notebook only."""
    rows = [output for output in cell.outputs if output["output_type"] == "error"]
    parts = rows[-1]["traceback"] if rows else []
    trace = "\n".join([part for part in parts if part.lstrip().startswith("Cell In[")] or parts)
    name, text = (rows[-1]["ename"], rows[-1]["evalue"]) if rows else (error.ename, error.evalue)
    return f"{name}: {text}\n{trace[-MAX_TRACEBACK:]}".rstrip()

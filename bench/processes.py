"""Servers in processes of their own: started, waited for, measured and ended."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.client import HOST, Caller, get

ROOT = Path(__file__).parents[1]
START_SECONDS = 30.0
STOP_SECONDS = 30.0


class ServerFailed(Exception):
    """A server of the benchmark ended by itself, or did not come up; the message holds its last words."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server process."""

    pid: int
    port: int
    #: From the start of the process to its first answer.
    start_seconds: float

    def resident_bytes(self) -> int:
        """Memory of the process that is in use now (Linux)."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self) -> float:
        """Processor time of all its threads so far, to the nanosecond (Linux)."""
        return cpu_seconds(self.pid)


def cpu_seconds(pid: int) -> float:
    """Processor time of a process's threads so far (Linux)."""
    nanoseconds = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        # A thread may end while it is looked at.
        with suppress(OSError):
            nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def junban(port: int, *arguments: str) -> list[str]:
    """The command that serves Junban."""
    return [sys.executable, "-m", "ticketing", "serve", "--host", HOST, "--port", str(port), *arguments]


def module(name: str, port: int) -> list[str]:
    """The command that serves a reference."""
    return [sys.executable, "-m", name, str(port)]


@asynccontextmanager
async def serving(command: Sequence[str], port: int, log: Path, *, is_http: bool = True) -> AsyncIterator[Server]:
    """The server that a command starts, from its first answer on (the first accepted connection if it speaks no HTTP).

    Raises ServerFailed.
    """
    begin = time.perf_counter()
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=log.parent, env=os.environ | _path_to_us(), stdout=output, stderr=output
        )
    try:
        await _first_answer(process, port, log, is_http)
        yield Server(process.pid, port, time.perf_counter() - begin)
    finally:
        await _end(process)


def _path_to_us() -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths)}


async def _first_answer(process: asyncio.subprocess.Process, port: int, log: Path, is_http: bool) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.returncode is None:
        try:
            caller = await Caller.connect(port)
        except OSError:
            await asyncio.sleep(0.005)
            continue
        try:
            if is_http:
                async with asyncio.timeout(START_SECONDS):
                    await caller.ask(get("/healthz"))
            return
        except (ConnectionError, TimeoutError):
            await asyncio.sleep(0.005)
        finally:
            caller.close()
    raise ServerFailed(_last_words(log) or "The server did not answer.")


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

"""The plain endpoint under several HTTP servers: why Junban's is the one it is.

python -m pip install granian hypercorn      # those that are not installed are left out
python -m bench.servers                      # one JSON object a line, a minute
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.util import find_spec
from itertools import repeat
from pathlib import Path

from bench import environment
from bench.client import HOST, Run, drive
from bench.figures import Line, compared, emit, left_out
from bench.halls import plain, plain_request
from bench.processes import Server, free_port, serving

CLIENTS, ROUNDS, SECONDS, WARM_UP_SECONDS = 64, 5, 1.0, 0.2
APP = "bench.plain:app"
_UVICORN = ("--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level", "critical")
#: By what a line calls it: the package, and what follows ``python -m`` before address and application.
SERVERS: dict[str, tuple[str, Sequence[str]]] = {
    "uvicorn, httptools, asyncio": ("uvicorn", ("uvicorn", "--http", "httptools", "--loop", "asyncio", *_UVICORN)),
    "uvicorn, h11, uvloop": ("uvicorn", ("uvicorn", "--http", "h11", "--loop", "uvloop", *_UVICORN)),
    "hypercorn, uvloop": ("hypercorn", ("hypercorn", "--worker-class", "uvloop", "--log-level", "critical")),
    "granian, uvloop": (
        "granian",
        ("granian", "--interface", "asgi", "--http", "1", "--loop", "uvloop", "--log-level", "critical"),
    ),
}


async def measure(folder: Path) -> list[Line]:
    """Each server beside the one that ``junban serve`` uses (uvicorn, httptools, uvloop), round by round."""
    lines, running = [], {}
    async with AsyncExitStack() as stack:
        reference = await stack.enter_async_context(plain(folder))
        for name, (package, arguments) in SERVERS.items():
            if find_spec(package) is None:
                lines.append(left_out(name, f"{package} is not installed"))
                continue
            port = free_port()
            command = [sys.executable, "-m", *arguments, *_address(package, port), APP]
            running[name] = await stack.enter_async_context(serving(command, port, folder / "server.log"))
        runs: dict[str, list[Run]] = {name: [] for name in running}
        references: list[Run] = []
        for _ in range(ROUNDS):
            references.append(await _drive(reference))
            for name, server in running.items():
                runs[name].append(await _drive(server))
    return lines + [{"bench": "server", "server": name, **compared(runs[name], references, 201)} for name in running]


def _address(package: str, port: int) -> Sequence[str]:
    return ("--bind", f"{HOST}:{port}") if package == "hypercorn" else ("--host", HOST, "--port", str(port))


async def _drive(server: Server) -> Run:
    return await drive(server.port, [repeat(plain_request("")) for _ in range(CLIENTS)], SECONDS, WARM_UP_SECONDS)


async def _main() -> None:
    with tempfile.TemporaryDirectory(prefix="junban-servers-") as folder:
        emit(environment.describe(Path(folder)))
        for line in await measure(Path(folder)):
            emit(line)


if __name__ == "__main__":
    asyncio.run(_main())

"""A web server on a free port of this machine, for what the demonstration plays beside the offices."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.routing import BaseRoute, Router

HOST = "127.0.0.1"
#: How long replies under way may take at the end.
REPLIES_AT_END_SECONDS = 1


@asynccontextmanager
async def serving(name: str, routes: list[BaseRoute]) -> AsyncIterator[str]:
    """Serves for as long as the context lasts; yields the address, such as ``http://127.0.0.1:40123``."""
    listening = socket.create_server((HOST, 0))
    server = _Server(
        uvicorn.Config(
            Router(routes),
            ws="none",
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=REPLIES_AT_END_SECONDS,
        )
    )
    running = asyncio.create_task(server.serve(sockets=[listening]), name=name)
    try:
        yield f"http://{HOST}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: signals are for the server that it is part of."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

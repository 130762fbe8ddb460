"""The reference for HTTP: one plain Starlette endpoint, JSON in and out, served with the settings of `junban serve`.

Beside it a WebSocket that is accepted and nothing else: what a connection of the server takes by itself.
"""

import asyncio
import gc
import socket
import sys
from typing import Any

import msgspec
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from ticketing.commands.serve import BACKLOG
from ticketing.live_protocol import LiveProtocol

#: As long as the answer to a ticket.
ANSWER: dict[str, Any] = {
    "office": "b01",
    "number": "A0001",
    "service": "s1",
    "state": "waiting",
    "language": "ja",
    "position": 1,
    "ahead": 0,
    "wait_low": 0,
    "wait_high": 60,
    "issued_at": "2026-09-03T01:24:05.120Z",
    "business_day": "2026-09-03",
    "counter": None,
    "called_at": None,
    "call_count": 0,
    "deferrals_left": 2,
    "secret": "b01.20260903.A0001.0123456789012345678901",
    "url": "http://127.0.0.1:8000/t#b01.20260903.A0001.0123456789012345678901",
}


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """What a kiosk or a console sends."""

    service: str | None = None
    finish: str | None = None


_decode = msgspec.json.Decoder(Body).decode
_encode = msgspec.json.Encoder().encode


async def answer(request: Request) -> Response:
    """Reads the body, answers the same every time."""
    body = _decode(await request.body())
    return Response(_encode({**ANSWER, "service": body.service}), 201, media_type="application/json")


async def live(websocket: WebSocket) -> None:
    """Waits for the client to go away."""
    await websocket.accept()
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


app = Starlette(routes=[Route("/tickets", answer, methods=["POST"]), WebSocketRoute("/live", live)])


def serve(port: int) -> None:
    """Serves until it is told to end."""
    config = uvicorn.Config(
        app,
        http="httptools",
        ws=LiveProtocol,
        ws_per_message_deflate=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        access_log=False,
        log_config=None,
    )
    listening = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    gc.freeze()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=[listening]))


if __name__ == "__main__":
    serve(int(sys.argv[1]))

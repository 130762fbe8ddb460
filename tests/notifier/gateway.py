"""A provider's gateway on a real socket: it remembers byte for byte what it was asked, and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True)


@dataclass
class GatewayServer:
    """What the gateway answers, and what it was asked."""

    status: int = 201
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    #: "": it answers. Otherwise: never, not to the end, with a body without end, or by cutting the connection.
    fault: str = ""
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(Asked(request.method, request.raw_path, dict(request.headers), body))
        if self.fault == "silent":
            await self.closing.wait()
        if self.fault == "cut":
            assert request.transport is not None
            request.transport.abort()
        if self.fault in ("unfinished", "endless"):
            return await self._never_end(request)
        return web.Response(status=self.status, body=self.body, headers=self.headers, content_type="application/json")

    async def _never_end(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=self.status)
        await response.prepare(request)
        while self.fault == "endless":
            await response.write(b"x" * 65_536)
        await response.write(b'{"code": 2')
        await self.closing.wait()
        return response


@asynccontextmanager
async def gateway_server(server: GatewayServer) -> AsyncIterator[GatewayServer]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        server.closing.set()
        await runner.cleanup()

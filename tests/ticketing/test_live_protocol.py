"""The live feed over real connections: with the frames written to the transport, and with plain sends."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import websockets

from tests.boards import next_frame
from tests.ticketing.web.edge import Edge, config_in, edge_of
from tests.waiting import until
from ticketing.desk import Desk
from ticketing.hall import commands as cmd
from ticketing.hall.view import snapshot
from ticketing.live import SLOW_SECONDS, Feed
from ticketing.live_protocol import LiveProtocol

SATO = "staff:sato"
#: What a client that reads nothing leaves on the server, at most, on its way there.
SOCKET_BYTES = 4096
PROTOCOLS = [pytest.param(LiveProtocol, id="frames"), pytest.param("websockets-sansio", id="plain")]


class Server(uvicorn.Server):
    """uvicorn without its signal handlers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Hall:
    """A served office."""

    edge: Edge
    server: Server
    task: "asyncio.Task[None]"
    port: int

    @property
    def desk(self) -> Desk:
        desk = self.edge.node.site.desks.get("ward")
        assert desk is not None
        return desk

    @property
    def feed(self) -> Feed:
        feed = self.edge.node.site.live.feed("ward")
        assert feed is not None
        return feed

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/api/v1/offices/ward/live"

    async def issue(self) -> None:
        await self.desk.submit(cmd.Issue(by="kiosk:k1", service="family", channel="kiosk", language="ja"))

    async def call(self, times: int = 1) -> None:
        for _ in range(times):
            await self.desk.submit(cmd.CallNext(by=SATO, counter="1", finish="complete"))

    async def fill(self) -> None:
        """Opens a counter and lets many wait, so that every call is told in a long frame."""
        await self.desk.submit(cmd.OpenCounter(by=SATO, counter="1"))
        await asyncio.gather(*(self.issue() for _ in range(400)))

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.task

    def stalled(self) -> socket.socket:
        """A board that connects and then reads nothing."""
        board = socket.socket()
        board.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
        board.connect(("127.0.0.1", self.port))
        board.sendall(
            f"GET /api/v1/offices/ward/live HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        return board

    async def stall(self) -> socket.socket:
        """A board that has fallen behind."""
        board = self.stalled()
        await until(lambda: self.feed.boards)
        await self.fill()
        await self.call(60)
        (watcher,) = self.feed.boards
        assert watcher.behind_since is not None
        return board


Serve = Callable[[Any], AbstractAsyncContextManager[Hall]]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    @asynccontextmanager
    async def serve(protocol: Any) -> AsyncIterator[Hall]:
        with socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
            listening.bind(("127.0.0.1", 0))
            async with edge_of(config_in(tmp_path)) as edge:
                site = edge.node.site
                site.live.start(site.desks, site.extras)
                server = Server(
                    uvicorn.Config(edge.app, ws=protocol, ws_per_message_deflate=False, lifespan="off", log_config=None)
                )
                task = asyncio.create_task(server.serve(sockets=[listening]))
                await until(lambda: server.started)
                hall = Hall(edge, server, task, listening.getsockname()[1])
                yield hall
                await hall.stop()
                await site.live.stop()

    return serve


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_boards_are_told_the_same_over_either_kind_of_connection(serve: Serve, protocol: Any) -> None:
    async with serve(protocol) as hall:
        await hall.desk.submit(cmd.OpenCounter(by=SATO, counter="1"))
        await hall.issue()
        async with websockets.connect(hall.url) as one, websockets.connect(hall.url) as other:
            first = [await next_frame(board) for board in (one, other)]
            before = snapshot(hall.desk.hall, hall.edge.clock.now())
            await hall.call()
            second = [await next_frame(board) for board in (one, other)]

    assert [{name: frame[name] for name in before} for frame in first] == [before] * 2
    assert [frame["type"] for frame in first + second] == ["snapshot"] * 2 + ["change"] * 2
    assert [call["number"] for call in second[0]["calls"]] == ["A001"]
    assert second[0] == second[1]


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_board_that_takes_data_again_gets_the_whole_picture(serve: Serve, protocol: Any) -> None:
    async with serve(protocol) as hall:
        with await hall.stall() as stalled:
            stalled.setblocking(False)
            reader, writer = await asyncio.open_connection(sock=stalled)
            await reader.readuntil(b"\r\n\r\n")

            # It may have fallen behind and caught up before; the last picture is the one of now.
            expected = snapshot(hall.desk.hall, hall.edge.clock.now())
            kinds = [json.loads(await frame(reader))["type"]]
            shown: dict[str, Any] = {}
            async with asyncio.timeout(5):
                while shown != expected:
                    told = json.loads(await frame(reader))
                    kinds.append(told["type"])
                    if told["type"] == "snapshot":
                        shown = {name: told[name] for name in expected}
            writer.close()

    assert kinds[0] == "snapshot"
    assert {*kinds} <= {"snapshot", "change", "pulse"}
    assert len(kinds) < 60


async def frame(reader: asyncio.StreamReader) -> bytes:
    """The payload of the next text frame; other frames are left out."""
    while True:
        head = await reader.readexactly(2)
        length = head[1]
        if length > 125:
            length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8))
        payload = await reader.readexactly(length)
        if head[0] == 0x81:
            return payload


async def test_a_stalled_board_keeps_nobody_else_waiting(serve: Serve) -> None:
    async with serve(LiveProtocol) as hall:
        with await hall.stall():
            async with websockets.connect(hall.url) as board:
                await board.recv()
                await hall.call()
                async with asyncio.timeout(1):
                    told = await next_frame(board)

    assert [call["number"] for call in told["calls"]] == ["A061"]


async def test_a_board_stalled_for_too_long_is_sent_away_and_cut_off(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ticketing.live_protocol.CUT_SECONDS", 0.1)
    async with serve(LiveProtocol) as hall:
        with await hall.stall():
            (watcher,) = hall.feed.boards
            assert watcher.behind_since is not None
            watcher.behind_since -= SLOW_SECONDS + 1

            hall.feed.pulse()

            await until(lambda: not hall.server.server_state.connections)
            assert not hall.feed.boards


async def test_a_board_that_wakes_up_in_time_learns_why_it_is_sent_away(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ticketing.live_protocol.CUT_SECONDS", 1.0)
    async with serve(LiveProtocol) as hall:
        with await hall.stall() as stalled:
            (watcher,) = hall.feed.boards
            assert watcher.behind_since is not None
            watcher.behind_since -= SLOW_SECONDS + 1
            hall.feed.pulse()
            stalled.setblocking(False)
            reader, writer = await asyncio.open_connection(sock=stalled)

            async with asyncio.timeout(5):
                everything = await reader.read()
            writer.close()

    assert everything.endswith(b"\x88\x02" + (1013).to_bytes(2))


async def test_a_stalled_board_does_not_hold_up_the_stop(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticketing.live_protocol.CUT_SECONDS", 0.1)
    async with serve(LiveProtocol) as hall:
        with await hall.stall():
            async with asyncio.timeout(3):
                await hall.stop()


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_boards_are_told_that_the_server_restarts(serve: Serve, protocol: Any) -> None:
    async with serve(protocol) as hall, websockets.connect(hall.url) as board:
        await board.recv()

        await hall.stop()

        await board.wait_closed()
        assert board.close_code == 1012

"""The database goes away under a running server, and comes back."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import websockets

from tests.crowd import COUNTERS, ISSUE, OFFICE_ID, Crowd, install, stored
from tests.postgres import PostgresServer, new_database, on_postgres, postgres_server
from tests.processes import Server
from tests.waiting import until

pytestmark = on_postgres

#: By then a command is told that it cannot be carried out now, and service is back (seconds); idle machines take less.
REFUSED_WITHIN, BACK_WITHIN = 15.0, 30.0
#: A relay that nobody asks for anything; its outbox is looked at.
MAIL = """
[mail]
host = "127.0.0.1"
tls = "off"
sender = "queue@city.example.jp"
approval = "none, for this is a test"

[privacy]
responsible = "Nobody"
"""


@pytest.fixture
def failing() -> Iterator[PostgresServer]:
    """A server of this test's own."""
    with postgres_server() as server:
        yield server


@pytest.mark.timeout(300)
async def test_the_database_goes_and_comes_back(tmp_path: Path, failing: PostgresServer) -> None:
    installation = await install(tmp_path, f'[database]\nurl = "{await new_database(failing)}"\n{MAIL}')
    async with installation.serving() as server:
        crowd = await Crowd.enrol(installation, server)
        board = asyncio.create_task(last_told(server))
        for how in ("fast", "immediate"):
            load = asyncio.gather(
                *(crowd.kiosk([server.url], 200) for _ in range(6)),
                *(crowd.console(counter, [server.url], 200) for counter in COUNTERS[:4]),
            )
            many = len(crowd.called)
            await until(lambda many=many: len(crowd.called) >= many + 5, 60)
            await asyncio.to_thread(failing.stop, how)
            await refuses(server, crowd)
            await asyncio.to_thread(failing.start)
            await serves(server, crowd)
            load.cancel()
            with suppress(asyncio.CancelledError):
                await load
        async with crowd.client() as client:
            # Whoever was sent away or cut short asks again with the same key.
            for request in crowd.unanswered:
                assert await crowd.send(client, server.url, request)
        after = await stored(installation)
        async with asyncio.timeout(BACK_WITHIN):
            while server_seq(board) < after.seqs[-1]:
                await asyncio.sleep(0.05)
        board.cancel()
        last = [*crowd.issued[-5:], *crowd.called[-5:]]
        assert await crowd.repeat(server.url, last) == [each.number for each in last]

    issued, called = {each.number for each in crowd.issued}, {each.number for each in crowd.called}
    print(f"{len(issued)} tickets, {len(called)} calls, {len(crowd.refused)} times refused, {len(after.seqs)} events")
    # Nothing answered is lost, and nothing was done twice.
    assert issued <= set(after.issued)
    assert called <= {number for number, _ in after.called}
    assert len(set(after.issued)) == len(after.issued)
    assert len({number for number, _ in after.called}) == len(after.called)
    assert after.seqs == list(range(1, len(after.seqs) + 1))
    assert set(crowd.refused) <= {503}
    # What is away is no news to the log: one line an event.
    assert "Traceback" not in installation.log.read_text("utf-8")


@pytest.mark.parametrize("how", ["fast", "immediate"])
async def test_a_server_told_to_stop_while_it_loses_its_database_ends(
    tmp_path: Path, failing: PostgresServer, how: str
) -> None:
    installation = await install(tmp_path, f'[database]\nurl = "{await new_database(failing)}"\n')
    async with installation.serving() as server:
        crowd = await Crowd.enrol(installation, server)
        load = asyncio.gather(
            *(crowd.kiosk([server.url], 200) for _ in range(6)),
            *(crowd.console(counter, [server.url], 200) for counter in COUNTERS[:4]),
        )
        await until(lambda: len(crowd.called) >= 5, 60)

        failing.stop(how)
        try:
            async with asyncio.timeout(BACK_WITHIN):
                code = await server.stop()
        except TimeoutError:
            await server.kill()
            raise
        finally:
            failing.start()
        await load

    assert code == 0
    assert set(crowd.refused) <= {503}


_told: dict[int, int] = {}


def server_seq(board: "asyncio.Task[None]") -> int:
    """How far the board knows the journal."""
    if board.done():
        board.result()
    return _told.get(0, 0)


async def last_told(server: Server) -> None:
    """A board; it stays connected through everything."""
    async with websockets.connect(f"{server.url.replace('http', 'ws')}/api/v1/offices/{OFFICE_ID}/live") as board:
        async for message in board:
            _told[0] = json.loads(message)["seq"]


async def refuses(server: Server, crowd: Crowd) -> None:
    """A clear 503 in time; what only reads stays."""
    async with crowd.client() as client:
        async with asyncio.timeout(REFUSED_WITHIN):
            answer = await ask(client, server)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2"), answer.text
        assert answer.json()["code"] == "unavailable"
        for path, status in (("/healthz", 200), ("/readyz", 503), (f"/board/{OFFICE_ID}", 200)):
            assert (await client.get(server.url + path)).status_code == status, path
        state = await client.get(f"{server.url}/api/v1/offices/{OFFICE_ID}")
        assert state.status_code == 200, state.text


async def serves(server: Server, crowd: Crowd) -> None:
    async with crowd.client() as client, asyncio.timeout(BACK_WITHIN):
        while (await client.get(f"{server.url}/readyz")).status_code != 200:
            await asyncio.sleep(0.1)
        while (answer := await ask(client, server)).status_code != 201:
            assert answer.status_code == 503, answer.text
            await asyncio.sleep(0.1)


async def ask(client: httpx.AsyncClient, server: Server) -> httpx.Response:
    return await client.post(
        server.url + ISSUE, json={"service": "tax", "via": "kiosk"}, headers={"Origin": server.url}, timeout=30
    )

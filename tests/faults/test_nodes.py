"""Two nodes on one PostgreSQL: many clients on both, one paused, one killed, and boards that hear of the other one."""

import asyncio
import json
import signal
import statistics
from contextlib import AsyncExitStack
from pathlib import Path

import websockets

from tests.crowd import COUNTERS, OFFICE_ID, Crowd, Request, install, stored
from tests.postgres import PostgresServer, new_database, on_postgres
from tests.processes import Server
from tests.waiting import until

pytestmark = on_postgres

CLIENTS = 50
CALLS = 20
#: How long a node is paused, and how long it runs before it is killed (seconds).
PAUSE, BEFORE_KILL = 3.0, 1.0
#: A pause that a node takes for a standstill.
LONG_PAUSE = 5.0


async def test_nodes_give_no_number_twice_and_no_call_twice_whatever_happens_to_one(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    installation = await install(tmp_path, f'[database]\nurl = "{await new_database(postgres)}"\n')
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(installation.serving()) for _ in range(2)]
        crowd = await Crowd.enrol(installation, one)
        load = [
            asyncio.create_task(work)
            for url in urls(one, other)
            for work in (
                *(crowd.kiosk([url], 1000) for _ in range(CLIENTS // 2 - len(COUNTERS))),
                *(crowd.console(counter, [url], 1000) for counter in COUNTERS),
            )
        ]
        await until(lambda: len(crowd.called) >= CALLS, 30)

        other.process.send_signal(signal.SIGSTOP)
        before = len(crowd.issued)
        await asyncio.sleep(PAUSE)
        meanwhile = len(crowd.issued) - before
        other.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(BEFORE_KILL)
        await other.kill()
        # Those of the killed node end by themselves; the others are stopped after some more work.
        await until(lambda: len(crowd.unanswered) >= CLIENTS // 4, 30)
        rest = len(crowd.issued)
        await until(lambda: len(crowd.issued) >= rest + 50, 30)
        await one.stop()
        await asyncio.gather(*load)

        again = await stack.enter_async_context(installation.serving())
        lost, crowd.unanswered = crowd.unanswered, []
        async with crowd.client() as client:
            for request in lost:
                assert await crowd.send(client, again.url, request)
        last = [*crowd.issued[-5:], *crowd.called[-5:]]
        assert await crowd.repeat(again.url, last) == [each.number for each in last]

    after = await stored(installation)
    issued, called = [each.number for each in crowd.issued], [each.number for each in crowd.called]
    print(f"{len(issued)} tickets, {len(called)} calls; {meanwhile} tickets while one node was paused")
    assert meanwhile > 0
    assert sorted(set(issued)) == sorted(issued) == sorted(after.issued)
    assert sorted(set(called)) == sorted(called) == sorted(number for number, _ in after.called)
    assert after.seqs == list(range(1, len(after.seqs) + 1))
    # A server that is told to stop, or that was paused for longer than it may take, sends clients away.
    assert set(crowd.refused) <= {503}
    assert not (installation.data / "junban.sqlite3").exists()
    replayed = await installation.run("replay", OFFICE_ID, after.day.isoformat())
    assert replayed.splitlines()[-1] == f"{len(issued)} tickets; equal to the stored rows: yes"


def urls(*servers: Server) -> list[str]:
    return [server.url for server in servers]


async def test_what_a_paused_node_was_asked_is_not_done_after_it_was_refused_elsewhere(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    installation = await install(tmp_path, f'[database]\nurl = "{await new_database(postgres)}"\n')
    async with installation.serving() as one, installation.serving() as other:
        crowd = await Crowd.enrol(installation, one)
        await crowd.kiosk([one.url], 1)
        counter = f"/api/v1/offices/{OFFICE_ID}/counters/{COUNTERS[0]}"
        call = Request(f"{counter}/call-next", {}, "called")
        async with crowd.client() as client, crowd.client() as patient:
            await crowd.post(client, one.url, Request(f"{counter}/close", {}, "closed"))
            other.process.send_signal(signal.SIGSTOP)
            waiting = asyncio.create_task(crowd.post(patient, other.url, call))
            await asyncio.sleep(LONG_PAUSE)
            refused = await crowd.post(client, one.url, call)
            opened = await crowd.post(client, one.url, Request(f"{counter}/open", {}, "opened"))
            other.process.send_signal(signal.SIGCONT)
            late = await waiting

    assert (refused.status_code, opened.status_code, late.status_code) == (409, 200, 503), late.text
    assert (await stored(installation)).called == []


async def test_a_board_on_the_other_node_hears_of_a_call_within_a_second(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    installation = await install(tmp_path, f'[database]\nurl = "{await new_database(postgres)}"\n')
    loop = asyncio.get_running_loop()
    seconds = []
    async with installation.serving() as one, installation.serving() as other:
        crowd = await Crowd.enrol(installation, one)
        await crowd.kiosk([one.url], CALLS)
        address = f"{other.url.replace('http', 'ws')}/api/v1/offices/{OFFICE_ID}/live"
        async with websockets.connect(address) as board:
            for place in range(CALLS):
                counter = COUNTERS[place % len(COUNTERS)]
                await crowd.console(counter, [one.url], 1)
                called_at = loop.time()
                async with asyncio.timeout(5):
                    while not _calls(await board.recv(), crowd.called[-1].number, counter):
                        pass
                seconds.append(loop.time() - called_at)

    middle = statistics.median(seconds)
    print(f"after the answer, the other node's board: median {middle * 1000:.0f} ms, last {max(seconds) * 1000:.0f} ms")
    assert middle < 1.0
    assert (len(crowd.called), crowd.refused) == (CALLS, [])


def _calls(message: str | bytes, number: str, counter: str) -> bool:
    frame = json.loads(message)
    return any((call["number"], call["counter"]) == (number, counter) for call in frame.get("calls", ()))

import asyncio
import random
from pathlib import Path

from tests.crowd import COUNTERS, OFFICE_ID, Crowd, Request, install, stored
from tests.processes import Installation, Server

KILLS = 20
#: The load runs for up to so many seconds before each kill.
LONGEST_RUN = 0.6


async def test_a_killed_server_keeps_whatever_it_answered(tmp_path: Path) -> None:
    installation = await install(tmp_path)
    chance = random.Random(20)
    async with installation.serving() as server:
        crowd = await Crowd.enrol(installation, server)
    for _ in range(KILLS):
        async with installation.serving() as server:
            await _check(installation, crowd, server)
            load = asyncio.gather(
                *(crowd.kiosk([server.url], times=1000) for _ in range(10)),
                *(crowd.console(counter, [server.url], times=1000) for counter in COUNTERS[:6]),
            )
            await asyncio.sleep(chance.uniform(0.05, LONGEST_RUN))
            await server.kill()
            await load

    async with installation.serving() as server:
        await _check(installation, crowd, server)
    after = await stored(installation)
    assert after.seqs == list(range(1, len(after.seqs) + 1))
    assert crowd.refused == []
    replayed = await installation.run("replay", OFFICE_ID, after.day.isoformat())
    assert replayed.splitlines()[-1] == f"{len(after.issued)} tickets; equal to the stored rows: yes"


async def _check(installation: Installation, crowd: Crowd, server: Server) -> None:
    """Everything answered is there once, and repeated requests are answered as before."""
    await _send_again(crowd, server)
    after = await stored(installation)
    issued, called = [each.number for each in crowd.issued], [each.number for each in crowd.called]
    assert sorted(set(issued)) == sorted(after.issued) == sorted(issued)
    assert sorted(set(called)) == sorted(number for number, _ in after.called) == sorted(called)
    last = [*crowd.issued[-5:], *crowd.called[-5:]]
    assert await crowd.repeat(server.url, last) == [each.number for each in last]
    assert (await stored(installation)).seqs == after.seqs


async def _send_again(crowd: Crowd, server: Server) -> None:
    """Clients whose connection was lost ask again with the same key."""
    requests: list[Request] = crowd.unanswered
    crowd.unanswered = []
    async with crowd.client() as client:
        for request in requests:
            assert await crowd.send(client, server.url, request)

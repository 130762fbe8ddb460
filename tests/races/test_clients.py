import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.crowd import COUNTERS, ISSUE, OFFICE_ID, Crowd, Request, install, stored


@pytest.mark.parametrize("processes", [1, 2])
async def test_fifty_clients_get_no_number_twice_and_no_call_twice(tmp_path: Path, processes: int) -> None:
    installation = await install(tmp_path)
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(installation.serving()) for _ in range(processes)]
        crowd = await Crowd.enrol(installation, servers[0])
        urls = [server.url for server in servers]

        await asyncio.gather(
            *(crowd.kiosk(urls, times=12) for _ in range(34)),
            *(crowd.console(counter, urls, times=20) for counter in COUNTERS for _ in range(2)),
        )

    after = await stored(installation)
    issued, called = [each.number for each in crowd.issued], [(each.number, each.counter) for each in crowd.called]
    assert len(set(issued)) == len(issued)
    assert len({number for number, _ in called}) == len(called) > 0
    assert sorted(issued) == sorted(after.issued)
    assert sorted(called) == sorted(after.called)
    assert after.seqs == list(range(1, len(after.seqs) + 1))
    assert (len(issued), crowd.refused, crowd.unanswered) == (34 * 12, [], [])
    replayed = await installation.run("replay", OFFICE_ID, after.day.isoformat())
    assert replayed.splitlines()[-1] == f"{len(issued)} tickets; equal to the stored rows: yes"


async def test_one_key_sent_to_two_processes_at_once_gives_one_ticket(tmp_path: Path) -> None:
    installation = await install(tmp_path)
    async with installation.serving() as one, installation.serving() as other:
        crowd = await Crowd.enrol(installation, one)
        requests = [Request(ISSUE, {"service": "tax", "via": "kiosk"}, f"tap-{place}") for place in range(30)]
        async with crowd.client() as client:
            await asyncio.gather(
                *(crowd.send(client, server.url, request) for request in requests for server in (one, other))
            )

    numbers = {key: {each.number for each in crowd.issued if each.request.key == key} for key in map(_key, requests)}
    after = await stored(installation)
    assert (len(crowd.issued), crowd.refused, crowd.unanswered) == (60, [], [])
    assert [len(found) for found in numbers.values()] == [1] * 30
    assert sorted(after.issued) == sorted(number for found in numbers.values() for number in found)


def _key(request: Request) -> str:
    return request.key

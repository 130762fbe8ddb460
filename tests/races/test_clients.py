import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.crowd import COUNTERS, OFFICE_ID, Crowd, install, stored


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
    assert (crowd.refused, crowd.lost) == ([], 0)
    assert len(issued) == len(set(issued)) == 34 * 12
    assert sorted(issued) == sorted(after.issued)
    assert len({number for number, _ in called}) == len(called) > 0
    assert sorted(called) == sorted(after.called)
    assert after.seqs == list(range(1, len(after.seqs) + 1))
    replayed = await installation.run("replay", OFFICE_ID, after.day.isoformat())
    assert replayed.splitlines()[-1] == f"{len(issued)} tickets; equal to the stored rows: yes"

import asyncio
from pathlib import Path

import websockets

from tests.crowd import COUNTERS, OFFICE_ID, Crowd, install, stored


async def test_a_server_told_to_stop_answers_what_it_accepted(tmp_path: Path) -> None:
    installation = await install(tmp_path)
    async with installation.serving() as server:
        crowd = await Crowd.enrol(installation, server)
        load = asyncio.gather(
            *(crowd.kiosk([server.url], times=1000) for _ in range(10)),
            *(crowd.console(counter, [server.url], times=1000) for counter in COUNTERS[:6]),
        )
        boards = [await websockets.connect(f"{server.url.replace('http', 'ws')}/api/v1/offices/{OFFICE_ID}/live")] * 1
        while len(crowd.called) < 20:
            await asyncio.sleep(0.01)

        code = await server.stop()
        await load
        closed = []
        for board in boards:
            await board.wait_closed()
            closed.append(board.close_code)

    after = await stored(installation)
    issued, called = {each.number for each in crowd.issued}, {each.number for each in crowd.called}
    assert (code, closed, set(crowd.refused) - {503}) == (0, [1012], set())
    # What was carried out was also answered: nobody was left in the dark.
    assert (sorted(issued), sorted(called)) == (sorted(after.issued), sorted(number for number, _ in after.called))

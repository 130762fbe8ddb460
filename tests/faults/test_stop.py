import asyncio
from contextlib import suppress
from pathlib import Path

import websockets

from tests.crowd import COUNTERS, OFFICE_ID, Crowd, install, stored
from tests.processes import Server
from tests.waiting import until


async def test_a_server_told_to_stop_answers_what_it_accepted(tmp_path: Path) -> None:
    installation = await install(tmp_path)
    async with installation.serving() as server:
        crowd = await Crowd.enrol(installation, server)
        load = asyncio.gather(
            *(crowd.kiosk([server.url], times=1000) for _ in range(10)),
            *(crowd.console(counter, [server.url], times=1000) for counter in COUNTERS[:6]),
        )
        boards = [asyncio.create_task(watch(server)) for _ in range(3)]
        await until(lambda: len(crowd.called) >= 20)

        code = await server.stop()
        await load
        closed = await asyncio.gather(*boards)

    after = await stored(installation)
    issued, called = {each.number for each in crowd.issued}, {each.number for each in crowd.called}
    assert (code, closed) == (0, [1012] * 3)
    assert set(crowd.refused) <= {503}
    # What was carried out was also answered: nobody was left in the dark.
    assert (sorted(issued), sorted(called)) == (sorted(after.issued), sorted(number for number, _ in after.called))
    assert installation.log.read_text() == ""


async def watch(server: Server) -> int | None:
    """A board that reads until it is sent away; the close code."""
    async with websockets.connect(f"{server.url.replace('http', 'ws')}/api/v1/offices/{OFFICE_ID}/live") as board:
        with suppress(websockets.ConnectionClosed):
            while True:
                await board.recv()
        return board.close_code

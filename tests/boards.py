"""A board that follows an office over several nodes, as the page does, and what it knew when."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import websockets

from tests.crowd import OFFICE_ID
from ticketing.hall.view import CALLS_TOLD

#: How long a node may take to let a board in (seconds).
LET_IN_SECONDS = 2.0
#: They go by with time, and no event says so.
_BY_TIME = ("wait_low", "wait_high")

Picture = dict[str, Any]


async def next_frame(socket: websockets.ClientConnection) -> Picture:
    """The next frame that tells something: signs of life may come at any time."""
    async with asyncio.timeout(5):
        while (frame := json.loads(await socket.recv()))["type"] == "pulse":
            pass
    return dict(frame)


class Board:
    """Goes to the next node when it loses the one that it has."""

    def __init__(self, urls: Sequence[str], place: int) -> None:
        self._urls, self._place = urls, place
        self._picture: Picture = {}
        #: When it had heard how far (loop time, seq), and when it lost a connection to which node.
        self.heard: list[tuple[float, int]] = []
        self.lost: list[tuple[float, str]] = []

    @property
    def url(self) -> str:
        return self._urls[self._place % len(self._urls)]

    @property
    def seq(self) -> int:
        return self.heard[-1][1] if self.heard else 0

    @property
    def picture(self) -> Picture:
        return comparable(self._picture)

    async def follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            address = f"{self.url.replace('http', 'ws')}/api/v1/offices/{OFFICE_ID}/live"
            try:
                async with websockets.connect(address, open_timeout=LET_IN_SECONDS) as socket:
                    async for message in socket:
                        frame = json.loads(message)
                        self._fold(frame)
                        self.heard.append((loop.time(), frame["seq"]))
            except (OSError, TimeoutError, websockets.WebSocketException):
                pass
            self.lost.append((loop.time(), self.url))
            self._place += 1
            await asyncio.sleep(0.05)

    def _fold(self, frame: Picture) -> None:
        if frame["type"] == "snapshot":
            self._picture = frame
        elif frame["type"] == "change":
            for key in ("services", "counters"):
                new = {entry["id"]: entry for entry in frame[key]}
                self._picture[key] = [new.get(entry["id"], entry) for entry in self._picture[key]]
            self._picture |= {key: frame[key] for key in ("absent", "notice") if key in frame}
            self._picture["calls"] = [*self._picture["calls"], *frame["calls"]]

    def knew(self, seq: int, since: float) -> float | None:
        """When it first knew the journal that far, seconds after ``since``; None: never."""
        return next((max(0.0, at - since) for at, known in self.heard if known >= seq and at >= since), None)


def comparable(picture: Picture) -> Picture:
    """What of a picture follows from the events alone."""
    return {
        "counters": picture["counters"],
        "services": [{key: each[key] for key in each if key not in _BY_TIME} for each in picture["services"]],
        "absent": picture["absent"],
        "notice": picture["notice"],
        "calls": picture["calls"][-CALLS_TOLD:],
    }

"""How long a call takes to the last of many boards, beside other ways to write the same frame to as many."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench import publishers
from bench.client import Caller
from bench.crowds import Crowd, Group, crowd, live
from bench.figures import Line, Targets, judged, left_out, milliseconds, percentile
from bench.halls import Hall, hall
from bench.installation import SERVICES, Console
from bench.processes import Server
from bench.publishers import Publisher
from bench.scale import Scale
from ticketing.web.live_socket import payload_of

#: The last of so many boards, against the raw writer and `nats-server`.
TARGETS: dict[int, Targets] = {
    1_000: {"ratio": ("at most", 1.25), "ratio_to_nats": ("at most", 0.8)},
    10_000: {"ratio": ("at most", 1.4), "ratio_to_nats": ("at most", 0.8)},
}
#: Between two frames, so that each finds the servers at rest.
PAUSE_SECONDS = 0.08
#: People in the queue at first, as on a busy day.
WAITING = 60


@dataclass(slots=True)
class Contestant:
    """One way to bring a frame to all boards."""

    name: str
    server: Server
    crowd: Crowd
    #: Brings the next frame on its way; given the last one as a whole and its payload.
    publish: Callable[[bytes, bytes], Awaitable[None]]
    #: Seconds to the last board, a list for each round.
    lasts: list[list[float]] = field(default_factory=list)
    cpu_seconds: float = 0.0
    frame: bytes = b""

    async def play(self, calls: int, frame: bytes) -> None:
        """One round."""
        lasts: list[float] = []
        payload = payload_of(frame).encode() if frame else b""
        cpu = self.server.cpu_seconds()
        for _ in range(calls):
            await asyncio.sleep(PAUSE_SECONDS)
            begin = time.perf_counter()
            _, shown = await asyncio.gather(self.publish(frame, payload), self.crowd.round())
            lasts.append(shown.last - begin)
            self.frame = shown.frame
        self.lasts.append(lasts)
        self.cpu_seconds += self.server.cpu_seconds() - cpu

    @property
    def every(self) -> list[float]:
        return [each for lasts in self.lasts for each in lasts]


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """A fresh office for each number of boards."""
    async with hall(folder) as our_hall:
        return [
            line
            for place, boards in enumerate(scale.boards)
            for line in await _compare(scale, folder, our_hall, our_hall.installation.consoles[place], boards)
        ]


async def _compare(scale: Scale, folder: Path, our_hall: Hall, console: Console, boards: int) -> list[Line]:
    await our_hall.issue(console.office, SERVICES[0], WAITING)
    async with AsyncExitStack() as stack:
        ours = Contestant(
            "junban", our_hall.server, await stack.enter_async_context(crowd()), _calling(console, our_hall.server.port)
        )
        before = our_hall.server.resident_bytes()
        await ours.crowd.connect(our_hall.server.port, [Group((live(console.office),), boards)])
        each_board_bytes = (our_hall.server.resident_bytes() - before) / boards
        others = [
            await stack.enter_async_context(_contestant(publisher, folder, boards))
            for publisher in (publishers.raw, publishers.broadcasting, *_nats())
        ]
        # The first frame of all is what the others are given to write.
        await ours.play(1, b"")
        for contestant in others:
            await contestant.play(1, ours.frame)
        for contestant in (ours, *others):
            contestant.lasts.clear()
            contestant.cpu_seconds = 0.0
        everybody = [*others, ours]
        for round_ in range(scale.rounds):
            # Nobody is always the first, or always behind the same one.
            first = round_ % len(everybody)
            for contestant in (*everybody[first:], *everybody[:first]):
                await contestant.play(scale.calls, b"" if contestant is ours else ours.frame)
        lines = [_line(ours, others, boards, scale.rounds, each_board_bytes)]
        if not _nats():
            lines.append(left_out("boards beside nats-server", "not installed (Debian: apt-get install nats-server)"))
        return lines


def _nats() -> tuple[Callable[[Path], object], ...]:
    return (publishers.nats,) if publishers.nats_program() else ()


def _calling(console: Console, port: int) -> Callable[[bytes, bytes], Awaitable[None]]:
    request, caller = console.call_next(), Caller(port)

    async def call(frame: bytes, payload: bytes) -> None:
        status, _, body = await caller.ask(request)
        assert status == 200, body

    return call


@asynccontextmanager
async def _contestant(start: Callable[[Path], object], folder: Path, boards: int) -> AsyncIterator[Contestant]:
    async with AsyncExitStack() as stack:
        publisher: Publisher = await stack.enter_async_context(start(folder))  # type: ignore[arg-type]
        crowd_of_it = await stack.enter_async_context(crowd())
        await publisher.invite(crowd_of_it, boards)
        yield Contestant(publisher.name, publisher.server, crowd_of_it, publisher.publish)


def _line(ours: Contestant, others: list[Contestant], boards: int, rounds: int, each_board_bytes: float) -> Line:
    line: Line = {
        "bench": "boards",
        "boards": boards,
        "rounds": rounds,
        "calls": len(ours.every),
        "frame_bytes": len(ours.frame),
        **_figures(ours, "", boards),
        "kib_a_board": round(each_board_bytes / 1024, 1),
    }
    for other in others:
        line |= _figures(other, f"{other.name}_", boards)
        ratios = [median(mine) / median(theirs) for mine, theirs in zip(ours.lasts, other.lasts)]
        name = "ratio" if other.name == "raw" else f"ratio_to_{other.name}"
        line |= {name: round(median(ratios), 2), name.replace("ratio", "ratios"): [round(ratio, 2) for ratio in ratios]}
    targets = {name: target for name, target in TARGETS.get(boards, {}).items() if name in line}
    return judged(line, targets) if targets else line


def _figures(contestant: Contestant, prefix: str, boards: int) -> Line:
    every = contestant.every
    return {
        f"{prefix}last_ms": milliseconds(median(every)),
        f"{prefix}last_p99_ms": milliseconds(percentile(every, 0.99)),
        f"{prefix}cpu_us_a_frame": round(contestant.cpu_seconds / (len(every) * boards) * 1e6, 1),
    }

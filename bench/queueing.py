"""Tickets issued and called over HTTP, each durable before its answer, beside a plain JSON endpoint."""

from collections.abc import Iterator
from itertools import cycle, islice, repeat
from pathlib import Path

from bench.client import Run, drive, post
from bench.figures import Line, Targets, compared, judged, left_out
from bench.halls import Hall, hall, plain, plain_request
from bench.installation import OFFICES, SERVICES, issue
from bench.postgres import MISSING, postgres, programs
from bench.processes import Server
from bench.product_postgres import settings
from bench.scale import Scale

#: The stretch is a ratio of 0.40.
ISSUE_TARGETS: Targets = {"ratio": ("at least", 0.30), "p99_ms": ("at most", 20)}
CALL_TARGETS: Targets = {"ratio": ("at least", 0.35)}
#: At so many clients the targets hold.
TARGET_CLIENTS = 64
#: Clients of each office while its queue is filled.
FILLING_CLIENTS = 3


async def measure_issue(scale: Scale, folder: Path) -> list[Line]:
    """Kiosks of one office, a fresh office in every round."""
    async with hall(folder) as our_hall, plain(folder) as reference:
        return await Queueing(scale, our_hall, reference).issue()


async def measure_issue_on_postgres(scale: Scale, folder: Path) -> list[Line]:
    """The same over a PostgreSQL server on this machine."""
    if programs() is None:
        return [left_out("issue on PostgreSQL", MISSING)]
    async with (
        postgres(folder) as database,
        hall(folder, settings(database.url)) as our_hall,
        plain(folder) as reference,
    ):
        lines = await Queueing(scale, our_hall, reference).issue()
        return [{**line, "bench": "issue-postgres"} for line in lines]


async def measure_call_next(scale: Scale, folder: Path) -> list[Line]:
    """Clerks over all offices, who complete and call the next with one key."""
    async with hall(folder) as our_hall, plain(folder) as reference:
        return await Queueing(scale, our_hall, reference).call_next()


class Queueing:
    """One installation's server, and the reference's."""

    def __init__(self, scale: Scale, our_hall: Hall, reference: Server) -> None:
        self._scale = scale
        self._consoles = our_hall.installation.consoles
        self._cookies = our_hall.cookies
        self._port = our_hall.server.port
        self._plain = reference.port

    async def issue(self) -> list[Line]:
        """Kiosks of one office, a fresh office in every round."""
        ours, references = _runs(self._scale), _runs(self._scale)
        for office_id in OFFICES[: self._scale.rounds]:
            for clients in self._scale.clients:
                request = plain_request(self._cookies[office_id])
                references[clients].append(await self._drive(self._plain, [repeat(request)] * clients))
                kiosks = [self._tickets(office_id, start) for start in range(clients)]
                ours[clients].append(await self._drive(self._port, kiosks))
        return [
            {
                "bench": "issue",
                "clients": clients,
                **_judged(clients, compared(ours[clients], references[clients], 201), ISSUE_TARGETS),
            }
            for clients in self._scale.clients
        ]

    def _tickets(self, office_id: str, start: int = 0) -> Iterator[bytes]:
        requests = [issue(office_id, service, self._cookies[office_id]) for service in SERVICES]
        return islice(cycle(requests), start % len(requests), None)

    async def call_next(self) -> list[Line]:
        """Clerks over all offices, one counter each, who complete and call the next with one key."""
        ours, references = _runs(self._scale), _runs(self._scale)
        await self._fill(dict.fromkeys(OFFICES, self._scale.waiting))
        for _ in range(self._scale.rounds):
            for clients in self._scale.clients:
                consoles = self._consoles[:clients]
                request = post("/tickets", {"finish": "complete"}, consoles[0].cookie)
                references[clients].append(await self._drive(self._plain, [repeat(request)] * clients))
                run = await self._drive(self._port, [repeat(console.call_next()) for console in consoles])
                ours[clients].append(run)
                called = dict.fromkeys(OFFICES, 0)
                for console, answers in zip(consoles, run.answers_of):
                    called[console.office] += answers
                await self._fill(called)
        return [
            {
                "bench": "call-next",
                "clients": clients,
                "offices": min(clients, len(OFFICES)),
                **_judged(clients, compared(ours[clients], references[clients], 200), CALL_TARGETS),
            }
            for clients in self._scale.clients
        ]

    async def _fill(self, tickets: dict[str, int]) -> None:
        shared = [islice(self._tickets(office_id), count) for office_id, count in tickets.items() if count]
        run = await drive(self._port, shared * FILLING_CLIENTS, seconds=60)
        assert set(run.statuses) == {201}, run.statuses

    async def _drive(self, port: int, requests: list[Iterator[bytes]]) -> Run:
        return await drive(port, requests, self._scale.seconds, self._scale.warm_up_seconds)


def _runs(scale: Scale) -> dict[int, list[Run]]:
    return {clients: [] for clients in scale.clients}


def _judged(clients: int, line: Line, targets: Targets) -> Line:
    return judged(line, targets) if clients == TARGET_CLIENTS else line

"""Many clients at once against running servers, and what they were answered, for the tests of races and faults."""

import random
import ssl
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import httpx

from tests.processes import LIMITS, WORLD, Installation, Server
from ticketing.config import read_config
from ticketing.hall.events import TicketCalled, TicketIssued
from ticketing.journal.opening import journal_in
from ticketing.storage.opening import open_database

OFFICE_ID = "minato"
CLERK = "sato"
COUNTERS = tuple(f"c{place}" for place in range(1, 9))
SERVICES = ("family", "tax")
ISSUE = f"/api/v1/offices/{OFFICE_ID}/tickets"
OFFICE = f"""
[[office]]
id = "{OFFICE_ID}"
name = {{ ja = "みなと市役所", en = "Minato City Hall" }}
hours = "always"

[[office.series]]
id = "a"
prefix = "A"

[[office.series]]
id = "b"
prefix = "B"

[[office.service]]
id = "family"
name = {{ ja = "戸籍", en = "Family register" }}
series = "a"

[[office.service]]
id = "tax"
name = {{ ja = "税証明", en = "Tax certificates" }}
series = "b"
""" + "".join(
    f"""
[[office.counter]]
id = "{counter}"
services = ["family", "tax"]
"""
    for counter in COUNTERS
)


async def install(folder: Path, more: str = "") -> Installation:
    """An office of eight counters with one clerk; ``more`` goes before it into the configuration."""
    installation = Installation.make(folder, more, office=OFFICE)
    await installation.add_staff(CLERK, "clerk")
    return installation


@dataclass(frozen=True)
class Request:
    """Something a client wants, under a key of its own."""

    path: str
    body: dict[str, str]
    key: str


@dataclass(frozen=True)
class Answered:
    """A request and the number that it was answered with."""

    request: Request
    number: str
    counter: str | None


@dataclass
class Crowd:
    """Kiosks and consoles, and what they were answered."""

    kiosk_cookies: httpx.Cookies
    clerk_cookies: httpx.Cookies
    random: random.Random
    issued: list[Answered] = field(default_factory=list)
    called: list[Answered] = field(default_factory=list)
    #: Statuses other than success.
    refused: list[int] = field(default_factory=list)
    #: Requests whose connection was lost before the answer.
    unanswered: list[Request] = field(default_factory=list)
    #: Whose certificates are believed.
    trust: ssl.SSLContext = WORLD

    @classmethod
    async def enrol(cls, installation: Installation, server: Server, seed: int = 1) -> "Crowd":
        """One kiosk's and one clerk's cookies, shared by all clients; the clerk sits at all counters."""
        kiosk = await server.enrolled(await installation.invite("kiosk"))
        clerk = await server.signed_in(CLERK)
        for counter in COUNTERS:
            answer = await clerk.post(f"/api/v1/offices/{OFFICE_ID}/counters/{counter}/open")
            assert answer.status_code == 200, answer.text
        return cls(kiosk.cookies, clerk.cookies, random.Random(seed), trust=server.trust)

    async def kiosk(self, urls: Sequence[str], times: int) -> None:
        """Takes so many tickets, at one server or another; ends when the connection is lost."""
        async with self.client() as client:
            for _ in range(times):
                body = {"service": self.random.choice(SERVICES), "via": "kiosk"}
                if not await self.send(client, self._choose(urls), self._request(ISSUE, body)):
                    return

    async def console(self, counter: str, urls: Sequence[str], times: int) -> None:
        """Calls whoever is next so many times; ends when the connection is lost."""
        path = f"/api/v1/offices/{OFFICE_ID}/counters/{counter}/call-next"
        async with self.client() as client:
            for _ in range(times):
                if not await self.send(client, self._choose(urls), self._request(path, {"finish": "complete"})):
                    return

    async def send(self, client: httpx.AsyncClient, url: str, request: Request) -> bool:
        """Whether there was an answer; it is noted."""
        try:
            answer = await self.post(client, url, request)
        except httpx.TransportError:
            self.unanswered.append(request)
            return False
        if answer.status_code in (200, 201):
            ticket = answer.json()
            into = self.issued if answer.status_code == 201 else self.called
            into.append(Answered(request, ticket["number"], ticket["counter"]))
        elif answer.status_code != 204:
            self.refused.append(answer.status_code)
        return True

    async def repeat(self, url: str, answered: Sequence[Answered]) -> list[str | None]:
        """The numbers that the same requests are answered with again."""
        async with self.client() as client:
            return [(await self.post(client, url, each.request)).json().get("number") for each in answered]

    def client(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(timeout=30, trust_env=False, verify=self.trust, limits=LIMITS)
        # The servers are one site on several ports; cookies know no ports.
        client.cookies.update(self.kiosk_cookies)
        client.cookies.update(self.clerk_cookies)
        return client

    def _choose(self, urls: Sequence[str]) -> str:
        return self.random.choice(urls)

    def _request(self, path: str, body: dict[str, str]) -> Request:
        return Request(path, body, str(uuid.UUID(int=self.random.getrandbits(128))))

    async def post(self, client: httpx.AsyncClient, url: str, request: Request) -> httpx.Response:
        headers = {"Idempotency-Key": request.key, "Origin": url}
        return await client.post(url + request.path, json=request.body, headers=headers)


@dataclass(frozen=True)
class Stored:
    """What the journal holds of one office."""

    seqs: list[int]
    day: date
    issued: list[str]
    called: list[tuple[str, str]]


async def stored(installation: Installation) -> Stored:
    file = await open_database(read_config(installation.config, installation.data).database, "main")
    try:
        recorded = await journal_in(file).read(OFFICE_ID, 0)
    finally:
        await file.close()
    events = [each.event for each in recorded]
    return Stored(
        seqs=[event.seq for event in events],
        day=recorded[-1].day,
        issued=[event.number for event in events if isinstance(event, TicketIssued)],
        called=[(event.number, event.counter) for event in events if isinstance(event, TicketCalled)],
    )

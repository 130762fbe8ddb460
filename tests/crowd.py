"""Many clients at once against running servers, and what they were answered, for the tests of races and faults."""

import asyncio
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import httpx

from tests.processes import Installation, Server
from ticketing.hall.events import TicketCalled, TicketIssued
from ticketing.journal.sqlite import SqliteJournal
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

OFFICE_ID = "minato"
CLERK = "sato"
COUNTERS = tuple(f"c{place}" for place in range(1, 9))
SERVICES = ("family", "tax")
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


async def install(folder: Path) -> Installation:
    """An office of eight counters with one clerk."""
    installation = Installation.make(folder, office=OFFICE)
    await installation.add_staff(CLERK, "clerk")
    return installation


@dataclass(frozen=True)
class Answered:
    """A request and the number that it was answered with."""

    path: str
    body: dict[str, str]
    key: str
    number: str
    counter: str | None


@dataclass
class Crowd:
    """Kiosks and consoles that go on until they are told to stop, or have done their share."""

    kiosk_cookies: httpx.Cookies
    clerk_cookies: httpx.Cookies
    random: random.Random
    issued: list[Answered] = field(default_factory=list)
    called: list[Answered] = field(default_factory=list)
    #: Answers that are neither success nor "nobody waits", by status.
    refused: list[int] = field(default_factory=list)
    #: Requests that got no answer.
    lost: int = 0

    @classmethod
    async def enrol(cls, installation: Installation, server: Server, seed: int = 1) -> "Crowd":
        """One kiosk's and one clerk's cookies, shared by all clients; the clerk sits at all counters."""
        kiosk = await server.enrolled(await installation.invite("kiosk"))
        clerk = await server.signed_in(CLERK)
        for counter in COUNTERS:
            answer = await clerk.post(f"/api/v1/offices/{OFFICE_ID}/counters/{counter}/open")
            assert answer.status_code == 200, answer.text
        return cls(kiosk.cookies, clerk.cookies, random.Random(seed))

    async def kiosk(self, urls: Sequence[str], times: int) -> None:
        """Takes tickets, at one server or the other."""
        async with self._client(self.kiosk_cookies) as client:
            for _ in range(times):
                body = {"service": self.random.choice(SERVICES), "via": "kiosk"}
                await self._post(client, urls, f"/api/v1/offices/{OFFICE_ID}/tickets", body, self.issued)

    async def console(self, counter: str, urls: Sequence[str], times: int) -> None:
        """Calls whoever is next, again and again."""
        path = f"/api/v1/offices/{OFFICE_ID}/counters/{counter}/call-next"
        async with self._client(self.clerk_cookies) as client:
            for _ in range(times):
                await self._post(client, urls, path, {"finish": "complete"}, self.called)

    async def repeat(self, client: httpx.AsyncClient, answered: Answered) -> str | None:
        """The number that the same request is answered with again."""
        headers = {"Idempotency-Key": answered.key}
        answer = await client.post(answered.path, json=answered.body, headers=headers)
        return answer.json().get("number") if answer.is_success else f"{answer.status_code} {answer.text}"

    async def _post(
        self, client: httpx.AsyncClient, urls: Sequence[str], path: str, body: dict[str, str], into: list[Answered]
    ) -> None:
        key, url = str(uuid.UUID(int=self.random.getrandbits(128))), self.random.choice(urls)
        try:
            answer = await client.post(url + path, json=body, headers={"Idempotency-Key": key, "Origin": url})
        except httpx.TransportError:
            self.lost += 1
            await asyncio.sleep(0.02)
            return
        if answer.status_code in (200, 201):
            ticket = answer.json()
            into.append(Answered(path, body, key, ticket["number"], ticket["counter"]))
        elif answer.status_code != 204:
            self.refused.append(answer.status_code)

    def _client(self, cookies: httpx.Cookies) -> httpx.AsyncClient:
        client = httpx.AsyncClient(timeout=30, trust_env=False)
        # The servers are one site on several ports; cookies know no ports.
        client.cookies.update(cookies)
        return client


@dataclass(frozen=True)
class Stored:
    """What the journal holds of one office."""

    seqs: list[int]
    day: date
    issued: list[str]
    called: list[tuple[str, str]]


async def stored(installation: Installation) -> Stored:
    file = await SqliteFile.open(installation.data / "junban.sqlite3", Schema("main"))
    try:
        journal = SqliteJournal(file)
        recorded = await journal.read(OFFICE_ID, 0)
    finally:
        await file.close()
    events = [each.event for each in recorded]
    return Stored(
        seqs=[event.seq for event in events],
        day=recorded[-1].day,
        issued=[event.number for event in events if isinstance(event, TicketIssued)],
        called=[(event.number, event.counter) for event in events if isinstance(event, TicketCalled)],
    )

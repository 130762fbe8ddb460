"""A node behind its HTTP edge, in this process: offices, people with their browsers, and what they send."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from starlette.applications import Starlette

from ticketing.clock import FixedClock
from ticketing.commands.assembly import open_node
from ticketing.commands.node import Node
from ticketing.config import Config
from ticketing.config.model import Database, Line, Mail, Privacy, Security, Server
from ticketing.config.secret import Secret
from ticketing.hall import commands as cmd
from ticketing.hall.office import Counter, Office, Phrase, Reason, Rules, Series, Service, WebRules
from ticketing.passwords import Passwords
from ticketing.staff import Staff
from ticketing.web.app import make_app

#: Tuesday, 10:00 in Tokyo.
START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
NOW = "2026-09-01T01:00:00.000Z"
URL = "https://junban.example"
PASSWORD = "correct horse battery staple"
LINE_SECRET = "channel-secret-of-a-test"
LINE_USER = "U" + "0123456789abcdef" * 2
MAIL = "hanako.made-up@mail.example.jp"
#: 128 random bits, as a client without a cookie must send them.
STRONG_KEY = "6f1d8a34-52b7-4c0e-9d11-3b8e0f6a7c25"

OFFICE = Office(
    id="ward",
    names={"ja": "みなと区役所", "en": "Minato Ward"},
    time_zone="Asia/Tokyo",
    series=(Series("a", "A", 1, 999), Series("b", "B", 501, 599)),
    services=(
        Service(id="family", names={"ja": "戸籍", "en": "Family register"}, series="a", web=WebRules(quota=50)),
        Service(id="residence", names={"ja": "住民票", "en": "Residence"}, series="a", expected_seconds=120),
        Service(
            id="tax", names={"ja": "税証明", "en": "Tax"}, public_names={"ja": "証明", "en": "Papers"}, series="b",
            web=WebRules(arrival_needed=False),
        ),
    ),
    counters=(
        Counter("1", "1", ("family",)), Counter("2", "2", ("family", "residence")), Counter("3", "3", ("tax",)),
    ),
    phrases=(Phrase("busy", {"ja": "混雑しています。", "en": "We are busy."}),),
    reasons=(Reason("papers", {"ja": "書類", "en": "Papers are missing"}),),
)  # fmt: skip
EAST = replace(OFFICE, id="east", names={"ja": "東支所", "en": "East branch"})


def with_rules(**changes: Any) -> Office:
    return replace(OFFICE, rules=Rules(**changes))


def config_in(folder: Path, **changes: Any) -> Config:
    """Everything is on: mail, LINE, two offices, https."""
    folder.mkdir(parents=True, exist_ok=True)
    usual: dict[str, Any] = {
        "data_dir": folder,
        "database": Database(url=f"sqlite:///{folder}/junban.sqlite3"),
        "security": Security(
            key_dir=folder / "keys", master_key_file=folder / "master.key", signing_key_file=folder / "signing.key"
        ),
        "offices": (OFFICE, EAST),
        "server": Server(public_url=URL),
        "mail": Mail(host="mail.invalid", sender="junban@city.example.jp", approval="2026-1"),
        "line": Line(
            channel_access_token=Secret("token"), channel_secret=Secret(LINE_SECRET), account="@minato",
            api_url="http://127.0.0.1:9", approval="2026-2",
        ),
        "privacy": Privacy(responsible="Citizens' Affairs", handlers=("Example Systems Ltd.",)),
    }  # fmt: skip
    return Config(**{**usual, **changes})


@dataclass
class Edge:
    """A node and its application; every client is a browser of its own."""

    node: Node
    app: Starlette
    clock: FixedClock
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self, address: str = "192.0.2.7", **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 40000))
        url = self.node.config.server.public_url
        client = httpx.AsyncClient(transport=transport, base_url=url, headers=headers)
        self._clients.append(client)
        return client

    def cookie(self, name: str) -> str:
        return self.node.site.cookie(name)

    async def staff(
        self, name: str, *roles: str, offices: Sequence[str] = ("ward",), address: str = "10.0.0.5"
    ) -> httpx.AsyncClient:
        """A browser in which a new account is signed in."""
        account = await self.accounts.add(name, PASSWORD, roles or ("clerk",), offices)
        token = await self.node.site.sessions.create(account, self.clock.now())
        client = self.browser(address)
        client.cookies.set(self.cookie("session"), token)
        return client

    @property
    def accounts(self) -> Staff:
        """The node's accounts, with hashes that cost little."""
        quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        return Staff(self.node.main_file, self.clock, self.node.site.sessions.forget, quick)

    async def device(self, kind: str = "kiosk", office: str = "ward") -> httpx.AsyncClient:
        """A browser that was enrolled."""
        code = await self.node.site.devices.invite(office, kind, "", self.clock.now())
        enrolled = await self.node.site.devices.enrol(code, self.clock.now())
        assert enrolled is not None
        client = self.browser()
        client.cookies.set(self.cookie("device"), enrolled[1])
        return client

    async def ticket(self, service: str = "tax", office: str = "ward") -> "Ticket":
        """A web ticket and the bare browser that shows its secret."""
        body = {"service": service}
        given = (await self.browser().post(f"/api/v1/offices/{office}/tickets", json=body)).json()
        holder = self.browser(Authorization=f"Bearer {given['secret']}")
        return Ticket(given["number"], given["secret"], holder)

    async def line(self, *events: dict[str, Any], signature: str | None = None) -> httpx.Response:
        """What LINE sends, signed unless told otherwise."""
        return await self.signed(json.dumps({"destination": "U0", "events": events}).encode(), signature)

    async def signed(self, body: bytes, signature: str | None = None) -> httpx.Response:
        signature = signature or sign(body)
        return await self.browser().post("/webhooks/line", content=body, headers={"X-Line-Signature": signature})

    async def audit(self, *what: str) -> list[tuple[str, str | None, str, str | None, str | None, str]]:
        """Who, address, what, target, office and result of the entries; of these kinds, if any are named."""
        rows = [row.entry for row in await self.node.site.audit.list(limit=10_000)]
        return [
            (each.who, each.address, each.what, each.target, each.office_id, each.result)
            for each in rows
            if each.what in what or not what
        ]

    def everything_written(self) -> bytes:
        """All bytes of all files of the data directory."""
        return b"\n".join(file.read_bytes() for file in self.node.config.data_dir.rglob("*") if file.is_file())

    async def wait(self, seconds: float) -> None:
        """Time passes, and every office notices."""
        self.clock.advance(seconds=seconds)
        for desk in self.node.site.desks:
            await desk.submit(cmd.Tick())

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@dataclass(frozen=True)
class Ticket:
    """Somebody's ticket, and the browser that shows its secret."""

    number: str
    secret: str
    holder: httpx.AsyncClient


@asynccontextmanager
async def edge_of(config: Config) -> AsyncIterator[Edge]:
    clock = FixedClock(START)
    async with open_node(config, clock) as node:
        edge = Edge(node, make_app(node.site), clock)
        yield edge
        await edge.close()


def sign(body: bytes, secret: str = LINE_SECRET) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def text_event(text: str, user: str = LINE_USER, event_id: str = "01H0000000000000000000000A", **more: Any) -> Any:
    return {
        "type": "message", "mode": "active", "timestamp": 1, "webhookEventId": event_id, "replyToken": "r",
        "deliveryContext": {"isRedelivery": False}, "source": {"type": "user", "userId": user},
        "message": {"type": "text", "id": "1", "text": text}, **more,
    }  # fmt: skip


def problem(status: int, code: str, detail: str, **details: Any) -> dict[str, Any]:
    """The whole body of an error."""
    titles = {
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        409: "Conflict", 413: "Request Entity Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Entity",
        426: "Upgrade Required", 429: "Too Many Requests", 503: "Service Unavailable",
    }  # fmt: skip
    return {
        "type": f"urn:junban:problem:{code}", "title": titles[status], "status": status, "detail": detail,
        "code": code, **details,
    }  # fmt: skip


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error, which must be problem details."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


NOT_SIGNED_IN = problem(401, "not_signed_in", "Please sign in.")
NO_OFFICE = problem(404, "unknown_office", "There is no such office.")
NO_SECRET = problem(401, "wrong_secret", "This needs the secret of a ticket of today.")


def needs(role: str) -> dict[str, Any]:
    return problem(403, "not_allowed", f"This needs the role {role} at this office.")


def ticket_json(number: str = "A001", **changes: Any) -> dict[str, Any]:
    """A ticket as it is answered right after it was taken at the kiosk, with no counter open."""
    usual = {
        "office": "ward",
        "number": number,
        "service": "family",
        "state": "waiting",
        "language": "ja",
        "position": 1,
        "ahead": 0,
        "wait_low": None,
        "wait_high": None,
        "issued_at": NOW,
        "business_day": "2026-09-01",
        "counter": None,
        "called_at": None,
        "call_count": 0,
        "deferrals_left": 2,
    }
    return {**usual, **changes}


def counter_json(counter: str = "1", services: Sequence[str] = ("family",), **changes: Any) -> dict[str, Any]:
    """A counter as clerks see it, closed."""
    usual = {
        "id": counter,
        "label": counter,
        "open": False,
        "services": list(services),
        "order": "merged",
        "staff": None,
        "number": None,
        "state": None,
        "undo": None,
        "on_break": None,
    }
    return {**usual, **changes}

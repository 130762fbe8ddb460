"""One day's visit through real processes: kiosk and web, mail and LINE, calls, and the erasure of the next day."""

import base64
import hmac
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import trustme

from tests.notifier.fakes import LineEndpoint, Mailbox, line_endpoint, smtp_server
from tests.processes import Installation, Server
from tests.waiting import until

MAIL = "hanako.yamada+test@example.jp"
LINE_USER = "U" + "0123456789abcdef" * 2
CHANNEL_SECRET = "channel-secret-of-the-test"
OFFICE = "/api/v1/offices/minato"
#: How long a message may take before the test gives it up.
SECONDS = 20.0


def settings(mail_port: int, line_url: str, ca_file: Path) -> str:
    return f"""
[mail]
host = "localhost"
port = {mail_port}
tls = "starttls"
ca_file = "{ca_file}"
sender = "junban@city.example"
approval = "TEST-1"

[line]
channel_access_token = "line-token"
channel_secret = "{CHANNEL_SECRET}"
account = "@minato"
api_url = "{line_url}"
approval = "TEST-2"

[privacy]
responsible = "Test"
handlers = ["Test"]
"""


def kinds_of(ticket: dict[str, Any]) -> list[tuple[str, str]]:
    return [(alert["kind"], alert["state"]) for alert in ticket["alerts"]]


class Visit:
    """The people of the day."""

    def __init__(self, server: Server, clerk: httpx.AsyncClient, kiosk: httpx.AsyncClient) -> None:
        self.server = server
        self.clerk = clerk
        self.kiosk = kiosk

    async def kiosk_ticket(self, service: str = "family") -> dict[str, Any]:
        answer = await self.kiosk.post(f"{OFFICE}/tickets", json={"service": service, "via": "kiosk"})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def web_ticket(self, visitor: httpx.AsyncClient) -> dict[str, Any]:
        answer = await visitor.post(f"{OFFICE}/tickets", json={"service": "family", "language": "en", "via": "web"})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def at_counter(self, verb: str, **body: Any) -> dict[str, Any]:
        answer = await self.clerk.post(f"{OFFICE}/counters/c1/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def line_says(self, event: dict[str, Any]) -> httpx.Response:
        body = json.dumps({"destination": "x", "events": [event]}).encode()
        signature = base64.b64encode(hmac.digest(CHANNEL_SECRET.encode(), body, "sha256")).decode()
        async with httpx.AsyncClient(base_url=self.server.url) as line:
            headers = {"x-line-signature": signature, "content-type": "application/json"}
            return await line.post("/webhooks/line", content=body, headers=headers)


@asynccontextmanager
async def city(tmp_path: Path) -> AsyncIterator[tuple[Installation, Mailbox, LineEndpoint]]:
    """An installation with a mail server over STARTTLS and a LINE endpoint of its own."""
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(tls)
    mailbox, line = Mailbox(), LineEndpoint()
    async with smtp_server(mailbox, starttls=tls), line_endpoint(line):
        yield Installation.make(tmp_path / "city", settings(mailbox.port, line.url, ca_file)), mailbox, line


async def test_a_visit_from_the_ticket_to_the_erasure(tmp_path: Path) -> None:
    async with city(tmp_path) as (installation, mailbox, line):
        async with installation.serving() as server:
            visit = await prepare(installation, server)
            await see_the_day(visit, mailbox, line)
            await end_the_day(installation, server)
        await nothing_is_left(installation)


async def prepare(installation: Installation, server: Server) -> Visit:
    # Accounts and devices are made beside the running server.
    await installation.add_staff("sato", "clerk")
    await installation.add_staff("mori", "supervisor,privacy")
    clerk = await server.signed_in("sato")
    kiosk = await server.enrolled(await installation.invite("kiosk"))
    visit = Visit(server, clerk, kiosk)
    await visit.at_counter("open")
    return visit


async def see_the_day(visit: Visit, mailbox: Mailbox, line: LineEndpoint) -> None:
    by_mail, by_line = visit.server.client(), visit.server.client()

    # Two visitors at the kiosk, then two at home who register; the kiosk's come first.
    assert [(await visit.kiosk_ticket())["number"] for _ in range(2)] == ["A001", "A002"]
    first = await visit.web_ticket(by_mail)
    second = await visit.web_ticket(by_line)
    assert (first["number"], first["state"], second["number"]) == ("A003", "expected", "A004")
    contact = {"channel": "email", "address": MAIL, "consent": True, "ahead": 0}
    registered = await by_mail.put("/api/v1/ticket/contact", json=contact)
    assert registered.json() == {"channel": "email", "masked": "h***@example.jp", "ahead": 0, "minutes": None}
    link = await by_line.post("/api/v1/ticket/line-link", json={"consent": True, "ahead": 0})
    code = link.json()["code"]
    message = {
        "type": "message", "webhookEventId": "e1", "mode": "active", "source": {"type": "user", "userId": LINE_USER},
        "message": {"type": "text", "text": code.lower()},
    }  # fmt: skip
    assert (await visit.line_says(message)).status_code == 200
    await until(lambda: len(line.pushes) == 1, SECONDS)

    # Both arrive: one by the code in the hall, one at the kiosk.
    hall_code = (await visit.kiosk.get(f"{OFFICE}/arrival-code")).json()["code"]
    arrived = await by_mail.post("/api/v1/ticket/arrive", json={"code": hall_code})
    assert (arrived.json()["state"], arrived.json()["ahead"]) == ("waiting", 2)
    arrived = await visit.kiosk.post(f"{OFFICE}/tickets/A004/arrive", json={})
    assert arrived.json()["state"] == "waiting"

    # The queue moves; the alert goes out when nobody is ahead any more.
    assert (await visit.at_counter("call-next"))["number"] == "A001"
    assert mailbox.letters == []
    assert (await visit.at_counter("call-next", finish="complete"))["number"] == "A002"
    await until(lambda: len(mailbox.letters) == 1, SECONDS)
    assert (await visit.at_counter("call-next", finish="complete"))["number"] == "A003"
    await until(lambda: len(mailbox.letters) == 2, SECONDS)
    near, called = mailbox.messages()
    assert near["To"] == MAIL
    assert "A003" in near.get_content()
    assert "A003" in called.get_content()
    assert mailbox.was_tls == [True, True]

    # Nobody comes: recall, absent, back again, served.
    assert (await visit.at_counter("recall"))["call_count"] == 2
    assert (await visit.at_counter("no-show"))["state"] == "absent"
    back = await visit.clerk.post(f"{OFFICE}/tickets/A003/reinstate", json={})
    assert (back.json()["state"], back.json()["position"]) == ("waiting", 1)
    assert (await visit.at_counter("call-next"))["number"] == "A003"
    assert (await visit.at_counter("start"))["state"] == "serving"
    assert (await visit.at_counter("complete"))["state"] == "completed"

    # LINE heard that the turn was near, and of the call, without anything that tells where or what.
    assert (await visit.at_counter("call-next"))["number"] == "A004"
    await until(lambda: len(line.pushes) == 3, SECONDS)
    texts = " ".join(message["text"] for push in line.pushes for message in push["messages"])
    for secret in ("A004", "A00", "Minato", "みなと", "Family", "戸籍", "一番", "Window", second["secret"], "/t#"):
        assert secret not in texts
    assert [push["to"] for push in line.pushes] == [LINE_USER] * 3
    assert len(set(line.retry_keys)) == 3
    assert (await visit.at_counter("complete"))["state"] == "completed"

    ticket = (await by_mail.get("/api/v1/ticket")).json()
    assert ticket["state"] == "completed"
    assert kinds_of(ticket)[:2] == [("turn_near", "sent"), ("called", "sent")]


async def end_the_day(installation: Installation, server: Server) -> None:
    supervisor = await server.signed_in("mori")
    closed = (await supervisor.post(f"{OFFICE}/day/close", json={})).json()
    assert closed["closed"] is True
    day = closed["business_day"]

    assert traces(installation) == []
    next_day = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    erased = await installation.run("purge", "--as-of", next_day)
    assert f"erased minato {day}: email 1, line 1" in erased
    assert traces(installation) == []

    records = await installation.run("erasures", "list")
    assert f"minato\t{day}\temail=1 line=1" in records
    assert "as they were written" in await installation.run("erasures", "verify")
    assert "equal to the stored rows: yes" in await installation.run("replay", "minato", day)
    audit = (await supervisor.get("/api/v1/audit", params={"limit": 1000})).json()["entries"]
    done = {entry["what"] for entry in audit}
    assert {
        "staff.add",
        "device.invite",
        "device.enrol",
        "session.create",
        "queue.call-next",
        "queue.close-day",
    } <= done
    assert {"purge", "erasures.list", "journal.replay"} <= done


async def nothing_is_left(installation: Installation) -> None:
    assert traces(installation) == []
    assert list((installation.data / "keys").rglob("*.key")) == []


def traces(installation: Installation) -> list[str]:
    """Where an address can be read: in any file or the log, as text, Base64, UTF-16 or hexadecimal."""
    files = [path for path in (*installation.data.rglob("*"), installation.log) if path.is_file()]
    return [f"{path.name}: {needle!r}" for path in files for needle in needles() if needle in path.read_bytes()]


def needles() -> list[bytes]:
    found = []
    for text in (MAIL, MAIL.partition("@")[0], LINE_USER):
        plain = text.encode()
        found += [plain, text.encode("utf-16-le"), text.encode("utf-16-be"), plain.hex().encode()]
        # Base64 looks different at each of three offsets; the middle of each is enough.
        found += [base64.b64encode(b"x" * offset + plain)[4:-4] for offset in range(3)]
    return found

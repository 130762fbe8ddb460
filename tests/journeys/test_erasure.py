"""Contacts are planted by every way in, used, and erased; then they are looked for everywhere."""

import asyncio
import base64
import hmac
import json
import secrets
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from tests.notifier.fakes import Mailbox, smtp_server
from tests.processes import Installation, Server
from ticketing.addresses import ContactChannel
from ticketing.contacts import Contact, Contacts
from ticketing.keys import DayKeys
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

OFFICE = "/api/v1/offices/minato"
SECONDS = 30.0

CHANNEL_SECRET, NEXT_SECRET, RELAY_SECRET = "the-channel-secret", "the-next-secret", "the-relay-secret"
LINE_USERS = {
    "webhook": "U" + "0123456789abcdef" * 2,
    "rotated": "U" + "1123456789abcdef" * 2,
    "relay": "U" + "2123456789abcdef" * 2,
    "liff": "U" + "3123456789abcdef" * 2,
}
#: As typed, and as they travel.
MAILS = {
    "hanako.yamada+plain@example.jp": "hanako.yamada+plain@example.jp",
    "ｔａｒｏ．ｓａｔｏ＠ｅｘａｍｐｌｅ．ｊｐ": "taro.sato@example.jp",
    "jiro..suzuki@docomo.ne.jp": "jiro..suzuki@docomo.ne.jp",
}
PHONES = {"sms": ("０９０-1234-5678", "+819012345678"), "voice": ("03-1234-5678", "+81312345678")}


@dataclass
class Outside:
    """LINE and the phone's gateway, as far as Junban speaks with them."""

    url: str = ""
    pushed_to: list[str] = field(default_factory=list)
    phoned: list[dict[str, str]] = field(default_factory=list)

    async def push(self, request: web.Request) -> web.Response:
        self.pushed_to.append((await request.json())["to"])
        return web.json_response({"sentMessages": []})

    async def verify(self, request: web.Request) -> web.Response:
        form = await request.post()
        is_ours = (form["id_token"], form["client_id"]) == ("an.id.token", "1234567890")
        if not is_ours:
            return web.json_response({"error": "invalid_request"}, status=400)
        return web.json_response({"iss": "https://access.line.me", "sub": LINE_USERS["liff"], "aud": "1234567890"})

    async def phone(self, request: web.Request) -> web.Response:
        self.phoned.append(await request.json())
        return web.json_response({"id": "m1"})


@asynccontextmanager
async def served(outside: Outside) -> AsyncIterator[None]:
    application = web.Application()
    application.router.add_post("/v2/bot/message/push", outside.push)
    application.router.add_post("/oauth2/v2.1/verify", outside.verify)
    application.router.add_post("/phone", outside.phone)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    outside.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    try:
        yield
    finally:
        await runner.cleanup()


def settings(mailbox: Mailbox, outside: Outside) -> str:
    gateway = f'url = "{outside.url}/phone"\njson = {{ to = "{{to}}", text = "{{text}}" }}'
    return f"""
[mail]
host = "localhost"
port = {mailbox.port}
tls = "off"
sender = "junban@city.example"
approval = "TEST-1"

[line]
channel_access_token = "line-token"
channel_secret = "{CHANNEL_SECRET}"
next_channel_secret = "{NEXT_SECRET}"
relay_secret = "{RELAY_SECRET}"
liff_id = "1234567890-AbcdEfgh"
login_channel_id = "1234567890"
account = "@minato"
api_url = "{outside.url}"
approval = "TEST-2"

[phone]
enabled = true
provider = "Test gateway"
approval = "TEST-3"

[phone.sms]
{gateway}

[phone.voice]
{gateway}

[security]
tickets_per_browser_hour = 1000
tickets_per_address_hour = 1000

[privacy]
responsible = "Test"
handlers = ["Test"]
"""


async def test_what_was_registered_is_found_nowhere_the_day_after(tmp_path: Path) -> None:
    mailbox, outside = Mailbox(), Outside()
    async with smtp_server(mailbox), served(outside):
        installation = Installation.make(tmp_path / "city", settings(mailbox, outside))
        async with installation.serving() as server:
            clerk = await at_counter(installation, server)
            visitors = await register_all(server)
            await arrive_all(clerk, visitors)
            await call_all(clerk, visitors)
            assert set(mailbox.recipients) == set(MAILS.values())
            assert set(outside.pushed_to) == set(LINE_USERS.values())
            assert {each["to"] for each in outside.phoned} == {to for _, to in PHONES.values()}
            before = tmp_path / "copied-before"
            shutil.copytree(installation.data, before)
            backup = tmp_path / "backup.sqlite3"
            await installation.run("backup", str(backup))
            wrapped_keys = [path.read_bytes() for path in (before / "keys").rglob("*.key")]
            day = date.fromisoformat((await server.client().get(OFFICE)).json()["business_day"])
            assert sorted(contact.address for contact in await readable(before, before, day)) == addresses()
            assert wrapped_keys

            erased = await installation.run("purge", "--as-of", (datetime.now(UTC) + timedelta(days=2)).isoformat())

            assert f"erased minato {day}: email 3, line 4, phone 2" in erased
            metrics = (await server.client().get("/metrics")).content
        everything = [*files_in(installation.data), installation.log, backup]
        printed = [
            (await installation.run(*command)).encode()
            for command in (("audit", "list"), ("erasures", "list"), ("report", "minato", day.isoformat()))
        ]
        texts = [*printed, metrics, *(path.read_bytes() for path in everything)]
        assert [needle for needle in needles() for text in texts if needle in text] == []
        assert [key for key in wrapped_keys for text in texts if key in text] == []
        assert [needle for needle in needles() for path in files_in(before) if needle in path.read_bytes()] == []
        # The rows of yesterday's copy are all there; with what is left of the keys none of them opens.
        assert len(sealed_rows(before)) == len(visitors)
        assert await readable(installation.data, installation.data, day) == []
        assert await readable(before, installation.data, day) == []
        assert "contacts" not in tables_of(backup)


async def at_counter(installation: Installation, server: Server) -> httpx.AsyncClient:
    await installation.add_staff("sato", "clerk")
    clerk = await server.signed_in("sato")
    assert (await clerk.post(f"{OFFICE}/counters/c1/open", json={})).status_code == 200
    return clerk


async def register_all(server: Server) -> list[httpx.AsyncClient]:
    """One ticket for each way in."""
    visitors = [await with_mail(server, typed) for typed in MAILS]
    for way, secret in (("webhook", CHANNEL_SECRET), ("rotated", NEXT_SECRET), ("relay", RELAY_SECRET)):
        visitors.append(await with_line_code(server, LINE_USERS[way], secret))
    visitors.append(await with_liff(server))
    visitors += [await with_phone(server, way, typed) for way, (typed, _) in PHONES.items()]
    return visitors


async def take_ticket(server: Server) -> httpx.AsyncClient:
    visitor = server.client()
    answer = await visitor.post(f"{OFFICE}/tickets", json={"service": "family", "language": "ja", "via": "web"})
    assert answer.status_code == 201, answer.text
    return visitor


async def with_mail(server: Server, typed: str) -> httpx.AsyncClient:
    visitor = await take_ticket(server)
    await put_contact(visitor, channel="email", address=typed)
    return visitor


async def with_phone(server: Server, way: str, typed: str) -> httpx.AsyncClient:
    visitor = await take_ticket(server)
    await put_contact(visitor, channel="phone", address=typed, voice=way == "voice")
    return visitor


async def put_contact(visitor: httpx.AsyncClient, **contact: Any) -> None:
    answer = await visitor.put("/api/v1/ticket/contact", json={**contact, "consent": True, "travel_minutes": 25})
    assert answer.status_code == 200, answer.text


async def line_code(visitor: httpx.AsyncClient) -> dict[str, Any]:
    answer = await visitor.post("/api/v1/ticket/line-link", json={"consent": True})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def with_line_code(server: Server, user_id: str, signed_with: str) -> httpx.AsyncClient:
    visitor = await take_ticket(server)
    event = {
        "type": "message", "webhookEventId": secrets.token_hex(13), "mode": "active",
        "source": {"type": "user", "userId": user_id},
        "message": {"type": "text", "text": (await line_code(visitor))["code"]},
    }  # fmt: skip
    body = json.dumps({"destination": "x", "events": [event]}).encode()
    signature = base64.b64encode(hmac.digest(signed_with.encode(), body, "sha256")).decode()
    headers = {"x-line-signature": signature, "content-type": "application/json"}
    assert (await server.client().post("/webhooks/line", content=body, headers=headers)).status_code == 200
    return visitor


async def with_liff(server: Server) -> httpx.AsyncClient:
    visitor = await take_ticket(server)
    link = await line_code(visitor)
    assert link["code"] in link["liff_url"]
    answer = await server.client().post("/api/v1/line/liff", json={"code": link["code"], "id_token": "an.id.token"})
    assert answer.status_code in (200, 204), answer.text
    return visitor


async def arrive_all(clerk: httpx.AsyncClient, visitors: list[httpx.AsyncClient]) -> None:
    for visitor in visitors:
        ticket = (await visitor.get("/api/v1/ticket")).json()
        assert ticket["contact"] is not None, ticket
        answer = await clerk.post(f"{OFFICE}/tickets/{ticket['number']}/arrive", json={})
        assert answer.status_code == 200, answer.text


async def call_all(clerk: httpx.AsyncClient, visitors: list[httpx.AsyncClient]) -> None:
    """Each is called, and served when the message has left."""
    for visitor in visitors:
        answer = await clerk.post(f"{OFFICE}/counters/c1/call-next", json={"finish": "complete"})
        assert answer.status_code == 200, answer.text
        async with asyncio.timeout(SECONDS):
            while ("called", "sent") not in await alerts_of(visitor):
                await asyncio.sleep(0.05)


async def alerts_of(visitor: httpx.AsyncClient) -> set[tuple[str, str]]:
    alerts = (await visitor.get("/api/v1/ticket")).json()["alerts"]
    return {(alert["kind"], alert["state"]) for alert in alerts}


# Looking


def addresses() -> list[str]:
    phones = [PHONES["sms"][1], f"voice:{PHONES['voice'][1]}"]
    return sorted([*MAILS.values(), *LINE_USERS.values(), *phones])


def needles() -> list[bytes]:
    """Every address in the forms in which it might lie somewhere."""
    found = []
    for text in (*MAILS, *addresses(), *(e164.removeprefix("+") for _, e164 in PHONES.values()), "09012345678"):
        plain = text.encode()
        found += [plain, text.encode("utf-16-le"), text.encode("utf-16-be"), plain.hex().encode()]
        # Base64 looks different at each of three offsets; the middle of each is enough.
        found += [base64.b64encode(b"x" * offset + plain)[4:-4] for offset in range(3)]
    return found


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def readable(rows_of: Path, keys_of: Path, day: date) -> list[Contact]:
    """The contacts that can be opened with one folder's rows and another's keys."""
    folder = rows_of.with_name(f"{rows_of.name}-opened-{keys_of.name}")
    shutil.copytree(rows_of, folder, dirs_exist_ok=True)
    master_key = base64.b64decode((keys_of / "master.key").read_bytes())
    file = await SqliteFile.open(folder / "contacts.sqlite3", Schema("contacts"))
    try:
        contacts = Contacts(file, DayKeys(keys_of / "keys", master_key))
        channels: dict[str, list[ContactChannel]] = await contacts.channels("minato", day)
        return [contact for number in channels for contact in await contacts.get("minato", day, number)]
    finally:
        await file.close()


def sealed_rows(folder: Path) -> list[tuple[bytes]]:
    with sqlite3.connect(folder / "contacts.sqlite3") as connection:
        return connection.execute("SELECT sealed FROM contacts WHERE channel IN ('email', 'line', 'phone')").fetchall()


def tables_of(file: Path) -> set[str]:
    with sqlite3.connect(file) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

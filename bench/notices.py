"""Mail addresses registered over HTTP, and what is owed to them delivered to a real mail server."""

import asyncio
import json
import os
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from aiosmtplib import SMTP

from bench.client import HOST, Caller, drive, put
from bench.figures import Line, Targets, judged, milliseconds, percentile
from bench.installation import OFFICES, SERVICES, Installation, install, issue, open_hall
from bench.outbox import KINDS, LONGEST_SECONDS, Ticket, open_outbox
from bench.processes import Server, free_port, junban, module, serving
from bench.scale import Scale

#: A thousand notices in five seconds is what is promised; the rest keeps it from growing slow unnoticed.
TARGETS: Targets = {
    "messages_per_second": ("at least", 200),
    "ratio": ("at least", 0.2),
    "resident_growth_mib": ("at most", 50),
}
#: Connections that issue and register.
CLIENTS = 32
#: Messages of the reference, before our own and after them.
REFERENCE_MESSAGES = 500
WARM_UP = "warm-up"
MEASURED = "measured"
SENDER = "junban@example.jp"

_MORE = """\
[mail]
host = "{host}"
port = {port}
ca_file = "{certificate}"
sender = "{sender}"
approval = "bench"

[privacy]
responsible = "bench"

[security]
tickets_per_address_hour = 1000000

"""
#: As long as a notice, and made before it is measured.
_LETTER = (
    "From: =?utf-8?b?6aCG55Wq?= <{sender}>\r\nTo: {to}\r\nSubject: =?utf-8?b?44G+44KC44Gq44GP44Gn44GZ?=\r\n"
    "Date: Thu, 03 Sep 2026 01:00:00 +0000\r\nMessage-ID: <reference-{place}@example.jp>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}"
)
_BODY = ("44GC" * 18 + "\r\n") * 8


@dataclass(frozen=True, slots=True)
class Mailing:
    """A number of messages sent one after the other over one connection."""

    per_second: float
    #: Of the sender's processor, a message.
    cpu_seconds: float


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """Registrations through `junban serve --roles web`; then delivery by `junban serve --roles notifier`.

    The reference is aiosmtplib with one kept connection and letters that are composed already, to the same server.
    Raises ServerFailed.
    """
    folder.mkdir()
    certificate, ledger, port = folder / "certificate.pem", folder / "ledger.json", free_port()
    sink = [*module("bench.mail_sink", port), str(certificate), str(ledger)]
    async with serving(sink, port, folder / "sink.log", is_http=False):
        more = _MORE.format(host=HOST, port=port, certificate=certificate, sender=SENDER)
        installation = await install(folder, more)
        registered, tickets = await _register(scale, installation)
        before = await _reference(port, certificate, "before")
        delivered = await _deliver(installation, tickets)
        after = await _reference(port, certificate, "after")
    taken = json.loads(ledger.read_text("utf-8"))
    references = 2 * REFERENCE_MESSAGES
    return [registered, _judged(delivered, [before, after], {name: many - references for name, many in taken.items()})]


async def _register(scale: Scale, installation: Installation) -> tuple[Line, list[Ticket]]:
    port = free_port()
    command = junban(port, *installation.arguments(), "--roles", "web")
    async with serving(command, port, installation.log):
        cookies = await open_hall(installation, port)
        tickets = await _issue(port, cookies, scale.registrations)
        begin = time.perf_counter()
        run = await drive(port, [_registrations(tickets[place::CLIENTS]) for place in range(CLIENTS)], LONGEST_SECONDS)
        seconds = time.perf_counter() - begin
    line: Line = {
        "bench": "registrations",
        "way": "PUT /api/v1/ticket/contact over HTTP",
        "clients": CLIENTS,
        "registrations": len(tickets),
        "per_second": round(len(tickets) / seconds),
        "p50_ms": milliseconds(percentile(run.latencies, 0.5)),
        "p99_ms": milliseconds(percentile(run.latencies, 0.99)),
        "other_answers": run.statuses.total() - run.statuses[200],
    }
    return line, tickets


async def _issue(port: int, cookies: dict[str, str], many: int) -> list[Ticket]:
    places = zip(range(many), cycle(OFFICES))
    wanted = iter([(office_id, SERVICES[place // len(OFFICES) % len(SERVICES)]) for place, office_id in places])
    tickets: list[Ticket] = []

    async def kiosk() -> None:
        caller = await Caller.connect(port)
        for office_id, service in wanted:
            status, _, body = await caller.ask(issue(office_id, service, cookies[office_id]))
            assert status == 201, body
            answer: dict[str, Any] = json.loads(body)
            tickets.append(Ticket(office_id, answer["number"], answer["secret"]))
        caller.close()

    await asyncio.gather(*(kiosk() for _ in range(CLIENTS)))
    return tickets


def _registrations(tickets: Sequence[Ticket]) -> Iterator[bytes]:
    for ticket in tickets:
        address = f"{ticket.office}-{ticket.number.lower()}@example.org"
        body = {"channel": "email", "address": address, "language": "ja", "ahead": 3, "consent": True}
        yield put("/api/v1/ticket/contact", body, f"junban_ticket={ticket.secret}")


async def _deliver(installation: Installation, tickets: Sequence[Ticket]) -> Line:
    port = free_port()
    async with open_outbox(installation) as outbox:
        await outbox.begin_now()
        command = junban(port, *installation.arguments(), "--roles", "notifier")
        async with serving(command, port, installation.log, is_http=False) as server:
            await outbox.plant(tickets[:1], WARM_UP)
            await outbox.settled(WARM_UP)
            resident, cpu = server.resident_bytes(), _cpu_seconds(server)
            await outbox.plant(tickets, MEASURED)
            seconds = await outbox.settled(MEASURED)
            cpu = _cpu_seconds(server) - cpu
            growth = _peak_bytes(server) - resident
        sent = await outbox.sent(MEASURED)
    many = len(tickets) * len(KINDS)
    return {
        "bench": "notices",
        "notices": many,
        "sent": sent,
        "messages_per_second": round((many - 1) / seconds),
        "cpu_ms_a_message": milliseconds(cpu / many),
        "resident_mib": round(resident / 2**20, 1),
        "resident_growth_mib": round(growth / 2**20, 1),
    }


def _judged(line: Line, references: Sequence[Mailing], taken: dict[str, int]) -> Line:
    per_second = sum(each.per_second for each in references) / len(references)
    cpu_seconds = sum(each.cpu_seconds for each in references) / len(references)
    whole = {
        **line,
        "reference": "aiosmtplib, one kept connection, composed before",
        "reference_per_second": round(per_second),
        "reference_cpu_ms_a_message": milliseconds(cpu_seconds),
        "ratio": round(line["messages_per_second"] / per_second, 3),
        # One notice for each kind and ticket, and those of the warm-up.
        "lost": line["notices"] + len(KINDS) - taken["messages"],
        "doubled": taken["deliveries"] - taken["messages"],
    }
    return judged(whole, TARGETS)


async def _reference(port: int, certificate: Path, when: str) -> Mailing:
    trust = ssl.create_default_context(cafile=certificate)
    letters = [
        _LETTER.format(sender=SENDER, to="m@example.org", place=f"{when}-{place}", body=_BODY).encode()
        for place in range(REFERENCE_MESSAGES)
    ]
    async with SMTP(hostname=HOST, port=port, start_tls=True, tls_context=trust) as client:
        begin, cpu = time.perf_counter(), time.process_time()
        for letter in letters:
            await client.sendmail(SENDER, ["m@example.org"], letter)
        seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    return Mailing(len(letters) / seconds, cpu / len(letters))


def _cpu_seconds(server: Server) -> float:
    """Processor time of the process so far (Linux)."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_bytes(server: Server) -> int:
    """The most memory that the process ever had in use (Linux)."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))

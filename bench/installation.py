"""What the benchmark is measured on: a temporary installation of many offices, its kiosks, clerks and counters."""

import json
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from bench.client import Caller, post
from ticketing.clock import SystemClock
from ticketing.config import read_config
from ticketing.devices import Devices
from ticketing.passwords import Passwords
from ticketing.sessions import Sessions
from ticketing.staff import Staff
from ticketing.storage.database import Database
from ticketing.storage.opening import open_database

OFFICES = tuple(f"b{place:02d}" for place in range(1, 21))
COUNTERS_OF_AN_OFFICE = 13
SERVICES = tuple(f"s{place}" for place in range(1, 9))


def configuration() -> str:
    """All offices alike: eight services with a series each, thirteen counters that take all of them."""
    return "\n".join(_office(office_id) for office_id in OFFICES)


def _office(office_id: str) -> str:
    services = [
        f'[[office.series]]\nid = "{series}"\nprefix = "{series.upper()}"\nlast = 9999\n'
        f'[[office.service]]\nid = "{service}"\nname = {{ ja = "窓口{place}", en = "Service {place}" }}\n'
        f'series = "{series}"\n'
        for place, (series, service) in enumerate(zip("abcdefgh", SERVICES), start=1)
    ]
    counters = [
        f'[[office.counter]]\nid = "c{place}"\nservices = {json.dumps(SERVICES)}\n'
        for place in range(1, COUNTERS_OF_AN_OFFICE + 1)
    ]
    head = f'[[office]]\nid = "{office_id}"\nname = {{ ja = "第{office_id}出張所", en = "Branch {office_id}" }}\n'
    return "".join((head, *services, *counters))


@dataclass(frozen=True, slots=True)
class Console:
    """One clerk at one counter."""

    office: str
    counter: str
    cookie: str

    def call_next(self) -> bytes:
        """The request of the console's one key."""
        return post(self._path("call-next"), {"finish": "complete"}, self.cookie)

    def open(self) -> bytes:
        """The request of a clerk who sits down."""
        return post(self._path("open"), {}, self.cookie)

    def _path(self, verb: str) -> str:
        return f"/api/v1/offices/{self.office}/counters/{self.counter}/{verb}"


@dataclass(slots=True)
class Installation:
    """A configuration and a data directory, with a clerk for each counter and a kiosk's invitation for each office."""

    config: Path
    data: Path
    log: Path
    consoles: list[Console]
    invitations: dict[str, str]

    def arguments(self) -> tuple[str, ...]:
        """What `junban serve` is told."""
        return ("--config", str(self.config), "--data", str(self.data))


async def install(folder: Path, more: str = "") -> Installation:
    """Makes the files; ``more`` goes before the offices in the configuration.

    The first console of every office comes first, so that few clients are spread over offices.
    """
    config = folder / "junban.toml"
    config.write_text(more + configuration(), "utf-8")
    data = folder / "data"
    file = await open_database(read_config(config, data).database, "main")
    try:
        consoles = [
            await _console(file, office_id, f"c{place}")
            for place in range(1, COUNTERS_OF_AN_OFFICE + 1)
            for office_id in OFFICES
        ]
        devices, now = Devices(file), SystemClock().now()
        invitations = {office_id: await devices.invite(office_id, "kiosk", "", now) for office_id in OFFICES}
    finally:
        await file.close()
    return Installation(config, data, folder / "server.log", consoles, invitations)


async def _console(file: Database, office_id: str, counter: str) -> Console:
    # Hundreds of real password hashes would take half a minute, and signing in is not what is measured.
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    staff = Staff(file, SystemClock(), passwords=passwords)
    account = await staff.add(f"{office_id}-{counter}", "a password of the bench", ["clerk"], [office_id])
    token = await Sessions(file, hours=12).create(account, SystemClock().now())
    return Console(office_id, counter, f"junban_session={token}")


async def open_hall(installation: Installation, port: int) -> dict[str, str]:
    """All clerks sit down, all kiosks are enrolled; answers with each office's kiosk cookie."""
    caller = await Caller.connect(port)
    try:
        for console in installation.consoles:
            status, _, body = await caller.ask(console.open())
            assert status == 200, body
        return {office_id: await _enrol(caller, code) for office_id, code in installation.invitations.items()}
    finally:
        caller.close()


async def _enrol(caller: Caller, code: str) -> str:
    status, head, body = await caller.ask(post("/api/v1/devices", {"code": code}))
    assert status == 201, body
    cookie = head.partition(b"\r\nset-cookie: ")[2].partition(b";")[0]
    return cookie.decode()


def issue(office_id: str, service: str, cookie: str, key: str = "") -> bytes:
    """The request of a kiosk."""
    return post(f"/api/v1/offices/{office_id}/tickets", {"service": service}, cookie, key)

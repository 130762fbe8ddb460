"""What the demonstration's offices are furnished with: staff accounts, invitations, and the text on the terminal."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher

from ticketing.audit import Entry
from ticketing.devices import KINDS
from ticketing.hall.office import name_in
from ticketing.passwords import Passwords
from ticketing.staff import NameTaken, Staff
from ticketing.storage.opening import open_database
from ticketing.web.site import Site

WHO = "cli:demonstration"
#: Of every account: the demonstration is for trying out, and holds nothing that is true.
PASSWORD = "sakura-no-hana"  # noqa: S105
#: For hashes that last only until the first sign-in.
QUICK_HASH_KIB = 8 * 1024


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One made-up person of the staff."""

    name: str
    roles: tuple[str, ...]
    offices: tuple[str, ...]


ACCOUNTS = (
    DemoAccount("sato", ("clerk",), ("sakura",)),
    DemoAccount("suzuki", ("clerk",), ("sakura",)),
    DemoAccount("tanaka", ("clerk",), ("sakura", "sakura-kita")),
    DemoAccount("yamada", ("supervisor",), ("sakura", "sakura-kita")),
    DemoAccount("ito", ("admin",), ("*",)),
    DemoAccount("nakamura", ("privacy",), ("*",)),
)


async def add_accounts(site: Site) -> None:
    """Adds the accounts that are missing; those that are there stay as they are.

    Six hashes of full strength would take most of the start, for a password that is printed. The first sign-in
    replaces such a hash, as it does with every hash of other parameters than today's.
    """
    there = {account.name for account in await site.staff.list()}
    missing = [account for account in ACCOUNTS if account.name not in there]
    if not missing:
        return
    file = await open_database(site.config.database, "main")
    try:
        staff = Staff(file, site.clock, passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=QUICK_HASH_KIB)))
        await asyncio.gather(*(_add(staff, account, site.clock.now()) for account in missing))
    finally:
        await file.close()


async def _add(staff: Staff, account: DemoAccount, now: datetime) -> None:
    entry = Entry(at=now, who=WHO, what="staff.add", target=account.name)
    try:
        await staff.add(account.name, PASSWORD, account.roles, account.offices, entry)
    except NameTaken:
        # Another process on the same data was faster.
        return


async def invite(site: Site, office_id: str, kind: str, who: str = WHO, address: str | None = None) -> str:
    """A link that makes one browser a kiosk or a board of an office, once. Raises WrongDevice."""
    now = site.clock.now()
    entry = Entry(at=now, who=who, what="device.invite", address=address)
    code = await site.devices.invite(office_id, kind, "demonstration", now, entry)
    return f"{site.config.server.public_url}/enrol#{code}"


async def welcome(site: Site) -> str:
    """What is printed when the demonstration is ready; makes fresh invitations."""
    url = site.config.server.public_url
    lines = [
        "Junban, the demonstration. Its offices, people and messages are all made up.",
        "",
        f"  Start here       {url}/demo",
        f"  Mails and LINE   {url}/demo/mailbox",
        f"  Visitors         {url}/",
    ]
    for desk in site.desks:
        lines += ["", *await _office_lines(site, desk.office.id, name_in(desk.office.names, "en"))]
    lines += ["", *_account_lines(), "", "Press Ctrl+C to stop."]
    return "\n".join(lines)


async def _office_lines(site: Site, office_id: str, name: str) -> Sequence[str]:
    url = site.config.server.public_url
    pages = [f"  {page:<16} {url}/{page}/{office_id}" for page in ("board", "counter", "hall")]
    links = [f"  {f'enrol a {kind}':<16} {await invite(site, office_id, kind)}" for kind in KINDS]
    note = "  (an enrolment link works once, within 24 hours; /demo makes more)"
    return [f"{name} ({office_id})", *pages, *links, note]


def _account_lines() -> Sequence[str]:
    accounts = [f"  {each.name:<16} {','.join(each.roles):<12} {' '.join(each.offices)}" for each in ACCOUNTS]
    return [f"Staff accounts, all with the password {PASSWORD}", *accounts]

"""A made-up office for drills: its configuration, contacts, outbox, and what became of it all."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from ticketing.addresses import ContactChannel
from ticketing.clock import Clock, SystemClock, parse
from ticketing.config import Config, read_config
from ticketing.contacts import Contacts
from ticketing.keys import DayKeys
from ticketing.master_key import configured_master_key
from ticketing.notice import NewNotice
from ticketing.notices import Notices
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

OFFICE_ID = "drill"
SENDER = "junban@example.jp"
_CLOCK = SystemClock()
#: Longer than any drill; what is worthless after it is dropped as in service.
USEFUL_FOR = timedelta(minutes=30)
#: A letter for the tickets of each channel.
_PREFIXES: dict[ContactChannel, str] = {"email": "M", "line": "L", "phone": "P"}
#: Tickets that have a mail contact beside the one of their channel.
SECOND = "S"

_CONFIGURATION = """\
# Made up for a drill; nothing here is anybody's.
[mail]
host = "127.0.0.1"
port = {mail_port}
tls = "starttls"
ca_file = "{ca_file}"
sender = "{sender}"
sender_name = "順番"
timeout_seconds = {timeout_seconds}
approval = "drill"

[line]
channel_access_token = "a token of the drill"
channel_secret = "a secret of the drill"
account = "@drill"
api_url = "{line_url}"
timeout_seconds = {timeout_seconds}
approval = "drill"
{phone}
[privacy]
responsible = "drill"

[[office]]
id = "{office_id}"
name = {{ ja = "架空市役所", en = "Made-up City Hall" }}
hours = "always"

[[office.series]]
id = "a"
prefix = "A"

[[office.service]]
id = "family"
name = {{ ja = "戸籍", en = "Family register" }}
series = "a"

[[office.counter]]
id = "c1"
label = "1"
services = ["family"]
"""
_PHONE = """
[phone]
enabled = true
provider = "drill"
approval = "drill"
most_per_day = 1000000
most_per_number = 1000
timeout_seconds = {timeout_seconds}

[phone.sms]
url = "{phone_url}/messages"
headers = {{ Idempotency-Key = "{{idempotency_key}}" }}
json = {{ to = "{{to}}", text = "{{text}}" }}
"""


@dataclass(frozen=True, slots=True)
class Providers:
    """Where the made-up installation sends to."""

    mail_port: int
    #: The certificate that the mail server shows.
    ca_file: Path
    line_url: str
    #: None: no phone.
    phone_url: str | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one notice."""

    number: str
    retry_key: str
    #: The one that it went over last, or goes over next.
    channel: ContactChannel
    state: str
    #: None: it is still open.
    settled_at: datetime | None


@dataclass(slots=True)
class DrillOffice:
    """An installation in a folder of its own; another process serves it."""

    config_file: Path
    config: Config
    file: SqliteFile
    notices: Notices
    contacts: Contacts
    keys: DayKeys
    day: date

    async def register(self, channel: ContactChannel, count: int, *, second: bool = False) -> None:
        """Tickets with one contact each; ``second``: with another by mail, for when the first cannot be reached."""
        now = _CLOCK.now()
        for number in numbers(channel, count, second=second):
            if second:
                await self._put(number, "email", now)
            await self._put(number, channel, now + timedelta(seconds=second))

    async def _put(self, number: str, channel: ContactChannel, at: datetime) -> None:
        address = _address(number, channel)
        await self.contacts.put(OFFICE_ID, self.day, number, channel, address, "ja", None, None, at)

    async def plant(self, occurrence: str, tickets: Mapping[str, ContactChannel]) -> datetime:
        """One notice for each ticket, all at once; when that was. ``occurrence`` tells this planting from others."""
        now = _CLOCK.now()
        owed = [
            NewNotice(
                day=self.day, number=number, kind="turn_near", occurrence=occurrence, seq=0, channel=channel,
                created_at=now, useful_until=now + USEFUL_FOR, service="family", ahead=3,
            )
            for number, channel in tickets.items()
        ]  # fmt: skip
        await self.notices.start(OFFICE_ID, 0)
        seq = await self.notices.cursor(OFFICE_ID) or 0
        while not await self.notices.advance(OFFICE_ID, seq, seq, owed):
            # The notifier has read on in the journal meanwhile.
            seq = await self.notices.cursor(OFFICE_ID) or 0
        return now

    async def clear(self) -> None:
        """Forget all notices, so that an earlier trial weighs on no later one."""
        async with self.file.transaction() as connection:
            await connection.execute("DELETE FROM notices")

    async def fates(self, occurrence: str) -> list[Fate]:
        """What became of the notices of one planting."""
        rows = await self.file.fetch_all(
            "SELECT number, retry_key, channel, state, settled_at FROM notices WHERE occurrence = ?", (occurrence,)
        )
        return [
            Fate(row["number"], row["retry_key"], row["channel"], row["state"], _time(row["settled_at"]))
            for row in rows
        ]

    async def open_channels(self, occurrence: str) -> set[str]:
        """The channels on which notices of one planting wait or are being sent."""
        rows = await self.file.fetch_all(
            "SELECT DISTINCT channel FROM notices WHERE state IN ('pending', 'sending') AND occurrence = ?",
            (occurrence,),
        )
        return {row["channel"] for row in rows}


def _time(text: str | None) -> datetime | None:
    return parse(text) if text else None


def numbers(channel: ContactChannel, count: int, *, second: bool = False) -> Sequence[str]:
    """The numbers of a channel's tickets."""
    prefix = _PREFIXES[channel] + (SECOND if second else "")
    return [f"{prefix}{place:05d}" for place in range(1, count + 1)]


def tickets(channels: Iterable[ContactChannel], count: int) -> dict[str, ContactChannel]:
    """So many tickets of each channel, with the channel that each is alerted over."""
    return {number: channel for channel in channels for number in numbers(channel, count)}


def _address(number: str, channel: ContactChannel) -> str:
    """Made up: mail to example.org, a LINE user and a phone number that nobody has."""
    place = int(number[-5:])
    match channel:
        case "email":
            return f"{number.lower()}@example.org"
        case "line":
            return f"U{place:032x}"
        case "phone":
            return f"+81900000{place % 10_000:04d}"


@asynccontextmanager
async def furnish(
    folder: Path, providers: Providers, *, timeout_seconds: int = 2, clock: Clock = _CLOCK
) -> AsyncIterator[DrillOffice]:
    """Makes the installation; ``timeout_seconds`` is what a message may take on each channel.

    Its contacts are of the day that the office has at ``clock``.
    """
    config_file = folder / "junban.toml"
    config_file.write_text(_configuration(providers, timeout_seconds), "utf-8")
    config = read_config(config_file, folder / "data")
    file = await SqliteFile.open(config.database.contacts_path, Schema("contacts"))
    try:
        keys = DayKeys(config.security.key_dir, configured_master_key(config.security, config.data_dir))
        # By the office's own clock: what is of yesterday there is overdue for erasure.
        today = config.offices[0].business_day(clock.now())
        yield DrillOffice(config_file, config, file, Notices(file), Contacts(file, keys), keys, today)
    finally:
        await file.close()


def _configuration(providers: Providers, timeout_seconds: int) -> str:
    url = providers.phone_url
    phone = _PHONE.format(phone_url=url, timeout_seconds=timeout_seconds) if url else ""
    return _CONFIGURATION.format(
        mail_port=providers.mail_port, ca_file=providers.ca_file, line_url=providers.line_url, phone=phone,
        sender=SENDER, timeout_seconds=timeout_seconds, office_id=OFFICE_ID,
    )  # fmt: skip

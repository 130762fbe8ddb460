"""Every fault on every channel, through the real notifier and real sockets, at a few notices each."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifier.channels.base import Channel, Message
from notifier.channels.line import LineChannel
from notifier.channels.mail import MailChannel
from notifier.channels.phone import PhoneChannel
from notifier.drill.faults import EVERY, Fault
from notifier.drill.office import DrillOffice, numbers
from notifier.drill.result import Result, tally
from notifier.drill.smtp_server import Tls
from notifier.drill.start import starting
from notifier.drill.trial import Drill, result_of, tickets_of_others
from notifier.worker import Notifier
from ticketing.addresses import ContactChannel
from ticketing.clock import FixedClock
from ticketing.contacts import Contact
from ticketing.demo.certificate import make_tls
from ticketing.journal.sqlite import SqliteJournal
from ticketing.phone_costs import PhoneCosts
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

#: Notices on the failing channel, and on the others together.
COUNT = 4
#: Of these nothing but the deadline is ever heard.
SILENT = ("hang", "trickle", "huge")
#: Longer than any rest between two attempts; three such steps are within the time that the notices are of use.
STEP_SECONDS = 400.0
STEPS = 3


@dataclass
class Hasty:
    """A channel whose messages have a deadline of the test's choice."""

    channel: Channel
    deadline_seconds: float = 10.0

    async def send(self, contact: Contact, message: Message, retry_key: str, deadline_seconds: float) -> None:
        await self.channel.send(contact, message, retry_key, deadline_seconds)

    async def close(self) -> None:
        await self.channel.close()


@dataclass
class World:
    """A drill with the notifier in the same process, and a clock that is moved by hand."""

    drill: Drill
    clock: FixedClock
    notifier: Notifier
    channels: Mapping[ContactChannel, Hasty]

    async def deliver(self) -> None:
        """Tries everything that is due once, all channels side by side."""
        await asyncio.gather(*(self._deliver(place) for place in range(len(self.channels))))

    async def _deliver(self, place: int) -> None:
        delivery = self.notifier.deliveries[place]
        for _ in range(COUNT + 1):
            await delivery.begin_due()
            await delivery.finish()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tls, Path]:
    folder, now = tmp_path_factory.mktemp("tls"), datetime.now(UTC)
    stranger = make_tls("127.0.0.1", folder / "stranger.pem", now)
    return Tls(make_tls("127.0.0.1", folder / "ours.pem", now), stranger), folder / "ours.pem"


@asynccontextmanager
async def world(folder: Path, tls: tuple[Tls, Path]) -> AsyncIterator[World]:
    async with starting(folder, *tls) as drill:
        main_file = await SqliteFile.open(drill.office.config.database.path, Schema("main"))
        clock = FixedClock(datetime.now(UTC))
        channels = make_channels(drill.office)
        notifier = Notifier(
            journal=SqliteJournal(main_file),
            notices=drill.office.notices,
            contacts=drill.office.contacts,
            channels=channels,
            offices=drill.office.config.offices,
            clock=clock,
            secret_for=lambda office_id, day, number: f"secret-of-{number}",
            settings=drill.office.config.notices,
            public_url="https://queue.city.example.jp",
            jitter=lambda: 0.5,
        )
        try:
            yield World(drill, clock, notifier, channels)
        finally:
            await notifier.stop()
            await main_file.close()


def make_channels(office: DrillOffice) -> dict[ContactChannel, Hasty]:
    config = office.config
    phone = config.phone
    costs = PhoneCosts(office.file, office.keys, phone.most_per_day, phone.most_per_number)
    return {
        "email": Hasty(MailChannel(config.mail)),
        "line": Hasty(LineChannel(config.line)),
        "phone": Hasty(PhoneChannel(phone, costs)),
    }


async def try_fault(world: World, fault: Fault) -> Result:
    """As a drill does it, but by the clock of the test."""
    drill, failing = world.drill, world.channels[fault.channel]
    own = numbers(fault.channel, COUNT, second=fault.has_second)
    others = tickets_of_others(drill, fault, COUNT)
    for channel in drill.servers:
        await drill.office.register(channel, COUNT, second=fault.has_second and channel == fault.channel)
    await drill.servers[fault.channel].behave(fault.behaviour)
    failing.deadline_seconds = 0.4 if fault.behaviour.kind in SILENT else 10.0
    planted_at = await drill.office.plant(fault.name, dict.fromkeys(own, fault.channel) | others)
    world.clock.set(planted_at)

    await world.deliver()

    during = tally(await drill.office.fates(fault.name), own)
    await drill.servers[fault.channel].behave(type(fault.behaviour)())
    failing.deadline_seconds = 10.0
    for _ in range(STEPS):
        world.clock.advance(seconds=STEP_SECONDS)
        await world.deliver()
    fates = await drill.office.fates(fault.name)
    return result_of(drill, fault, planted_at, during, fates, set(own), set(others))


@pytest.mark.parametrize("fault", EVERY, ids=[fault.name for fault in EVERY])
async def test_fault_does_no_more_harm_than_is_promised(tmp_path: Path, tls: tuple[Tls, Path], fault: Fault) -> None:
    async with world(tmp_path, tls) as at:
        result = await try_fault(at, fault)

        assert result.problems() == []
        assert result.others_seconds == 0.0

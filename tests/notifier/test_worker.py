import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from notifier.channels.base import Message, SendError
from notifier.worker import Notifier
from tests.waiting import until
from ticketing.addresses import ContactChannel
from ticketing.clock import FixedClock
from ticketing.config import Notices as NoticeSettings
from ticketing.contacts import Contact, Contacts
from ticketing.hall import events as ev
from ticketing.hall.office import Counter, Office, Series, Service
from ticketing.journal.base import Batch, Outcome, Recorded
from ticketing.journal.sqlite import SqliteJournal
from ticketing.keys import DayKeys
from ticketing.notices import Notices, line_linked
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

DAY = date(2026, 9, 3)
AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
MAIL = "sato@example.jp"
LINE_USER = "U" + "0123456789abcdef" * 2
OFFICE = Office(
    id="minato",
    names={"ja": "みなと区役所"},
    time_zone="Asia/Tokyo",
    series=(Series("a", "A", 1, 999),),
    services=(Service("family", {"ja": "戸籍"}, "a"),),
    counters=(Counter("1", "1番窓口", ("family",)),),
)


@dataclass
class Recorder:
    """A channel that keeps what it was given, and fails as told."""

    errors: list[Exception | None] = field(default_factory=list)
    hangs: bool = False
    deadline_seconds: float = 20.0
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    retry_keys: list[str] = field(default_factory=list)
    is_closed: bool = False

    async def send(self, contact: Contact, message: Message, retry_key: str, deadline_seconds: float) -> None:
        self.retry_keys.append(retry_key)
        if self.hangs:
            await asyncio.Event().wait()
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.sent.append((contact.number, contact.address, message.subject or message.text))

    async def close(self) -> None:
        self.is_closed = True


@dataclass
class World:
    """A journal, an outbox, and a notifier between them."""

    journal: SqliteJournal
    notices: Notices
    contacts: Contacts
    keys: DayKeys
    clock: FixedClock
    mail: Recorder
    line: Recorder
    notifier: Notifier
    seq: int = 0

    async def happen(self, *events: tuple[type[ev.Event], dict[str, Any]]) -> None:
        recorded = []
        for kind, fields in events:
            recorded.append(
                Recorded(DAY, kind(seq=self.seq + len(recorded) + 1, at=self.clock.now(), by="tick", **fields))
            )
        assert await self.journal.append([Batch("minato", self.seq, recorded)]) == [Outcome.STORED]
        self.seq += len(recorded)

    async def register(self, number: str = "A001", channel: ContactChannel = "email", address: str = MAIL) -> None:
        await self.contacts.put("minato", DAY, number, channel, address, "ja", None, None, self.clock.now())

    async def step(self) -> list[tuple[str, str]]:
        await self.notifier.follow()
        await deliver(self.notifier)
        return await self.states()

    async def states(self, number: str = "A001") -> list[tuple[str, str]]:
        return [(report.kind, report.state) for report in await self.notices.for_ticket("minato", DAY, number)]

    def second(self) -> Notifier:
        return make_notifier(self.journal, self.notices, self.contacts, self.clock, self.mail, self.line)


def make_notifier(
    journal: SqliteJournal, notices: Notices, contacts: Contacts, clock: FixedClock, mail: Recorder, line: Recorder
) -> Notifier:
    return Notifier(
        journal=journal,
        notices=notices,
        contacts=contacts,
        channels={"email": mail, "line": line},
        offices=(OFFICE,),
        clock=clock,
        secret_for=lambda office_id, day, number: f"secret-of-{number}",
        settings=NoticeSettings(),
        public_url="https://queue.city.example.jp",
        jitter=lambda: 0.5,
    )


async def deliver(notifier: Notifier) -> None:
    """One turn of every channel's loop."""
    for delivery in notifier.deliveries:
        await delivery.begin_due()
    for delivery in notifier.deliveries:
        await delivery.finish()


OPENED = (ev.DayOpened, {"day": DAY, "office": OFFICE, "closes_at": AT + timedelta(hours=14)})
NEAR = (ev.TurnNear, {"number": "A001", "service": "family", "ahead": 3, "wait_low": 300, "wait_high": 600})
CALLED = (ev.TicketCalled, {"number": "A001", "counter": "1"})
UNDONE = (ev.StepUndone, {"number": "A001", "counter": "1", "step": "call"})
COMPLETED = (ev.TicketCompleted, {"number": "A001", "counter": "1"})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    main = await SqliteFile.open(tmp_path / "junban.sqlite3", Schema("main"))
    file = await SqliteFile.open(tmp_path / "contacts.sqlite3", Schema("contacts"))
    keys = DayKeys(tmp_path / "keys", bytes(32))
    journal, notices, contacts = SqliteJournal(main), Notices(file), Contacts(file, keys)
    clock, mail, line = FixedClock(AT), Recorder(), Recorder()
    notifier = make_notifier(journal, notices, contacts, clock, mail, line)
    world = World(journal, notices, contacts, keys, clock, mail, line, notifier)
    try:
        await world.happen(OPENED)
        yield world
    finally:
        await file.close()
        await main.close()


async def test_visitor_is_told_that_the_turn_is_near_and_of_the_call(world: World) -> None:
    await world.register()

    await world.happen(NEAR)
    await world.step()
    await world.happen(CALLED)
    states = await world.step()

    assert world.mail.sent == [
        ("A001", MAIL, "受付番号A001 まもなくお呼びします"),
        ("A001", MAIL, "受付番号A001 お呼び出し中です"),
    ]
    assert states == [("turn_near", "sent"), ("called", "sent")]


async def test_ticket_without_a_contact_leads_to_nothing(world: World) -> None:
    await world.register("A002")

    await world.happen(CALLED)

    assert await world.step() == []


async def test_nothing_is_decided_twice_after_a_restart_or_beside_another_process(world: World) -> None:
    await world.register()
    await world.happen(NEAR, CALLED)

    await asyncio.gather(*(notifier.follow() for notifier in (world.notifier, world.second(), world.second())))
    await world.second().follow()
    await asyncio.gather(*(deliver(notifier) for notifier in (world.notifier, world.second(), world.second())))

    assert [text for _, _, text in world.mail.sent] == ["受付番号A001 お呼び出し中です"]


async def test_office_without_contacts_is_not_read(world: World) -> None:
    await world.happen(CALLED)
    await world.step()
    await world.register()

    assert await world.step() == []


async def test_call_undone_after_it_was_told_is_withdrawn_and_may_be_told_again(world: World) -> None:
    await world.register()

    for happened in (CALLED, UNDONE, CALLED):
        await world.happen(happened)
        states = await world.step()

    assert states == [("called", "sent"), ("call_withdrawn", "sent"), ("called", "sent")]


async def test_call_undone_before_it_was_told_is_never_heard_of(world: World) -> None:
    await world.register()
    await world.happen(CALLED, UNDONE)

    assert await world.step() == [("called", "dropped")]
    assert world.mail.sent == []


async def test_temporary_refusal_is_tried_again_with_the_same_key(world: World) -> None:
    world.mail.errors = [SendError("smtp_451", permanent=False)]
    await world.register()
    await world.happen(NEAR)

    first = await world.step()
    world.clock.advance(seconds=4.9)
    early = await world.step()
    world.clock.advance(seconds=0.1)
    last = await world.step()

    assert (first, early, last) == ([("turn_near", "pending")],) * 2 + ([("turn_near", "sent")],)
    assert len(world.mail.retry_keys) == 2
    assert len(set(world.mail.retry_keys)) == 1


async def test_attempts_end(world: World) -> None:
    world.mail.errors = [SendError("smtp_451", permanent=False)] * 99
    await world.register()
    await world.happen(NEAR)

    for _ in range(20):
        states = await world.step()
        world.clock.advance(seconds=29)

    assert (states, len(world.mail.retry_keys)) == ([("turn_near", "failed")], 5)


async def test_notice_too_late_is_not_sent(world: World) -> None:
    await world.register()
    await world.happen(CALLED)
    await world.notifier.follow()

    world.clock.advance(seconds=300)

    assert await world.step() == [("called", "dropped")]
    assert world.mail.retry_keys == []


async def test_notice_whose_next_attempt_would_be_too_late_is_dropped(world: World) -> None:
    world.mail.errors = [SendError("smtp_451", permanent=False)]
    await world.register()
    await world.happen(CALLED)
    await world.notifier.follow()

    world.clock.advance(seconds=296)

    assert await world.step() == [("called", "dropped")]


async def test_permanent_refusal_shows(world: World) -> None:
    world.mail.errors = [SendError("smtp_550", permanent=True)]
    await world.register()
    await world.happen(NEAR)

    assert await world.step() == [("turn_near", "failed")]


async def test_permanent_refusal_passes_on_to_the_other_contact(world: World) -> None:
    world.line.errors = [SendError("line_403", permanent=True)]
    await world.register()
    world.clock.advance(seconds=1)
    await world.register(channel="line", address=LINE_USER)
    await world.happen(NEAR)

    await world.step()

    assert await world.step() == [("turn_near", "sent")]
    assert (world.line.sent, [address for _, address, _ in world.mail.sent]) == ([], [MAIL])


async def test_both_contacts_refused_ends_it(world: World) -> None:
    world.mail.errors = [SendError("smtp_550", permanent=True)]
    world.line.errors = [SendError("line_403", permanent=True)]
    await world.register()
    await world.register(channel="line", address=LINE_USER)
    await world.happen(NEAR)

    for _ in range(5):
        states = await world.step()

    assert (states, len(world.mail.retry_keys), len(world.line.retry_keys)) == ([("turn_near", "failed")], 1, 1)


async def test_contact_removed_in_the_meantime_gets_nothing(world: World) -> None:
    await world.register()
    await world.happen(NEAR)
    await world.notifier.follow()

    await world.contacts.remove("minato", DAY, "A001")

    assert await world.step() == [("turn_near", "dropped")]
    assert world.mail.retry_keys == []


async def test_erased_day_gets_nothing(world: World) -> None:
    await world.register()
    await world.happen(NEAR)
    await world.notifier.follow()

    world.keys.destroy("minato", DAY)

    assert await world.step() == [("turn_near", "dropped")]


async def test_served_visitor_is_not_told_of_the_call_any_more(world: World) -> None:
    world.mail.errors = [SendError("smtp_451", permanent=False)]
    await world.register()
    await world.happen(CALLED)
    await world.step()

    await world.happen(COMPLETED)
    world.clock.advance(seconds=60)

    assert await world.step() == [("called", "dropped")]


async def test_linked_account_is_confirmed_in_neutral_words(world: World) -> None:
    await world.register(channel="line", address=LINE_USER)
    await world.notices.add("minato", line_linked(DAY, "A001", world.clock.now()))

    await world.step()

    assert world.line.sent == [
        (
            "A001",
            LINE_USER,
            "お知らせの登録ができました。順番が近づくとここにお知らせします。登録は翌日に消去されます。\nhttps://queue.city.example.jp/",
        )
    ]


async def test_fault_in_one_notice_spares_the_others_and_shows_no_address(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.mail.errors = [RuntimeError(f"cannot write to {MAIL}")]
    await world.register()
    await world.register("A002")
    await world.happen(NEAR, (ev.TurnNear, NEAR[1] | {"number": "A002"}))

    await world.step()

    assert (len(world.mail.sent), MAIL in caplog.text, "RuntimeError" in caplog.text) == (1, False, True)
    world.clock.advance(seconds=50)
    await world.step()
    assert len(world.mail.sent) == 2


async def test_channel_that_hangs_delays_only_its_own(world: World) -> None:
    world.mail.hangs = True
    for number in range(20):
        await world.register(f"A1{number:02}")
        await world.happen((ev.TurnNear, NEAR[1] | {"number": f"A1{number:02}"}))
    await world.register("A001", "line", LINE_USER)
    await world.happen(NEAR)

    running = asyncio.create_task(world.notifier.run())
    # That it was sent is noted a moment after the channel has it.
    async with asyncio.timeout(5):
        while await world.states() != [("turn_near", "sent")]:
            await asyncio.sleep(0.005)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert (len(world.mail.retry_keys), await world.states()) == (8, [("turn_near", "sent")])


async def test_running_notifier_hears_of_a_call_and_stops_when_told(world: World) -> None:
    await world.register()
    running = asyncio.create_task(world.notifier.run())
    await asyncio.sleep(0)

    await world.happen(CALLED)
    world.notifier.wake()
    await until(lambda: bool(world.mail.sent))
    await world.notifier.stop()
    await running

    assert (world.mail.is_closed, world.line.is_closed) == (True, True)
    assert await world.states() == [("called", "sent")]


async def test_interrupted_delivery_is_done_again_after_its_lease(world: World) -> None:
    await world.register()
    await world.happen(NEAR)
    await world.notifier.follow()
    world.mail.hangs = True
    running = asyncio.create_task(world.notifier.run())
    await until(lambda: bool(world.mail.retry_keys))
    running.cancel()
    await asyncio.wait([running])

    world.mail.hangs = False
    before = await world.step()
    world.clock.advance(seconds=50)

    assert (before, await world.step()) == ([("turn_near", "sending")], [("turn_near", "sent")])
    assert len(set(world.mail.retry_keys)) == 1

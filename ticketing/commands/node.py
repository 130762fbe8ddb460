"""A node: everything that one process runs, put together from the configuration."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from notifier.channels.base import Channel
from notifier.channels.line import LineChannel
from notifier.channels.mail import MailChannel
from notifier.worker import Notifier
from purge_jobs.erase_contacts import Purge
from purge_jobs.erasure_log import ErasureLog
from purge_jobs.prune import prune_journal
from purge_jobs.schedule import Schedule
from ticketing import __version__
from ticketing.addresses import ContactChannel
from ticketing.audit import Audit, Entry
from ticketing.clock import Clock, SystemClock
from ticketing.commands.operation import operator
from ticketing.config import Config
from ticketing.config.show import fingerprint
from ticketing.contacts import Contacts
from ticketing.desks import Desks
from ticketing.devices import Devices
from ticketing.hall import commands as cmd
from ticketing.journal.sqlite import SqliteJournal
from ticketing.keys import DayKeys, load_master_key
from ticketing.live import Live
from ticketing.notices import Notices
from ticketing.retention import Retention
from ticketing.sessions import Sessions
from ticketing.staff import Staff
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile
from ticketing.ticket_secrets import TicketSecrets
from ticketing.web.site import Limits, Site

log = logging.getLogger(__name__)

ROLES = ("web", "notifier", "purge")
#: New objects before the collector looks at them, and how many such looks before it looks at older ones. A request
#: makes hundreds of objects and no circles; with the interpreter's own 700, 10, 10 a tenth of the time goes there.
COLLECT_AFTER = (20_000, 20, 50)
#: How often it is looked whether an erasure is overdue or a series full.
WATCH_SECONDS = 30.0


@dataclass(slots=True, kw_only=True)
class Node:
    """The parts of a running process."""

    config: Config
    clock: Clock
    main_file: SqliteFile
    contacts_file: SqliteFile
    site: Site
    notifier: Notifier
    purge: Purge
    retention: Retention
    erasures: ErasureLog
    #: Office, day and series that operations were warned of.
    warned_of: set[tuple[str, date | None, str]] = field(default_factory=set)

    async def check_overdue(self) -> None:
        """While an erasure is overdue the site takes no new contacts."""
        is_overdue = await self.retention.is_overdue(self.clock.now())
        if is_overdue and not self.site.is_erasure_overdue:
            log.error("AN ERASURE IS OVERDUE: no new contacts are taken until it is done; run: junban purge")
        self.site.is_erasure_overdue = is_overdue

    async def run_purge(self) -> None:
        """Erases what is due now, and forgets what was kept long enough."""
        try:
            for erasure in await self.purge.purge():
                entry = Entry(
                    at=self.clock.now(), who="purge", what="purge", target=erasure.day.isoformat(),
                    office_id=erasure.office_id,
                )  # fmt: skip
                await self.site.audit.record(entry)
            oldest = self.clock.now() - timedelta(days=self.config.retention.journal_days)
            await prune_journal(self.main_file, oldest.date())
        finally:
            await self.check_overdue()

    def warn_of_full_series(self) -> None:
        """Says once a day that a series has gone past its end; its numbers go on with more digits."""
        for desk in self.site.desks:
            hall = desk.hall
            for series in hall.office.series:
                place = (desk.office.id, hall.day, series.id)
                if series.is_past_end(hall.ordinals.get(series.id, 0) - 1) and place not in self.warned_of:
                    self.warned_of.add(place)
                    log.warning("office %s: series %s is past its end of %d", desk.office.id, series.id, series.last)

    async def note_configuration(self) -> None:
        """Records that the service runs under another configuration than before, and says what waits for tomorrow."""
        for desk in self.site.desks:
            if desk.hall.office != desk.office:
                log.warning("office %s: its new definition takes effect with the next business day", desk.office.id)
        now, what = fingerprint(self.config), "configuration.change"
        before = await self.site.audit.last(what)
        if before is None or before.entry.target != now:
            await self.site.audit.record(Entry(at=self.clock.now(), who=operator(), what=what, target=now))


@asynccontextmanager
async def open_node(config: Config, clock: Clock | None = None) -> AsyncIterator[Node]:
    """Opens the files and starts the desks; nothing runs by itself yet but they."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        main_file = await SqliteFile.open(config.database.path, Schema("main"))
        stack.push_async_callback(main_file.close)
        contacts_file = await SqliteFile.open(config.database.contacts_path, Schema("contacts"))
        stack.push_async_callback(contacts_file.close)
        node = _put_together(config, clock, main_file, contacts_file)
        stack.push_async_callback(node.site.desks.stop)
        await node.site.desks.start()
        await node.check_overdue()
        yield node


def _put_together(config: Config, clock: Clock, main_file: SqliteFile, contacts_file: SqliteFile) -> Node:
    keys = DayKeys(config.security.key_dir, load_master_key(config.security.master_key_file))
    secrets = TicketSecrets(keys)
    journal = SqliteJournal(main_file)
    contacts, notices = Contacts(contacts_file, keys), Notices(contacts_file)
    sessions = Sessions(main_file, config.security.session_hours)
    desks = Desks(config.offices, journal, clock, secrets.body_mac)
    site = Site(
        config=config, clock=clock, journal=journal, desks=desks, live=Live(clock), secrets=secrets,
        contacts=contacts, notices=notices, staff=Staff(main_file, clock, sessions.forget), sessions=sessions,
        devices=Devices(main_file), audit=Audit(main_file), limits=Limits.of(config),
    )  # fmt: skip
    notifier = Notifier(
        journal=journal, notices=notices, contacts=contacts, channels=_channels(config), offices=config.offices,
        clock=clock, secret_for=secrets.make, settings=config.notices, public_url=config.server.public_url,
    )  # fmt: skip
    retention = Retention(journal, contacts, keys, config.offices, config.retention.erase_at)
    erasures = ErasureLog(main_file)
    purge = Purge(
        contacts_file=contacts_file, keys=keys, retention=retention, erasures=erasures, clock=clock,
        close_day=partial(_close_day, desks), lock_file=config.data_dir / "purge.lock", version=__version__,
        responsible=config.privacy.responsible, handlers=config.privacy.handlers,
        notice_days=config.retention.journal_days,
    )  # fmt: skip
    desks.listeners += [site.live.stored, lambda desk, events: notifier.wake()]
    return Node(
        config=config, clock=clock, main_file=main_file, contacts_file=contacts_file, site=site, notifier=notifier,
        purge=purge, retention=retention, erasures=erasures,
    )  # fmt: skip


def _channels(config: Config) -> dict[ContactChannel, Channel]:
    channels: dict[ContactChannel, Channel] = {}
    if config.mail.is_on:
        channels["email"] = MailChannel(config.mail)
    if config.line.is_on:
        channels["line"] = LineChannel(config.line)
    return channels


async def _close_day(desks: Desks, office_id: str, day: date) -> None:
    """Ends a day that an office still has open; one that time has ended meanwhile is no error."""
    desk = desks.get(office_id)
    if desk is None:
        return
    await desk.submit(cmd.Tick())
    if desk.hall.day == day and not desk.hall.is_closed:
        await desk.submit(cmd.CloseDay(by="purge"))


@asynccontextmanager
async def running(node: Node, roles: Sequence[str] = ROLES) -> AsyncIterator[None]:
    """Runs the roles for as long as the context lasts."""
    await node.note_configuration()
    async with AsyncExitStack() as stack:
        if "purge" in roles:
            zones = {office.time_zone for office in node.config.offices}
            schedule = Schedule(node.run_purge, zones, node.config.retention.erase_at)
            # What was due while nothing ran goes before anybody can register.
            await schedule.start()
            stack.push_async_callback(schedule.stop)
        if "web" in roles:
            node.site.live.start(node.site.desks, node.site.extras)
            stack.push_async_callback(node.site.live.stop)
            stack.push_async_callback(_cancelled, asyncio.create_task(_watch(node)))
        if "notifier" in roles:
            task = asyncio.create_task(node.notifier.run(), name="notifier")
            stack.push_async_callback(_cancelled, task)
            stack.push_async_callback(node.notifier.stop)
        # What lives from here on is young; the collector need not walk through what the start made.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT_AFTER)
        yield


async def _watch(node: Node) -> None:
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        node.warn_of_full_series()
        try:
            await node.check_overdue()
        except Exception:
            # Not knowing is as bad as overdue, and the next look may work.
            log.exception("it could not be seen whether an erasure is overdue")
            node.site.is_erasure_overdue = True


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

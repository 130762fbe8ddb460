"""Puts a node together from the configuration."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from functools import partial

from notifier.channels.base import Channel
from notifier.channels.line import LineChannel
from notifier.channels.mail import MailChannel
from notifier.channels.phone import PhoneChannel
from notifier.worker import Notifier
from purge_jobs.erase_contacts import Purge
from purge_jobs.erasure_log import ErasureLog
from ticketing import __version__
from ticketing.addresses import ContactChannel
from ticketing.audit import Audit
from ticketing.clock import Clock, SystemClock
from ticketing.commands.node import Node
from ticketing.config import Config
from ticketing.contacts import Contacts
from ticketing.desks import Desks
from ticketing.devices import Devices
from ticketing.hall import commands as cmd
from ticketing.journal.opening import journal_in
from ticketing.key_place import check_key_place
from ticketing.keys import DayKeys
from ticketing.line_links import LineLinks
from ticketing.live import Live
from ticketing.master_key import configured_master_key
from ticketing.notices import Notices
from ticketing.phone_costs import PhoneCosts
from ticketing.plays import Plays
from ticketing.retention import Retention
from ticketing.sessions import Sessions
from ticketing.signing import load_signing_key
from ticketing.slips.jobs import PrintJobs
from ticketing.slips.press import Press
from ticketing.slips.printing import Printing
from ticketing.staff import Staff
from ticketing.storage.database import Database
from ticketing.storage.opening import open_database
from ticketing.ticket_secrets import TicketSecrets
from ticketing.web.site import Limits, Site


@asynccontextmanager
async def open_node(config: Config, clock: Clock | None = None, *, begins: bool = True) -> AsyncIterator[Node]:
    """Opens the database and starts the desks; nothing runs by itself yet but they. Without ``begins`` there must be
    one."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        main_file = await open_database(config.database, "main", begins=begins)
        stack.push_async_callback(main_file.close)
        contacts_file = await open_database(config.database, "contacts")
        stack.push_async_callback(contacts_file.close)
        if config.database.is_postgres:
            await check_key_place(contacts_file, config.security.key_dir)
        node = _put_together(config, clock, main_file, contacts_file)
        stack.push_async_callback(node.site.desks.stop)
        await node.site.desks.start()
        await node.check_overdue()
        yield node


def _put_together(config: Config, clock: Clock, main_file: Database, contacts_file: Database) -> Node:
    keys = _day_keys(config)
    secrets = TicketSecrets(keys)
    journal = journal_in(main_file)
    contacts, notices = Contacts(contacts_file, keys), Notices(contacts_file)
    sessions = Sessions(main_file, config.security.session_hours)
    desks = Desks(config.offices, journal, clock, secrets.body_mac)
    printing = Printing(
        jobs=PrintJobs(main_file), desks=desks, slips=config.slips, secret_for=secrets.make,
        public_url=config.server.public_url, clock=clock,
    )  # fmt: skip
    site = Site(
        config=config, clock=clock, journal=journal, desks=desks, live=Live(clock), secrets=secrets,
        contacts=contacts, line_links=LineLinks(contacts_file, keys), notices=notices,
        staff=Staff(main_file, clock, sessions.forget), sessions=sessions, devices=Devices(main_file),
        audit=Audit(main_file), limits=Limits.of(config), printing=printing, plays=Plays(main_file),
    )  # fmt: skip
    notifier = Notifier(
        journal=journal, notices=notices, contacts=contacts, channels=_channels(config, contacts_file, keys),
        offices=config.offices, clock=clock, secret_for=secrets.make, settings=config.notices,
        public_url=config.server.public_url, line_texts=config.line.texts,
        most_at_once={"email": config.mail.connections}, attention=site.attention,
    )  # fmt: skip
    retention = Retention(journal, contacts, keys, config.offices, config.retention.erase_at)
    erasures = ErasureLog(main_file, load_signing_key(config.security.signing_key_file, config.data_dir))
    purge = Purge(
        main_file=main_file, contacts_file=contacts_file, keys=keys, retention=retention, erasures=erasures,
        clock=clock, close_day=partial(_close_day, desks), lock_file=config.security.key_dir / "purge.lock",
        version=__version__, responsible=config.privacy.responsible, handlers=config.privacy.handlers,
        notice_days=config.retention.journal_days,
        # All that Junban writes here, and the keys.
        search_in=[config.data_dir, config.security.key_dir, *main_file.places, *contacts_file.places],
    )  # fmt: skip
    notices.listeners.append(site.live.refresh)
    desks.listeners += [site.live.stored, lambda desk, events: notifier.wake()]
    return Node(
        config=config, clock=clock, main_file=main_file, contacts_file=contacts_file, keys=keys, site=site,
        notifier=notifier, press=Press(printing, clock), purge=purge, retention=retention, erasures=erasures,
    )  # fmt: skip


def _day_keys(config: Config) -> DayKeys:
    master = configured_master_key(config.security, config.data_dir)
    # Read now rather than with the first visitor.
    master.candidates()
    return DayKeys(config.security.key_dir, master)


def _channels(config: Config, contacts_file: Database, keys: DayKeys) -> dict[ContactChannel, Channel]:
    channels: dict[ContactChannel, Channel] = {}
    if config.mail.is_on:
        channels["email"] = MailChannel(config.mail)
    if config.line.is_on:
        channels["line"] = LineChannel(config.line)
    if config.phone.is_on:
        phone = config.phone
        costs = PhoneCosts(contacts_file, keys, phone.most_per_day, phone.most_per_number)
        channels["phone"] = PhoneChannel(phone, costs)
    return channels


async def _close_day(desks: Desks, office_id: str, day: date) -> None:
    """Ends a day that an office still has open; one that time has ended meanwhile is no error."""
    desk = desks.get(office_id)
    if desk is None:
        return
    await desk.submit(cmd.Tick())
    if desk.hall.day == day and not desk.hall.is_closed:
        await desk.submit(cmd.CloseDay(by="purge"))

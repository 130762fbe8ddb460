"""The command `junban handling-report`: what happened to contacts in a period, as PDF."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from purge_jobs.erasure_check import check_erasures
from ticketing import __version__
from ticketing.audit import Audit, Entry
from ticketing.audit_check import check_audit
from ticketing.commands.new_file import new_file
from ticketing.commands.operation import carry_out
from ticketing.commands.options import common_options, public_key_option
from ticketing.commands.reading import WrongPeriod, day
from ticketing.config import Config
from ticketing.contacts import Contacts
from ticketing.journal.base import Journal
from ticketing.journal.opening import journal_in
from ticketing.keys import KEY_BYTES, DayKeys
from ticketing.notice_counts import notices_between
from ticketing.papers.handling import Handling, erased_days, names_of, operations, recipients_of
from ticketing.papers.sheets import ChainState
from ticketing.retention import DueDay, Retention
from ticketing.signing import trusted_keys
from ticketing.storage.database import Database
from ticketing.storage.opening import open_database


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser(
        "handling-report",
        parents=[common_options(), public_key_option()],
        help="write what happened to contacts in a period, as PDF",
    )
    parser.add_argument("first", metavar="FROM", type=day, help="the first business day, for example 2026-09-01")
    parser.add_argument("last", metavar="TO", type=day, help="the last business day")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the PDF to write")
    parser.add_argument("--force", action="store_true", help="replace the file if there is one")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Writes the report; that it was made is on record before it is there."""
    # What prints papers takes 20 MB, which no other command needs, the server least of all.
    from ticketing.papers.handling_report import handling_report  # noqa: PLC0415

    async def work(config: Config, file: Database, entry: Entry) -> None:
        if args.last < args.first:
            raise WrongPeriod
        contacts_file = await open_database(config.database, "contacts")
        try:
            handling = await _gathered(args, config, file, contacts_file, entry)
        finally:
            await contacts_file.close()
        content = handling_report(handling)
        with new_file(args.output, force=args.force) as target:
            await Audit(file).record(entry)
            target.write(content)

    return carry_out(args, work, "handling.report", f"{args.first} {args.last}")


async def _gathered(
    args: argparse.Namespace, config: Config, file: Database, contacts_file: Database, entry: Entry
) -> Handling:
    first, last = args.first, args.last
    trusted = trusted_keys(config.security.signing_key_file, args.public_keys)
    office, journal, audit = config.offices[0], journal_in(file), Audit(file)
    checked, audited = await check_erasures(file, trusted), await check_audit(file, trusted)
    in_period = [record for record in checked.records if first <= record.erasure.day <= last]
    due = await _due(config, journal, contacts_file, entry.at)
    return Handling(
        first=first, last=last, office_names=names_of(config.offices), time_zone=office.time_zone,
        made_at=entry.at, made_by=entry.who, version=__version__,
        responsible=config.privacy.responsible, handlers=config.privacy.handlers,
        erased=await erased_days(in_period, journal, config),
        not_erased=[each for each in due if first <= each.day <= last],
        operations=await operations(audit, office.day_start(first), office.day_end(last)),
        notices=await notices_between(contacts_file, first, last),
        recipients=recipients_of(config),
        erasure_chain=ChainState(len(checked.records), checked.problems),
        audit_chain=ChainState(audited.rows, [audited.problem] if audited.problem else []),
    )  # fmt: skip


async def _due(config: Config, journal: Journal, contacts_file: Database, now: datetime) -> list[DueDay]:
    # Which days have a key is told by the files' names; the report opens none, so it needs no master key.
    keys = DayKeys(config.security.key_dir, bytes(KEY_BYTES))
    contacts = Contacts(contacts_file, keys)
    return await Retention(journal, contacts, keys, config.offices, config.retention.erase_at).due(now)

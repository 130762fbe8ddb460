"""The command `junban replay`: folds a day's journal again and compares it with the stored ticket rows."""

import argparse
from datetime import date
from typing import Any

import msgspec

from ticketing.audit import Audit, Entry
from ticketing.commands.operation import carry_out
from ticketing.commands.options import common_options
from ticketing.commands.reading import UnknownDay, day, office_of
from ticketing.config import Config
from ticketing.hall.model import Hall
from ticketing.hall.office import Office
from ticketing.hall.state import apply
from ticketing.hall.view import snapshot
from ticketing.journal.base import Journal, ticket_row
from ticketing.journal.opening import journal_in
from ticketing.storage.database import Database

#: Events read at once: the journal goes on for years behind the day.
PAGE = 5_000


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser("replay", parents=[common_options()], help="fold a day's journal again")
    parser.add_argument("office", metavar="OFFICE")
    parser.add_argument("day", metavar="DAY", type=day)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints the snapshot at the day's end, and whether it equals the rows; 1 when it does not."""
    is_equal = True

    async def work(config: Config, file: Database, entry: Entry) -> None:
        nonlocal is_equal
        journal = journal_in(file)
        hall = await fold(journal, office_of(config, args.office), args.day)
        assert hall.at is not None
        await Audit(file).record(entry)
        print(msgspec.json.format(msgspec.json.encode(snapshot(hall, hall.at))).decode())
        rows = [ticket_row(args.office, args.day, ticket) for ticket in hall.tickets.values()]
        is_equal = rows == await journal.tickets(args.office, args.day)
        print(f"{len(rows)} tickets; equal to the stored rows: {'yes' if is_equal else 'NO'}")

    code = carry_out(args, work, "journal.replay", f"{args.office} {args.day}")
    return code or (0 if is_equal else 1)


async def fold(journal: Journal, office: Office, business_day: date) -> Hall:
    """The hall at the end of a day, from its events alone. Raises UnknownDay."""
    record = await journal.day(office.id, business_day)
    if record is None:
        raise UnknownDay
    hall = Hall.empty(office)
    hall.seq = record.first_seq - 1
    while page := await journal.read(office.id, hall.seq, PAGE):
        for recorded in page:
            if recorded.day != business_day:
                return hall
            apply(hall, recorded.event)
    return hall

"""The command `junban report`: a day's list of tickets."""

import argparse
import csv
import sys
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import Any, TextIO

from ticketing.audit import Audit, Entry
from ticketing.commands.operation import carry_out
from ticketing.commands.options import common_options
from ticketing.commands.reading import UnknownDay, day, office_of
from ticketing.config import Config
from ticketing.hall.refusals import Refusal
from ticketing.journal.base import TicketRow
from ticketing.journal.codec import row_values
from ticketing.journal.sqlite import SqliteJournal
from ticketing.storage.sqlite import SqliteFile

_COLUMNS = tuple(field.name for field in fields(TicketRow))


class FileNotWritten(Refusal):
    """The file cannot be written."""

    code = "file_not_written"


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser("report", parents=[common_options()], help="the daily list of tickets")
    parser.add_argument("office", metavar="OFFICE")
    parser.add_argument("day", metavar="DAY", type=day)
    parser.add_argument("--csv", metavar="FILE", type=Path, help="write a file for spreadsheets instead of printing")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints tab-separated lines, or writes CSV with the byte-order mark that spreadsheets need for Japanese."""

    async def work(config: Config, file: SqliteFile, entry: Entry) -> None:
        office_of(config, args.office)
        journal = SqliteJournal(file)
        if await journal.day(args.office, args.day) is None:
            raise UnknownDay
        rows = await journal.tickets(args.office, args.day)
        with nullcontext(sys.stdout) if args.csv is None else _new_file(args.csv) as target:
            await Audit(file).record(entry)
            _write(rows, target, "excel-tab" if args.csv is None else "excel")

    return carry_out(args, work, "list.export", f"{args.office} {args.day}")


def _new_file(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8-sig", newline="")
    except OSError:
        raise FileNotWritten from None


def _write(rows: list[TicketRow], target: TextIO, dialect: str) -> None:
    writer = csv.writer(target, dialect, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(row_values(row) for row in rows)

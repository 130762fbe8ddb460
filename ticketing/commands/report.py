"""The command `junban report`: a day's list of tickets, or what boards have shown."""

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, TextIO

from ticketing.audit import Audit, Entry
from ticketing.commands.operation import carry_out, failed
from ticketing.commands.options import common_options
from ticketing.commands.reading import UnknownDay, WrongPeriod, day, office_of
from ticketing.config import Config
from ticketing.hall.refusals import Refusal
from ticketing.journal.base import TicketRow
from ticketing.journal.codec import row_values
from ticketing.journal.opening import journal_in
from ticketing.plays import Played, Plays
from ticketing.storage.database import Database

_COLUMNS = tuple(field.name for field in fields(TicketRow))
_PLAYED = tuple(field.name for field in fields(Played))


class FileNotWritten(Refusal):
    """The file cannot be written."""

    code = "file_not_written"


class NoLastDay(Refusal):
    """A report of plays has a first and a last day."""

    code = "no_last_day"


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser(
        "report",
        parents=[common_options()],
        help="the daily list of tickets; with plays FROM TO: what boards have shown",
    )
    parser.add_argument("office", metavar="OFFICE")
    parser.add_argument("day", metavar="DAY", type=day)
    parser.add_argument("until", metavar="TO", type=day, nargs="?", help="the last day, after the word plays")
    parser.add_argument("--csv", metavar="FILE", type=Path, help="write a file for spreadsheets instead of printing")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints tab-separated lines, or writes CSV with the byte-order mark that spreadsheets need for Japanese."""
    if args.until is None:
        return _daily_list(args)
    return _plays(args) if args.office == "plays" else failed("Only a report of plays has a second day.", 2)


def _plays(args: argparse.Namespace) -> int:
    async def work(config: Config, file: Database, entry: Entry) -> None:
        if args.until < args.day:
            raise WrongPeriod
        rows = [astuple(each) for each in await Plays(file).between(args.day, args.until)]
        with nullcontext(sys.stdout) if args.csv is None else _new_file(args.csv) as target:
            await Audit(file).record(entry)
            _write(_PLAYED, rows, target, "excel-tab" if args.csv is None else "excel")

    return carry_out(args, work, "plays.export", f"{args.day} {args.until}")


def _daily_list(args: argparse.Namespace) -> int:

    async def work(config: Config, file: Database, entry: Entry) -> None:
        if args.office == "plays" and config.office("plays") is None:
            raise NoLastDay
        office_of(config, args.office)
        journal = journal_in(file)
        if await journal.day(args.office, args.day) is None:
            raise UnknownDay
        rows = await journal.tickets(args.office, args.day)
        with nullcontext(sys.stdout) if args.csv is None else _new_file(args.csv) as target:
            await Audit(file).record(entry)
            _write(_COLUMNS, map(row_values, rows), target, "excel-tab" if args.csv is None else "excel")

    return carry_out(args, work, "list.export", f"{args.office} {args.day}")


def _new_file(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8-sig", newline="")
    except OSError:
        raise FileNotWritten from None


def _write(columns: Sequence[str], rows: Iterable[Sequence[Any]], target: TextIO, dialect: str) -> None:
    writer = csv.writer(target, dialect, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)

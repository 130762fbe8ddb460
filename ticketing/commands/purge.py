"""The command `junban purge`: erases what is due."""

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from purge_jobs.erase_contacts import ErasureFailed
from purge_jobs.erasure_log import Erasure
from purge_jobs.turns import PurgeBusy
from ticketing.audit import Entry
from ticketing.clock import parse
from ticketing.commands.assembly import open_node
from ticketing.commands.operation import failed, operator, plain
from ticketing.commands.options import common_options
from ticketing.config import Config, ConfigError, read_config
from ticketing.journal.base import JournalUnavailable
from ticketing.keys import KeyFileError
from ticketing.storage.database import NewerDatabase, NoDatabase


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser(
        "purge", parents=[common_options()], help="erase the contacts of the days that are due"
    )
    parser.add_argument("--as-of", type=_time, metavar="TIME", help="due at this time, with a zone (default: now)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be erased")
    parser.set_defaults(run=run)


def _time(text: str) -> datetime:
    try:
        return parse(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError("a time is written like 2026-09-04T00:10:00+09:00") from None


def run(args: argparse.Namespace) -> int:
    """Works beside a running server; a day still open at a due time is closed first."""
    try:
        config = read_config(args.config, args.data)
        erased, ahead = asyncio.run(_purge(config, args.as_of, args.dry_run))
    except (
        ConfigError,
        NoDatabase,
        ErasureFailed,
        PurgeBusy,
        NewerDatabase,
        KeyFileError,
    ) as error:
        return failed(str(error))
    except (JournalUnavailable, OSError, sqlite3.Error) as error:
        return failed(f"The data cannot be used: {plain(error)}.")
    for erasure in erased:
        print(_line(erasure, args.dry_run))
    if not erased:
        print("Nothing is due.")
    return _say_what_lies_ahead(ahead)


def _say_what_lies_ahead(days: Sequence[tuple[str, date]]) -> int:
    for office_id, day in days:
        sentence = f"{office_id} {day} lies ahead of the clock; if the clock is right, erase that day with --as-of."
        print(sentence, file=sys.stderr)
    return 0


async def _purge(config: Config, as_of: datetime | None, dry_run: bool) -> tuple[list[Erasure], list[tuple[str, date]]]:
    """What was erased, and the days that lie ahead of the clock."""
    async with open_node(config, begins=False) as node:
        purge = node.foresee_purge if dry_run else node.run_purge
        days = await purge(operator(), as_of)
        if not days:
            what = "purge.dry-run" if dry_run else "purge"
            entry = Entry(at=node.clock.now(), who=operator(), what=what, target="nothing due")
            await node.site.audit.record(entry)
        return days, await node.retention.ahead_of(node.clock.now())


def _line(erasure: Erasure, dry_run: bool) -> str:
    counts = ", ".join(f"{channel} {count}" for channel, count in sorted(erasure.counts.items())) or "no contacts"
    word = "would erase" if dry_run else "erased"
    return f"{word} {erasure.office_id} {erasure.day}: {counts}; key {erasure.key_fingerprint or 'none'}"

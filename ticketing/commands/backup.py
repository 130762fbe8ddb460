"""The commands `junban backup` and `junban restore`: the journal and the records, never a contact or a key."""

import argparse
import asyncio
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from ticketing.audit import BEGUN, Audit, Entry
from ticketing.clock import SystemClock
from ticketing.commands.operation import carry_out, failed, operator, plain
from ticketing.commands.options import common_options
from ticketing.config import Config, ConfigError, read_config
from ticketing.hall.refusals import Refusal
from ticketing.journal.opening import journal_in
from ticketing.storage.copies import CopyFailed, copy_database
from ticketing.storage.database import Database, NewerDatabase, NotEmpty, NotTheSame
from ticketing.storage.migrations import Schema
from ticketing.storage.opening import open_database, place_of
from ticketing.storage.sqlite import SqliteFile

_CONTENTS = """\
In it: the journal, the daily lists, accounts, devices, the record of operations and the erasure records.
Not in it: contacts and notices, day keys, the master key, the signing key, signed-in sessions, open invitations."""
_RESTORED = """\
There are no contacts: visitors who want to be alerted register again. The tickets' links of the day no longer work.
Everybody signs in again."""


class FileThere(Refusal):
    """There is a file of that name already; a backup replaces none."""

    code = "file_exists"


def add_parser(subparsers: Any) -> None:
    """Adds the commands to the parsers of ``junban``."""
    backup = subparsers.add_parser(
        "backup", parents=[common_options()], help="copy journal, accounts and records to a file, while the server runs"
    )
    backup.add_argument("file", metavar="FILE", type=Path, help="must not exist yet")
    backup.set_defaults(run=back_up)
    restoring = subparsers.add_parser(
        "restore", parents=[common_options()], help="begin an empty data directory with a backup"
    )
    restoring.add_argument("file", metavar="FILE", type=Path, help="what junban backup made")
    restoring.set_defaults(run=restore)


def back_up(args: argparse.Namespace) -> int:
    """The backup holds the entry that it was begun."""

    async def work(config: Config, file: Database, entry: Entry) -> None:
        if args.file.exists():
            raise FileThere
        await Audit(file).record(replace(entry, result=BEGUN))
        try:
            await file.copy_to(args.file)
        except FileExistsError:
            raise FileThere from None
        except (CopyFailed, OSError, sqlite3.Error) as error:
            await Audit(file).record(replace(entry, result="not_made"))
            if isinstance(error, CopyFailed):
                raise
            raise CopyFailed(f"The backup {args.file} cannot be made: {plain(error)}.") from None
        await Audit(file).record(entry)
        print(f"{args.file}: {args.file.stat().st_size} bytes.\n{_CONTENTS}")

    return carry_out(args, work, "backup", args.file.name)


def restore(args: argparse.Namespace) -> int:
    """Begins an installation; nothing that is there is ever replaced."""
    try:
        config = read_config(args.config, args.data)
        occupied = _occupied(config)
        if occupied is not None:
            return failed(f"{occupied} is there already; a backup is restored into an empty data directory only.")
        if not args.file.is_file():
            return failed(f"There is no file {args.file}.")
        if config.database.is_postgres:
            asyncio.run(_load(config, args.file))
        else:
            config.database.path.parent.mkdir(parents=True, exist_ok=True)
            copy_database(args.file, config.database.path)
        print(asyncio.run(_begin(config, args.file.name)))
    except (ConfigError, NewerDatabase, CopyFailed, NotEmpty, NotTheSame) as error:
        return failed(str(error))
    except (OSError, sqlite3.Error) as error:
        return failed(f"The backup cannot be restored: {plain(error)}.")
    return 0


def _occupied(config: Config) -> Path | None:
    database = config.database
    files = () if database.is_postgres else (database.path, database.contacts_path)
    paths = (*files, *config.security.key_dir.glob("*/*.key"))
    return next((path for path in paths if path.exists()), None)


async def _load(config: Config, file: Path) -> None:
    """Fills an empty PostgreSQL database. Raises NotEmpty."""
    from ticketing.storage.loading import load_into  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="junban-restore-") as folder:
        # A copy, for a backup of an earlier version has to be brought up to date.
        copy = Path(folder, file.name)
        copy_database(file, copy)
        await (await SqliteFile.open(copy, Schema("main"))).close()
        with closing(sqlite3.connect(copy, isolation_level=None)) as source:
            await load_into(config.database, {"main": source})


async def _begin(config: Config, name: str) -> str:
    """Brings the tables up to date and records the restoring; what there is to say."""
    file = await open_database(config.database, "main")
    try:
        entry = Entry(at=SystemClock().now(), who=operator(), what="restore", target=name)
        await Audit(file).record(entry)
        journal = journal_in(file)
        lines = [f"Restored to {place_of(config.database)}.", _RESTORED]
        for office in config.offices:
            record = await journal.latest_day(office.id)
            if record is not None and record.closed_at is None and record.closes_at > entry.at:
                lines.append(
                    f"{office.id}: {record.day} is still open; numbers given after the backup would be given again, "
                    "so close that day first, or call them in with care."
                )
        return "\n".join(lines)
    finally:
        await file.close()

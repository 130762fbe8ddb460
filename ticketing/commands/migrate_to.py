"""The command `junban migrate-to`: moves an installation from SQLite files into a PostgreSQL database."""

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from purge_jobs.erasure_check import check_erasures
from ticketing.audit import Audit, Entry
from ticketing.audit_check import check_audit
from ticketing.clock import SystemClock
from ticketing.commands.operation import failed, operator, plain
from ticketing.commands.options import common_options
from ticketing.config import Config, ConfigError, read_config
from ticketing.config.model import Database as Settings
from ticketing.config.sections import read_database
from ticketing.config.table import Reading, Table
from ticketing.signing import trusted_keys
from ticketing.storage.database import Database, NewerDatabase, NoDatabase, NotEmpty, NotTheSame
from ticketing.storage.migrations import Schema
from ticketing.storage.opening import Part, open_database, place_of
from ticketing.storage.sqlite import SqliteFile

if TYPE_CHECKING:
    from ticketing.storage.transfer import Copied

#: How long somebody who has the files open is waited for, in seconds.
BUSY_SECONDS = 2.0
_PARTS: tuple[Part, ...] = ("main", "contacts")
_AFTERWARDS = """\
Day keys, the master key and the signing key stay where they are; nodes on other machines need the same ones.
Contacts were taken out of contacts.sqlite3: an erasure that finds them there is none. junban.sqlite3 is as it was.
Now write [database] url into the configuration and start Junban again. Once the new database serves, put both files out
of reach, for whoever starts from them begins a second truth."""


class InUse(Exception):
    """A process has the files open; stop Junban, and run this again."""


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser(
        "migrate-to", parents=[common_options()],
        help="move an installation from SQLite files to a PostgreSQL database; all of it or nothing",
    )  # fmt: skip
    parser.add_argument("url", metavar="URL", help="postgresql://USER@HOST:PORT/NAME, with no tables of Junban filled")
    parser.add_argument("--password-file", metavar="FILE", type=Path, help="holds that user's password alone")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints each table with its rows and a hash over them, equal on both sides."""
    try:
        config = read_config(args.config, args.data)
        target = _target(args.url, args.password_file, config.data_dir)
        if config.database.is_postgres:
            return failed("The configuration names a PostgreSQL database already; migrate-to begins with SQLite files.")
        if not config.database.path.exists():
            return failed(f"There is no database {config.database.path.absolute()}; are --config and --data right?")
        return asyncio.run(_migrate(config, target))
    except (ConfigError, NewerDatabase, NoDatabase, InUse, NotEmpty, NotTheSame) as error:
        return failed(str(error))
    except (OSError, sqlite3.Error) as error:
        return failed(f"Nothing was moved: {plain(error)}.")


def _target(url: str, password_file: Path | None, data_dir: Path) -> Settings:
    """The target, checked as the configuration's own would be. Raises ConfigError and NoDatabase."""
    if not url.startswith("postgresql://"):
        raise NoDatabase("The target is a PostgreSQL database: postgresql://USER@HOST:PORT/NAME.")
    content = {"url": url} | ({"password_file": str(password_file.absolute())} if password_file else {})
    reading = Reading(folder=Path.cwd())
    settings = read_database(Table(content, "URL", reading), data_dir)
    if reading.problems:
        raise ConfigError(reading.problems)
    return settings


async def _migrate(config: Config, target: Settings) -> int:
    # Only whoever moves needs what moves.
    from ticketing.storage.loading import load_into  # noqa: PLC0415

    paths = {"main": config.database.path, "contacts": config.database.contacts_path}
    for part, path in paths.items():
        # Brings an older version's tables up to date.
        await (await SqliteFile.open(path, Schema(part))).close()
    with ExitStack() as stack:
        sources = {part: stack.enter_context(_held(paths[part])) for part in _PARTS}
        copied = await load_into(target, sources)
        _take_contacts_out(sources["contacts"])
    for each in copied:
        print(_line(each))
    print(f"Moved to {place_of(target)}, every row read back and compared.")
    problems = await _look_at(config, target)
    for problem in problems:
        print(f"As before it was moved: {problem}", file=sys.stderr)
    print(_AFTERWARDS)
    return 1 if problems else 0


@contextmanager
def _held(path: Path) -> Iterator[sqlite3.Connection]:
    """A file that nobody else has open, nor can open while it is held. Raises InUse."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)) as connection:
        try:
            # Leaving the write-ahead log takes being the only one; a server has the file open all the time.
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise InUse(f"A process has {path} open; stop Junban, and run this again.") from None
            raise
        if mode != "delete":
            raise InUse(f"A process has {path} open; stop Junban, and run this again.")
        try:
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _take_contacts_out(contacts: sqlite3.Connection) -> None:
    """What was moved and goes with its day must not stay here: the next erasure would find it, and not be one."""
    contacts.execute("ROLLBACK")
    # Nothing of it goes through a journal or a temporary file either.
    for pragma in ("journal_mode = MEMORY", "temp_store = MEMORY", "secure_delete = ON"):
        contacts.execute(f"PRAGMA {pragma}")
    contacts.execute("BEGIN EXCLUSIVE")
    for table in ("contacts", "link_codes", "canaries", "webhook_events"):
        contacts.execute(f"DELETE FROM {table}")  # noqa: S608
    contacts.execute("UPDATE phone_costs SET number_index = NULL")
    contacts.execute("UPDATE erased_days SET canary = NULL")
    contacts.execute("COMMIT")
    contacts.execute("VACUUM")


async def _look_at(config: Config, target: Settings) -> Sequence[str]:
    """Checks both chains where they lie now, and records the move; what is wrong with them, as it was before."""
    database: Database = await open_database(target, "main")
    try:
        own = config.security.signing_key_file
        # Before the first server there is none, and nothing is signed.
        trusted = trusted_keys(own, []) if own.exists() else set()
        audited, erased = await check_audit(database, trusted), await check_erasures(database, trusted)
        print(f"Operations checked: {audited.rows}. Erasure records checked: {len(erased.records)}.")
        entry = Entry(at=SystemClock().now(), who=operator(), what="database.migrate", target="PostgreSQL")
        await Audit(database).record(entry)
        return [*filter(None, [audited.problem]), *erased.problems]
    finally:
        await database.close()


def _line(copied: "Copied") -> str:
    return f"{copied.table}\t{copied.rows} rows\t{copied.hash[:16]}"

"""One operation of an administrator on this machine: the file it works on, its place in the record, its errors."""

import argparse
import asyncio
import os
import pwd
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace

from ticketing.audit import Audit, Entry
from ticketing.clock import SystemClock
from ticketing.config import Config, ConfigError, read_config
from ticketing.hall.refusals import Refusal
from ticketing.journal.base import JournalUnavailable
from ticketing.keys import KeyFileError
from ticketing.storage.copies import CopyFailed
from ticketing.storage.database import Database, NewerDatabase, NoDatabase
from ticketing.storage.opening import open_database

#: Gets the entry that it has to write, in the transaction of what it does.
Work = Callable[[Config, Database, Entry], Awaitable[None]]


class UnknownOffice(Refusal):
    """There is no such office in the configuration."""

    code = "unknown_office"
    status = 404


def carry_out(
    args: argparse.Namespace, work: Work, what: str, target: str | None = None, *, begins: bool = False
) -> int:
    """Runs the work beside a server that may be running; 0, or 1 and one sentence on standard error.

    A refusal is recorded too, with its code as the result. Only work that ``begins`` an installation makes a database.
    """
    try:
        config = read_config(args.config, args.data)
        asyncio.run(_on_main_part(config, work, what, target, begins=begins))
    except BrokenPipeError:
        raise
    except (ConfigError, Refusal, NewerDatabase, NoDatabase, KeyFileError, CopyFailed) as error:
        return failed(str(error))
    except (JournalUnavailable, OSError, sqlite3.Error) as error:
        return failed(f"The database cannot be used: {plain(error)}.")
    return 0


def plain(error: Exception) -> str:
    """What went wrong without a full stop: of the system's errors the file and its words, not its number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error).rstrip(".")


async def _on_main_part(config: Config, work: Work, what: str, target: str | None, *, begins: bool) -> None:
    entry = Entry(at=SystemClock().now(), who=operator(), what=what, target=target)
    # A mistyped directory or address must not be taken for an installation without records.
    file = await open_database(config.database, "main", begins=begins)
    try:
        await work(config, file, entry)
    except Refusal as refusal:
        await Audit(file).record(replace(entry, result=refusal.code))
        raise
    finally:
        await file.close()


def operator() -> str:
    """``cli:`` and the operating system's user, whatever the environment says; a number when it has no name."""
    try:
        return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"cli:{os.getuid()}"


def failed(sentence: str, code: int = 1) -> int:
    """Says it on standard error; the exit code."""
    print(sentence, file=sys.stderr)
    return code

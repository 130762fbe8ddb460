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
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import NewerDatabase, SqliteFile

#: Gets the entry that it has to write, in the transaction of what it does.
Work = Callable[[Config, SqliteFile, Entry], Awaitable[None]]


class UnknownOffice(Refusal):
    """There is no such office in the configuration."""

    code = "unknown_office"
    status = 404


def carry_out(args: argparse.Namespace, work: Work, what: str, target: str | None = None) -> int:
    """Runs the work beside a server that may be running; 0, or 1 and one sentence on standard error.

    A refusal is recorded too, with its code as the result.
    """
    try:
        config = read_config(args.config, args.data)
        asyncio.run(_on_main_file(config, work, what, target))
    except (ConfigError, Refusal, NewerDatabase, JournalUnavailable) as error:
        return _failed(str(error))
    except (OSError, sqlite3.Error) as error:
        return _failed(f"The database cannot be used: {error}.")
    return 0


async def _on_main_file(config: Config, work: Work, what: str, target: str | None) -> None:
    entry = Entry(at=SystemClock().now(), who=operator(), what=what, target=target)
    file = await SqliteFile.open(config.database.path, Schema("main"))
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


def _failed(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1

"""Junban itself over PostgreSQL, in builds that can do it."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ticketing.config import Config, read_config
from ticketing.journal.base import Journal
from ticketing.journal.sqlite import SqliteJournal
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

MISSING = "this build keeps its data in SQLite only"


def is_there() -> bool:
    """Whether this build can keep its data in PostgreSQL."""
    return find_spec("ticketing.storage.postgres") is not None


def settings(url: str) -> str:
    """What goes before the offices in the configuration."""
    return f'[database]\nurl = "{url}"\n\n'


async def open_main(config: Config) -> Any:
    """The main part of the data: an SqliteFile, or what the build has for PostgreSQL."""
    if is_there():
        return await import_module("ticketing.storage.opening").open_database(config.database, "main")
    return await SqliteFile.open(config.database.path, Schema("main"))


async def open_journal(folder: Path, url: str, offices: str) -> tuple[Any, Journal]:
    """A PostgreSQL database with Junban's tables, and the journal in it. Only where ``is_there``."""
    file = folder / "journal.toml"
    file.write_text(settings(url) + offices, "utf-8")
    database = await open_main(read_config(file, folder / "data"))
    journal: Journal = import_module("ticketing.journal.opening").journal_in(database)
    assert not isinstance(journal, SqliteJournal)
    return database, journal

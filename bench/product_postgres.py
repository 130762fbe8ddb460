"""Junban itself over PostgreSQL, as a configuration and as a journal alone."""

from pathlib import Path

from ticketing.config import read_config
from ticketing.journal.base import Journal
from ticketing.journal.opening import journal_in
from ticketing.storage.database import Database
from ticketing.storage.opening import open_database


def settings(url: str) -> str:
    """What goes before the offices in the configuration."""
    return f'[database]\nurl = "{url}"\n\n'


async def open_journal(folder: Path, url: str, offices: str) -> tuple[Database, Journal]:
    """A PostgreSQL database with Junban's tables, and the journal in it."""
    file = folder / "journal.toml"
    file.write_text(settings(url) + offices, "utf-8")
    database = await open_database(read_config(file, folder / "data").database, "main")
    return database, journal_in(database)

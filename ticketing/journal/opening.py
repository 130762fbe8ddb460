"""The journal of a database, whatever kind it is."""

from ticketing.journal.base import Journal
from ticketing.journal.sqlite import SqliteJournal
from ticketing.storage.database import Database
from ticketing.storage.sqlite import SqliteFile


def journal_in(database: Database) -> Journal:
    """The journal in the main part of the data."""
    if isinstance(database, SqliteFile):
        return SqliteJournal(database)
    # Whoever has SQLite need not load the other one's client.
    from ticketing.journal.postgres import PostgresJournal  # noqa: PLC0415
    from ticketing.storage.postgres import PostgresDatabase  # noqa: PLC0415

    assert isinstance(database, PostgresDatabase)
    return PostgresJournal(database)

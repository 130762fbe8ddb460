"""Opens the database of a configuration, whatever kind it is."""

from typing import Literal

from ticketing.config.model import Database as Settings
from ticketing.storage.database import Database, NoDatabase
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

Part = Literal["main", "contacts"]


async def open_database(settings: Settings, part: Part, *, begins: bool = True) -> Database:
    """One part of the data, its tables brought up to date; without ``begins`` the main part must be there already.

    Raises NewerDatabase, NoDatabase, OSError, sqlite3.Error.
    """
    if settings.is_postgres:
        return await _open_postgres(settings, part, begins=begins)
    path = settings.path if part == "main" else settings.contacts_path
    if part == "main" and not begins and not path.exists():
        raise NoDatabase(f"There is no database {path.absolute()}; are --config and --data right?")
    return await SqliteFile.open(path, Schema(part))


def place_of(settings: Settings) -> str:
    """Where the data lie, in words that hold no secret."""
    return settings.url if settings.is_postgres else str(settings.path)


async def _open_postgres(settings: Settings, part: Part, *, begins: bool) -> Database:
    # Whoever has SQLite need not load its client.
    from ticketing.storage.postgres import PostgresDatabase  # noqa: PLC0415

    # Contacts and messages are looked at all the time and seldom by many at once.
    of_contacts = max(2, settings.most_connections // 3)
    most = of_contacts if part == "contacts" else settings.most_connections - of_contacts
    return await PostgresDatabase.open(
        settings.url, Schema(part), most, password=settings.password.reveal(), begins=begins or part == "contacts"
    )

"""Fills an empty PostgreSQL database with the rows of SQLite files: all of them, or none."""

import sqlite3
from collections.abc import Mapping

import asyncpg

from ticketing.config.model import Database as Settings
from ticketing.storage.opening import Part, open_database
from ticketing.storage.postgres import LONG_SECONDS, PostgresDatabase, translated
from ticketing.storage.transfer import Copied, load

#: While rows are copied and looked at, nobody else is served.
_SETTINGS = {"application_name": "junban migrate-to", "timezone": "UTC"}


async def load_into(settings: Settings, sources: Mapping[Part, sqlite3.Connection]) -> list[Copied]:
    """What was copied. Both parts' tables are made first.

    Raises NotEmpty, NotTheSame, NewerDatabase, DatabaseFault, sqlite3.Error.
    """
    for part in ("main", "contacts"):
        made = await open_database(settings, part)
        assert isinstance(made, PostgresDatabase)
        await made.close()
    with translated():
        target = await asyncpg.connect(
            settings.url, password=settings.password.reveal() or None, command_timeout=LONG_SECONDS,
            server_settings=_SETTINGS,
        )  # fmt: skip
    try:
        with translated():
            async with target.transaction():
                return [copied for part, source in sources.items() for copied in await load(target, part, source)]
    finally:
        await target.close()

"""Sessions of signed-in staff: a random token in the cookie, its hash in the database."""

from datetime import datetime, timedelta

from ticketing.audit import Entry, write_entry
from ticketing.clock import parse, rfc3339
from ticketing.recent import Recent
from ticketing.staff import Account, accounts_from
from ticketing.storage.database import Database
from ticketing.tokens import new_token, token_hash


class Sessions:
    """The sessions of the main file.

    An answer of ``find`` is remembered for ``cache_seconds``: that long a session ended by another process still works.
    """

    def __init__(self, file: Database, hours: float, cache_seconds: float = 3.0) -> None:
        self._file = file
        self._lifetime = timedelta(hours=hours)
        self._recent: Recent[tuple[Account, datetime]] = Recent(cache_seconds)

    async def create(self, account: Account, at: datetime, entry: Entry | None = None) -> str:
        """A new session's token. It is void from the start when the account was changed since it was authenticated."""
        token = new_token()
        async with self._file.transaction() as connection:
            await connection.execute(
                """
                DELETE FROM sessions
                WHERE expires_at <= ?
                """,
                (rfc3339(at),),
            )
            await connection.execute(
                """
                INSERT INTO sessions (token_hash, name, generation, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?)
                """,
                (token_hash(token), account.name, account.generation, rfc3339(at), rfc3339(at + self._lifetime)),
            )
            await write_entry(connection, entry)
        return token

    async def find(self, token: str, now: datetime) -> Account | None:
        """The token's account, in its present roles; None when the session is unknown, ended or expired."""
        key = token_hash(token)
        if key is None:
            return None
        found = self._recent.get(key, now) or await self._ask(key, now)
        return None if found is None or found[1] <= now else found[0]

    async def _ask(self, key: str, now: datetime) -> tuple[Account, datetime] | None:
        epoch = self._recent.epoch
        found = await self._stored(key)
        if found is not None:
            self._recent.put(key, found, now, epoch)
        return found

    async def _stored(self, key: str) -> tuple[Account, datetime] | None:
        rows = await self._file.fetch_all(
            """
            SELECT t.expires_at, s.name, s.disabled_at, s.generation, g.kind, g.value
            FROM sessions t
            JOIN staff s ON s.name = t.name AND s.generation = t.generation
            LEFT JOIN staff_grants g ON g.name = s.name
            WHERE t.token_hash = ? AND s.disabled_at IS NULL
            """,
            (key,),
        )
        return (accounts_from(rows)[0], parse(rows[0]["expires_at"])) if rows else None

    async def end(self, token: str, entry: Entry | None = None) -> None:
        """Signs out; an unknown token is no error."""
        key = token_hash(token)
        if key is None:
            return
        async with self._file.transaction() as connection:
            await connection.execute(
                """
                DELETE FROM sessions
                WHERE token_hash = ?
                """,
                (key,),
            )
            await write_entry(connection, entry)
        self._recent.drop(lambda kept, _: kept == key)

    def forget(self, name: str) -> None:
        """Asks the database again about every session of this account."""
        self._recent.drop(lambda _, found: found[0].name == name)

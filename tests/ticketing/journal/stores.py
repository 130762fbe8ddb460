"""The stores that the journal's contract is tried on: one class for each kind of database.

Another kind needs a class here that does the same, and a parameter of the fixture in conftest.py.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ticketing.audit import Audit, Entry
from ticketing.journal.base import Journal
from ticketing.journal.sqlite import SqliteJournal
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile


class Store(Protocol):
    """A database that can be made to fail."""

    async def node(self) -> Journal:
        """Another process's journal on the same store, with connections of its own."""
        ...

    def lose_reply(self) -> None:
        """The next commit of every node is carried out, but its reply is lost."""
        ...

    def lose_commit(self) -> None:
        """The next commit of every node is lost on the way."""
        ...

    async def lock_out(self) -> None:
        """Nothing can be written from now on."""
        ...

    async def let_in(self) -> None: ...

    async def cut(self) -> None:
        """Nothing can be read or written any more."""
        ...

    async def audit(self) -> Sequence[Entry]: ...

    async def transactions(self) -> int:
        """How many transactions the nodes have committed."""
        ...

    async def close(self) -> None: ...


class FaultyFile(SqliteFile):
    """A file whose commits may get lost."""

    commits = 0
    fault = ""

    def _commit_on(self, connection: sqlite3.Connection) -> None:
        fault, self.fault = self.fault, ""
        if fault == "before":
            raise OSError("lost before the commit")
        super()._commit_on(connection)
        self.commits += 1
        if fault == "after":
            raise OSError("lost after the commit")


class SqliteStore:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "junban.sqlite3"
        self._files: list[FaultyFile] = []
        self._lock: sqlite3.Connection | None = None

    async def node(self) -> Journal:
        file = await FaultyFile.open(self._path, Schema("main"))
        assert isinstance(file, FaultyFile)
        # A test need not wait as long as a clerk.
        async with file.outside_transaction() as connection:
            await connection.execute("PRAGMA busy_timeout = 50")
        self._files.append(file)
        return SqliteJournal(file)

    def lose_reply(self) -> None:
        for file in self._files:
            file.fault = "after"

    def lose_commit(self) -> None:
        for file in self._files:
            file.fault = "before"

    async def lock_out(self) -> None:
        self._lock = sqlite3.connect(self._path, isolation_level=None)
        self._lock.execute("BEGIN IMMEDIATE")

    async def let_in(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def cut(self) -> None:
        for file in self._files:
            await file.close()

    async def audit(self) -> Sequence[Entry]:
        return [row.entry for row in await Audit(self._files[0]).list()]

    async def transactions(self) -> int:
        return sum(file.commits for file in self._files)

    async def close(self) -> None:
        await self.let_in()
        await self.cut()

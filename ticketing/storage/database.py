"""What every kind of database does for the stores.

The SQL beside each function is written once, in the words that all kinds know: parameters are question marks, or names
behind a colon; ON CONFLICT with its columns, RETURNING and CASE are known everywhere. What is not has a method here.
"""

from collections.abc import Awaitable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar

_T = TypeVar("_T")

Parameters = Sequence[Any] | Mapping[str, Any]


class NewerDatabase(Exception):
    """The database was written by a newer version of Junban; upgrade Junban or restore a backup."""


class NoDatabase(Exception):
    """There is nothing to work on; the message says what was looked for."""


class DatabaseFault(OSError):
    """The database refuses what it was asked to do."""


class DatabaseUnavailable(DatabaseFault):
    """The database cannot be reached now."""


class CommitLost(DatabaseUnavailable):
    """The commit failed or its answer was lost: the transaction may or may not be there."""


class NotTheSame(Exception):
    """After copying, a table is not what it was; nothing was changed. The message names it."""


class NotEmpty(Exception):
    """There is something in the database already; only an empty one can be begun with."""


class Row(Protocol):
    """A row answers by a column's name or place."""

    def __getitem__(self, key: Any, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...


class Changed(Protocol):
    @property
    def rowcount(self) -> int:
        """How many rows a statement changed."""
        ...


class Connection(Protocol):
    """A writing transaction that is under way; no other one of the same database part is."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Awaitable[Changed]: ...

    def execute_fetchall(self, sql: str, parameters: Any = ..., /) -> Awaitable[Iterable[Row]]: ...

    def executemany(self, sql: str, parameters: Iterable[Iterable[Any]], /) -> Awaitable[object]: ...

    async def last_id(self, table: str) -> int:
        """The last id that a chained table gave, also to a row that somebody removed; it stays so until the end."""
        ...

    async def make_day(self, office_id: str, day: date) -> None:
        """Make room for what visitors register for a day."""
        ...

    async def drop_day(self, office_id: str, day: date) -> None:
        """The day's rows were removed; the room goes too."""
        ...


#: Statements one after the other: each is yielded with its parameters and answered with its rows.
Steps = Generator[tuple[str, Parameters], Sequence[Row], _T]


class Database(Protocol):
    """One part of the data, main or contacts, open for as long as the process needs it.

    Every method may raise DatabaseUnavailable, or sqlite3.Error.
    """

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        """A writing transaction; what raises inside it leaves no trace. What it reads stays true until its end, for
        transactions take turns, also those of other processes. Raises CommitLost."""
        ...

    async def carry_out(self, steps: Steps[_T]) -> _T:
        """A transaction whose statements need nothing but each other's answers, on the shortest way."""
        ...

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> Sequence[Row]:
        """All rows of a query, as the last commit left them."""
        ...

    async def fetch_one(self, sql: str, parameters: Parameters = ()) -> Row | None: ...

    async def last_id(self, table: str) -> int:
        """The last id that a chained table gave, also to a row that somebody removed."""
        ...

    async def forget_removed(self) -> None:
        """Take single rows that were removed out of the log as well, as far as that is possible in passing."""
        ...

    async def compact(self) -> bool:
        """Leave nothing of removed rows behind; False: others were in the way, try again."""
        ...

    def turn(self, wait_seconds: float) -> AbstractAsyncContextManager[bool] | None:
        """Work that one process at a time does, seen from all nodes; the context answers False when another one is at
        it for that long. None: the database lies on this machine, where a lock on a file serves."""
        ...

    @property
    def places(self) -> Sequence[Path]:
        """Files on this machine that the database writes."""
        ...

    async def copy_to(self, target: Path) -> None:
        """Copy the main part to a new file, which any kind of database can be begun with, while others write.

        Raises FileExistsError, CopyFailed, OSError, sqlite3.Error.
        """
        ...

    async def close(self) -> None: ...

"""One purge at a time, among all nodes of a database, or all processes for which a lock on one file holds."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ticketing.storage.database import Database

_LOOK_AGAIN_SECONDS = 0.05
#: How long another purge is waited for.
WAIT_SECONDS = 120.0


class PurgeBusy(Exception):
    """Another purge has been running for a long time; try again when it is done."""


@asynccontextmanager
async def one_at_a_time(lock_file: Path, wait_seconds: float = WAIT_SECONDS) -> AsyncIterator[None]:
    """Waits for any other purge that uses the same file. The system frees the lock when its holder dies.

    Other machines are waited for as far as the file system that they share passes locks on.
    Raises PurgeBusy after ``wait_seconds``.
    """
    lock_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        await _lock(handle, wait_seconds)
        yield
    finally:
        os.close(handle)


@asynccontextmanager
async def alone(database: Database, lock_file: Path, wait_seconds: float = WAIT_SECONDS) -> AsyncIterator[None]:
    """Waits for any other purge of the same data: the database knows of other nodes, if it can be shared by any.

    Raises PurgeBusy after ``wait_seconds``.
    """
    turn = database.turn(wait_seconds)
    if turn is None:
        async with one_at_a_time(lock_file, wait_seconds):
            yield
        return
    async with turn as has_turn:
        if not has_turn:
            raise PurgeBusy(PurgeBusy.__doc__)
        yield


async def _lock(handle: int, wait_seconds: float) -> None:
    try:
        async with asyncio.timeout(wait_seconds):
            # The lock belongs to another process, so there is nothing to await but time.
            while not _try_lock(handle):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    except TimeoutError:
        raise PurgeBusy(PurgeBusy.__doc__) from None


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""Erases the contacts and keys of the days that are due, checks that they are gone, and records it."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from purge_jobs import removal
from purge_jobs.erasure_log import Erasure, ErasureLog
from purge_jobs.prune import prune
from purge_jobs.turns import one_at_a_time
from ticketing.clock import Clock
from ticketing.keys import DayKeys, KeyFileError
from ticketing.retention import DueDay, Retention
from ticketing.sealing import seal, unseal
from ticketing.storage.sqlite import SqliteFile

logger = logging.getLogger(__name__)

#: Closes this day of an office if it is still open.
CloseDay = Callable[[str, date], Awaitable[object]]
#: Stands in for the fingerprint of a key that cannot be opened any more.
UNREADABLE_KEY = "unreadable"
_CANARY = b"canary"


class ErasureFailed(Exception):
    """Some days that are due could not be erased; the message names them and why."""

    def __init__(self, erased: list[Erasure], failed: list[tuple[DueDay, str]]) -> None:
        reasons = (f"{due.office_id} {due.day}: {reason}" for due, reason in failed)
        super().__init__("Not erased: " + "; ".join(reasons))
        #: What was erased all the same.
        self.erased = erased
        #: The days that are still due.
        self.days = [due for due, _ in failed]


class NotGone(Exception):
    """After the erasure something of the day could still be read."""


class Purge:
    """Erases what is due. Safe beside a running server, in several processes, and after a crash at any point."""

    def __init__(
        self,
        *,
        contacts_file: SqliteFile,
        keys: DayKeys,
        retention: Retention,
        erasures: ErasureLog,
        clock: Clock,
        close_day: CloseDay,
        lock_file: Path,
        version: str,
        responsible: str,
        handlers: tuple[str, ...],
        notice_days: int,
    ) -> None:
        self._file = contacts_file
        self._keys = keys
        self._retention = retention
        self._erasures = erasures
        self._clock = clock
        self._close_day = close_day
        self._lock_file = lock_file
        self._version = version
        self._responsible = responsible
        self._handlers = handlers
        self._notice_days = notice_days

    async def purge(self, as_of: datetime | None = None, *, dry_run: bool = False) -> list[Erasure]:
        """Erase the days that are due at ``as_of`` (default: now); with ``dry_run`` only say what that would be.

        A day that cannot be erased does not keep the others from it. Raises ErasureFailed in the end, and PurgeBusy.
        """
        at = as_of or self._clock.now()
        if dry_run:
            return [await self._foreseen(due, at) for due in await self._retention.due(at)]
        async with one_at_a_time(self._lock_file):
            done, failed = await self._erase_all(await self._retention.due(at), at)
            await prune(self._file, (self._clock.now() - timedelta(days=self._notice_days)).date())
        if failed:
            raise ErasureFailed(done, failed)
        return done

    async def _erase_all(self, days: list[DueDay], as_of: datetime) -> tuple[list[Erasure], list[tuple[DueDay, str]]]:
        done: list[Erasure] = []
        failed: list[tuple[DueDay, str]] = []
        for due in days:
            try:
                done.append(await self._erase(due, as_of))
            except Exception as error:
                logger.exception("the contacts of %s, %s could not be erased", due.office_id, due.day)
                failed.append((due, str(error)))
        return done, failed

    async def _erase(self, due: DueDay, as_of: datetime) -> Erasure:
        if due.is_open:
            await self._close_day(due.office_id, due.day)
        fingerprint, canary = self._mark_key(due)
        # 1. Rows go, and from now on nobody can register for the day; counts and fingerprint survive a crash.
        begun = await removal.remove(self._file, due.office_id, due.day, due.ended_at, fingerprint, self._clock.now())
        # 2. The key goes: whatever is left of the rows anywhere cannot be read any more.
        self._keys.destroy(due.office_id, due.day)
        # 3. What is left of the rows in this file goes too.
        await removal.compact(self._file)
        await self._check_gone(due, canary)
        erasure = self._erasure(due, begun, as_of)
        await self._erasures.append(erasure)
        await removal.note_recorded(self._file, due.office_id, due.day, begun.started_at)
        return erasure

    def _mark_key(self, due: DueDay) -> tuple[str | None, bytes | None]:
        """The key's fingerprint, and something sealed with it that must not open afterwards."""
        try:
            key = self._keys.existing(due.office_id, due.day)
            fingerprint = self._keys.fingerprint(due.office_id, due.day)
        except KeyFileError:
            return UNREADABLE_KEY, None
        nonce = secrets.token_bytes(12)
        return fingerprint, None if key is None else nonce + seal(key, nonce, "canary", _CANARY)

    async def _check_gone(self, due: DueDay, canary: bytes | None) -> None:
        key = self._keys.existing(due.office_id, due.day)
        if key is not None and canary is not None and unseal(key, canary[:12], canary[12:], _CANARY) is not None:
            raise NotGone("the day's key is still there")
        if any((await removal.count(self._file, due.office_id, due.day)).values()):
            raise NotGone("contacts of the day are still there")

    async def _foreseen(self, due: DueDay, as_of: datetime) -> Erasure:
        counts = await removal.count(self._file, due.office_id, due.day)
        fingerprint, _ = self._mark_key(due)
        return self._erasure(due, removal.Begun(self._clock.now(), counts, fingerprint), as_of)

    def _erasure(self, due: DueDay, begun: removal.Begun, as_of: datetime) -> Erasure:
        now = self._clock.now()
        return Erasure(
            office_id=due.office_id,
            day=due.day,
            counts=begun.counts,
            key_fingerprint=begun.key_fingerprint,
            started_at=begun.started_at,
            finished_at=now,
            as_of=as_of,
            is_future=as_of > now,
            version=self._version,
            responsible=self._responsible,
            handlers=self._handlers,
        )

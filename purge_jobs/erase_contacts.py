"""Erases the contacts and keys of the days that are due, checks that they are gone, and records it."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from purge_jobs import removal
from purge_jobs.erasure_log import Erasure, ErasureLog
from purge_jobs.proof import NotGone, Proof, Traces, prove, traces_of
from purge_jobs.prune import prune, prune_webhook_events
from purge_jobs.turns import alone
from ticketing.clock import Clock
from ticketing.keys import DayKeys, KeyFileError
from ticketing.retention import DueDay, Retention
from ticketing.storage.database import Database

logger = logging.getLogger(__name__)

#: Closes this day of an office if it is still open.
CloseDay = Callable[[str, date], Awaitable[object]]
#: Stands in for the fingerprint of a key that cannot be opened any more.
UNREADABLE_KEY = "unreadable"
#: LINE delivers an event again within minutes; those of an erased day go with it, others after this time.
WEBHOOK_EVENTS_KEPT = timedelta(days=2)


class ErasureFailed(Exception):
    """Some days that are due could not be erased; the message names them and why."""

    def __init__(self, erased: list[Erasure], failed: list[tuple[DueDay, str]]) -> None:
        reasons = (f"{due.office_id} {due.day}: {reason}" for due, reason in failed)
        super().__init__("Not erased: " + "; ".join(reasons))
        #: What was erased all the same.
        self.erased = erased
        #: The days that are still due.
        self.days = [due for due, _ in failed]


class Purge:
    """Erases what is due. Safe beside a running server, in several processes, and after a crash at any point."""

    def __init__(
        self,
        *,
        main_file: Database,
        contacts_file: Database,
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
        search_in: Sequence[Path],
    ) -> None:
        self._main_file = main_file
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
        #: Directories and files that are searched for remainders.
        self._search_in = search_in

    async def purge(self, as_of: datetime | None = None, *, dry_run: bool = False) -> list[Erasure]:
        """Erase the days that are due at ``as_of`` (default: now); with ``dry_run`` only say what that would be.

        A day that cannot be erased does not keep the others from it. Raises ErasureFailed in the end, and PurgeBusy.
        """
        at = as_of or self._clock.now()
        if dry_run:
            return [await self._foreseen(due, at) for due in await self._retention.due(at)]
        async with alone(self._main_file, self._lock_file):
            done, failed = await self._erase_all(await self._retention.due(at), at)
            await self._prune()
        if failed:
            raise ErasureFailed(done, failed)
        return done

    async def _prune(self) -> None:
        now = self._clock.now()
        await prune(self._file, (now - timedelta(days=self._notice_days)).date())
        await prune_webhook_events(self._file, now - WEBHOOK_EVENTS_KEPT, now + WEBHOOK_EVENTS_KEPT)

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
        traces = traces_of(self._keys, due, await removal.canary_of(self._file, due.office_id, due.day))
        # 1. Rows go, and from now on nobody can register for the day; counts and fingerprint survive a crash.
        begun = await removal.remove(
            self._file, due.office_id, due.day, due.ended_at, self._fingerprint(due), traces.canary, self._clock.now()
        )
        # 2. The key goes: whatever is left of the rows anywhere cannot be read any more.
        self._keys.destroy(due.office_id, due.day)
        # 3. What is left of the rows in this file goes too, and what tied the journal's requests to a browser.
        await removal.compact(self._file)
        await removal.forget_requests(self._main_file, due.office_id, due.day)
        proof = await self._prove(due, replace(traces, canary=begun.canary))
        erasure = self._erasure(due, begun, as_of, proof)
        await self._erasures.append(erasure)
        await removal.note_recorded(self._file, due.office_id, due.day, begun.started_at)
        return erasure

    def _fingerprint(self, due: DueDay) -> str | None:
        try:
            return self._keys.fingerprint(due.office_id, due.day)
        except KeyFileError:
            return UNREADABLE_KEY

    async def _prove(self, due: DueDay, traces: Traces) -> Proof:
        if any((await removal.count(self._file, due.office_id, due.day)).values()):
            raise NotGone("contacts of the day are still there")
        return await prove(self._keys, due, traces, self._search_in)

    async def _foreseen(self, due: DueDay, as_of: datetime) -> Erasure:
        counts = await removal.count(self._file, due.office_id, due.day)
        return self._erasure(due, removal.Begun(self._clock.now(), counts, self._fingerprint(due)), as_of)

    def _erasure(self, due: DueDay, begun: removal.Begun, as_of: datetime, proof: Proof | None = None) -> Erasure:
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
            proof=proof,
        )

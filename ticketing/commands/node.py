"""A node: everything that one process runs, and what it does of its own accord."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from notifier.worker import Notifier
from purge_jobs.erase_contacts import ErasureFailed, Purge
from purge_jobs.erasure_log import Erasure, ErasureLog
from purge_jobs.prune import prune_journal
from ticketing.audit import Entry
from ticketing.clock import Clock, rfc3339
from ticketing.commands.operation import operator
from ticketing.config import Config
from ticketing.config.show import fingerprint
from ticketing.journal.base import check_clock
from ticketing.keys import DayKeys
from ticketing.retention import DueDay, Retention
from ticketing.slips.press import Press
from ticketing.storage.database import Database
from ticketing.web.site import Site

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Node:
    """The parts of a running process."""

    config: Config
    clock: Clock
    main_file: Database
    contacts_file: Database
    keys: DayKeys
    site: Site
    notifier: Notifier
    press: Press
    purge: Purge
    retention: Retention
    erasures: ErasureLog
    #: Office, day and series that operations were warned of.
    warned_of: set[tuple[str, date | None, str]] = field(default_factory=set)

    async def check_overdue(self) -> None:
        """While an erasure is overdue the site takes no new contacts."""
        is_overdue = await self.retention.is_overdue(self.clock.now())
        if is_overdue and not self.site.is_erasure_overdue:
            log.error("AN ERASURE IS OVERDUE: no new contacts are taken until it is done; run: junban purge")
        self.site.is_erasure_overdue = is_overdue

    async def run_purge(self, who: str = "purge", as_of: datetime | None = None) -> list[Erasure]:
        """Erases what is due (now, or as if it were ``as_of``), and forgets what was kept long enough.

        The record gets an entry for each day, erased or not. Raises ErasureFailed, PurgeBusy, and ClockIsOff: what is
        due by a wrong clock may be today's.
        """
        try:
            erased = await self._erase(who, as_of)
            oldest = self.clock.now() - timedelta(days=self.config.retention.journal_days)
            await prune_journal(self.main_file, oldest.date())
        finally:
            await self.check_overdue()
        return erased

    async def foresee_purge(self, who: str, as_of: datetime | None = None) -> list[Erasure]:
        """What would be erased; the record gets an entry for each day."""
        foreseen = await self.purge.purge(as_of, dry_run=True)
        await self._record_purge(Entry(at=self.clock.now(), who=who, what="purge.dry-run"), as_of, foreseen)
        return foreseen

    async def _erase(self, who: str, as_of: datetime | None) -> list[Erasure]:
        entry = Entry(at=self.clock.now(), who=who, what="purge")
        if as_of is None:
            await check_clock(self.site.journal, self.clock.now())
        try:
            erased = await self.purge.purge(as_of)
        except ErasureFailed as failure:
            await self._record_purge(entry, as_of, failure.erased)
            await self._record_purge(replace(entry, result="failed"), as_of, failure.days)
            raise
        except Exception:
            await self.site.audit.record(replace(entry, target=_target("", as_of), result="failed"))
            raise
        await self._record_purge(entry, as_of, erased)
        return erased

    async def _record_purge(
        self, entry: Entry, as_of: datetime | None, days: Sequence[Erasure] | Sequence[DueDay]
    ) -> None:
        for each in days:
            target = _target(each.day.isoformat(), as_of)
            await self.site.audit.record(replace(entry, target=target, office_id=each.office_id))

    def warn_of_full_series(self) -> None:
        """Says once a day that a series has gone past its end; its numbers go on with more digits."""
        for desk in self.site.desks:
            hall = desk.hall
            for series in hall.office.series:
                place = (desk.office.id, hall.day, series.id)
                if series.is_past_end(hall.ordinals.get(series.id, 0) - 1) and place not in self.warned_of:
                    self.warned_of.add(place)
                    log.warning("office %s: series %s is past its end of %d", desk.office.id, series.id, series.last)

    async def note_configuration(self) -> None:
        """Records that the service runs under another configuration than before, and says what waits for tomorrow."""
        for desk in self.site.desks:
            if desk.hall.office != desk.office:
                log.warning("office %s: its new definition takes effect with the next business day", desk.office.id)
        now, what = fingerprint(self.config), "configuration.change"
        before = await self.site.audit.last(what)
        if before is None or before.entry.target != now:
            await self.site.audit.record(Entry(at=self.clock.now(), who=operator(), what=what, target=now))


def _target(what: str, as_of: datetime | None) -> str | None:
    words = (what, f"as of {rfc3339(as_of)}" if as_of else "")
    return " ".join(word for word in words if word) or None

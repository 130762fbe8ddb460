"""Which days are due to be erased, and whether one is overdue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ticketing.contacts import Contacts
from ticketing.hall.office import Office
from ticketing.journal.base import DayRecord, Journal
from ticketing.keys import DayKeys

#: How long after its time an erasure may take before it counts as overdue.
OVERDUE_AFTER = timedelta(minutes=10)
#: How far ahead of the clock's date (UTC) a day may lie.
FURTHEST_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DueDay:
    """A day of an office whose contacts and key have to go."""

    office_id: str
    day: date
    #: When the day ended, or was planned to end.
    ended_at: datetime
    due_at: datetime
    #: The journal has not closed it yet.
    is_open: bool


def due_at(ended_at: datetime, office: Office, erase_at: time) -> datetime:
    """The first ``erase_at`` in the office's local time at or after the day's end, in UTC.

    Where clocks are changed: a time that occurs twice counts both times, a skipped one as the moment of the jump plus
    what was left.
    """
    zone = ZoneInfo(office.time_zone)
    first = ended_at.astimezone(zone).date()
    return min(
        at
        for offset in range(-1, 3)
        for at in _instants(first + timedelta(days=offset), erase_at, zone)
        if at >= ended_at
    )


def _instants(day: date, erase_at: time, zone: ZoneInfo) -> Iterable[datetime]:
    local = datetime.combine(day, erase_at, zone)
    yield local.astimezone(UTC)
    again = local.replace(fold=1).astimezone(UTC)
    if again.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        yield again


class Retention:
    """Knows from journal, contacts and keys which days are due; asks all three each time, so any process may."""

    def __init__(
        self, journal: Journal, contacts: Contacts, keys: DayKeys, offices: Iterable[Office], erase_at: time
    ) -> None:
        self._journal = journal
        self._contacts = contacts
        self._keys = keys
        self._offices = {office.id: office for office in offices}
        self._erase_at = erase_at

    async def due(self, as_of: datetime) -> list[DueDay]:
        """The days that are due at a time, oldest first."""
        days = {*await self._contacts.days(), *self._keys.days()}
        found = [await self._due_day(office_id, day) for office_id, day in sorted(days, key=lambda entry: entry[1])]
        return [due for due in found if due.due_at <= as_of]

    async def is_overdue(self, now: datetime) -> bool:
        """Whether something should have been erased by now, or nobody can say; then no new contacts may be taken."""
        return bool(await self.due(now - OVERDUE_AFTER) or await self.ahead_of(now))

    async def ahead_of(self, now: datetime) -> list[tuple[str, date]]:
        """Days further ahead of the clock than can be: it was wrong, or is.

        They are not erased: a clock that begins at zero after a power cut must not cost visitors their alerts.
        """
        days = {*await self._contacts.days(), *self._keys.days()}
        return sorted((office_id, day) for office_id, day in days if day > (now + FURTHEST_AHEAD).date())

    async def _due_day(self, office_id: str, day: date) -> DueDay:
        record = await self._journal.day(office_id, day)
        office = self._offices.get(office_id)
        ended_at = _planned_end(office, day) if record is None else _end(record)
        # An office that is no longer configured has no local time; a day later it is due anywhere.
        due = due_at(ended_at, office, self._erase_at) if office else ended_at + timedelta(days=1)
        return DueDay(office_id, day, ended_at, due, is_open=record is not None and record.closed_at is None)


def _end(record: DayRecord) -> datetime:
    # A machine that was off at midnight closes the day late; that must not keep its contacts a day longer.
    return min(record.closed_at or record.closes_at, record.closes_at)


def _planned_end(office: Office | None, day: date) -> datetime:
    return office.day_end(day) if office else datetime.combine(day + timedelta(days=1), time(), UTC)

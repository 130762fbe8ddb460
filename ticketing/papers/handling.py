"""What the handling report tells: gathered from the records of erasures and operations, without any contact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from purge_jobs.erasure_log import ErasureRecord
from ticketing.audit import BEGUN, Audit, AuditRow
from ticketing.config import Config
from ticketing.hall.office import Office, name_in
from ticketing.journal.base import Journal
from ticketing.papers.sheets import ChainState
from ticketing.retention import OVERDUE_AFTER, DueDay, due_at


@dataclass(frozen=True, slots=True)
class ErasedDay:
    """An erasure record of the period and when it was due; None: the journal and the office are not there any more."""

    record: ErasureRecord
    due_at: datetime | None

    @property
    def delay(self) -> timedelta | None:
        """By how much it was late; None: it was not."""
        late = self.record.erasure.finished_at - self.due_at if self.due_at else timedelta()
        return late if late > OVERDUE_AFTER else None


@dataclass(slots=True)
class Tally:
    """How often an operation was done, how often it was refused or failed, and when last."""

    done: int = 0
    refused: int = 0
    last_at: datetime | None = None

    def add(self, row: AuditRow) -> None:
        if row.entry.result == "ok":
            self.done += 1
        elif row.entry.result != BEGUN:
            self.refused += 1
        self.last_at = row.entry.at


@dataclass(frozen=True, slots=True)
class Operations:
    """The record of operations of the period, counted; without the work at the counters, which touches no contact."""

    #: By who and what.
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    #: Refused and failed ones, by what and result.
    failures: dict[tuple[str, str], Tally] = field(default_factory=dict)
    changes: list[AuditRow] = field(default_factory=list)

    def add(self, row: AuditRow) -> None:
        entry = row.entry
        if _is_counter_work(entry.what):
            return
        self.tallies.setdefault((entry.who, entry.what), Tally()).add(row)
        if entry.result not in ("ok", BEGUN):
            self.failures.setdefault((entry.what, entry.result), Tally()).add(row)
        if entry.what == "configuration.change":
            self.changes.append(row)


def _is_counter_work(what: str) -> bool:
    """Whether it is a command to the queue; looking at the queue is none."""
    return what.startswith("queue.") and what != "queue.view"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody outside who receives contacts."""

    channel: str
    name: str
    approval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Everything that the report prints."""

    first: date
    last: date
    office_names: Mapping[str, str]
    time_zone: str
    made_at: datetime
    made_by: str
    version: str
    responsible: str
    handlers: Sequence[str]
    erased: Sequence[ErasedDay]
    #: Days of the period that are due and still there.
    not_erased: Sequence[DueDay]
    operations: Operations
    #: Messages of the period by channel and state.
    notices: Mapping[tuple[str, str], int]
    recipients: Sequence[Recipient]
    erasure_chain: ChainState
    audit_chain: ChainState


def recipients_of(config: Config) -> list[Recipient]:
    """Who outside receives contacts under this configuration."""
    found = []
    if config.mail.is_on:
        found.append(Recipient("email", f"メール中継サーバー {config.mail.host}", config.mail.approval))
    if config.line.is_on:
        found.append(Recipient("line", f"LINE（公式アカウント {config.line.account}）", config.line.approval))
    if config.phone.is_on:
        found.append(Recipient("phone", config.phone.provider, config.phone.approval))
    return found


def names_of(offices: Iterable[Office]) -> dict[str, str]:
    """The offices' Japanese names by id."""
    return {office.id: name_in(office.names, "ja") for office in offices}


async def erased_days(records: Iterable[ErasureRecord], journal: Journal, config: Config) -> list[ErasedDay]:
    """The records with the time at which each was due, by day and office."""
    found = [ErasedDay(record, await _due_at(record, journal, config)) for record in records]
    return sorted(found, key=lambda each: (each.record.erasure.day, each.record.erasure.office_id, each.record.id))


async def _due_at(record: ErasureRecord, journal: Journal, config: Config) -> datetime | None:
    erasure = record.erasure
    office = config.office(erasure.office_id)
    if office is None:
        return None
    day = await journal.day(erasure.office_id, erasure.day)
    ended_at = office.day_end(erasure.day) if day is None else min(day.closed_at or day.closes_at, day.closes_at)
    return due_at(ended_at, office, config.retention.erase_at)


async def operations(audit: Audit, since: datetime, until: datetime) -> Operations:
    """The record of operations from ``since`` to before ``until``."""
    found = Operations()
    async for row in audit.entries(since, until):
        found.add(row)
    return found

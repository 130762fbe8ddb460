"""Print jobs: what is to be printed where, and what became of it. A job leaves for its printer once at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from ticketing.audit import Entry, write_entry
from ticketing.clock import parse, rfc3339
from ticketing.config.model import Printer
from ticketing.storage.database import Connection, Database, Row

JobState = Literal["queued", "sent", "printed", "failed", "void"]
#: A printer that says what became of a slip does so by then; Star asks servers to give it about a minute.
CONFIRM_SECONDS = 60.0
#: Why a job failed that its printer said nothing of: it never left, or nobody knows what became of it.
NOT_FETCHED, NOT_CONFIRMED = "printer_away", "not_confirmed"
_COLUMNS = """id, office_id, business_day, number, copy, printer, state, problem, asked_by, asked_at, due_at, sent_at,
    ended_at"""


@dataclass(frozen=True, slots=True)
class Job:
    """One slip to print."""

    id: int
    office_id: str
    day: date
    number: str
    #: 1, and one more for each time it is printed again.
    copy: int
    printer: str
    state: JobState
    #: Why it failed: a code.
    problem: str | None
    #: ``kiosk:ID`` or ``staff:NAME``.
    asked_by: str
    asked_at: datetime
    #: By when it leaves, or is confirmed; None: nothing more is to come.
    due_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None

    @property
    def is_settled(self) -> bool:
        """Whether it will stay as it is, but for what a printer says late."""
        return self.due_at is None


class PrintJobs:
    """The jobs of the main file."""

    def __init__(self, file: Database) -> None:
        self._file = file

    async def add(
        self, office_id: str, day: date, number: str, printer: Printer, by: str, at: datetime, *,
        is_reprint: bool = False, entry: Entry | None = None,
    ) -> Job:  # fmt: skip
        """A job for the ticket's first slip, or for another one; the last job as it is where that is not called for.

        A first slip is asked for once; another one only when the last is settled, so that a double tap prints one.
        """
        await self.expire(at)
        async with self._file.transaction() as connection:
            last = await _last(connection, office_id, day, number)
            if last is not None and (not is_reprint or not last.is_settled):
                return last
            row = await _only(
                connection,
                f"""
                INSERT INTO print_jobs (
                    office_id, business_day, number, copy, printer, state, asked_by, asked_at, due_at
                )
                VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?)
                RETURNING {_COLUMNS}
                """,  # noqa: S608
                (
                    office_id, day.isoformat(), number, last.copy + 1 if last else 1, printer.id, by, rfc3339(at),
                    rfc3339(at + timedelta(seconds=printer.wait_seconds)),
                ),
            )  # fmt: skip
            await write_entry(connection, entry)
        assert row is not None, "what was inserted is returned"
        return job_of(row)

    async def last(self, office_id: str, day: date, number: str, now: datetime) -> Job | None:
        """The ticket's latest job."""
        await self.expire(now)
        rows = await self._file.fetch_all(
            f"""
            SELECT {_COLUMNS}
            FROM print_jobs
            WHERE office_id = ? AND business_day = ? AND number = ?
            ORDER BY copy DESC
            LIMIT 1
            """,  # noqa: S608
            (office_id, day.isoformat(), number),
        )
        return job_of(rows[0]) if rows else None

    async def next(self, office_id: str, printer: Printer, now: datetime) -> Job | None:
        """The job that the printer is to print next; it has not left yet."""
        await self.expire(now)
        row = await self._file.fetch_one(
            f"""
            SELECT {_COLUMNS}
            FROM print_jobs
            WHERE office_id = ? AND printer = ? AND state = 'queued'
            ORDER BY id
            LIMIT 1
            """,  # noqa: S608
            (office_id, printer.id),
        )
        return job_of(row) if row else None

    async def send(self, job: Job, confirms: bool, now: datetime) -> bool:
        """The job leaves now; False: it has left already, or must not any more. Whoever is told True sends it."""
        due = rfc3339(now + timedelta(seconds=CONFIRM_SECONDS)) if confirms else None
        return await self._change(
            """
            UPDATE print_jobs
            SET state = 'sent', sent_at = ?, due_at = ?
            WHERE id = ? AND state = 'queued' AND due_at > ?
            """,
            (rfc3339(now), due, job.id, rfc3339(now)),
        )

    async def printed(self, job_id: int, printer: Printer, office_id: str, now: datetime) -> bool:
        """The printer says that the slip is out, perhaps after we gave up waiting for it."""
        return await self._change(
            """
            UPDATE print_jobs
            SET state = 'printed', problem = NULL, due_at = NULL, ended_at = ?
            WHERE id = ? AND office_id = ? AND printer = ? AND sent_at IS NOT NULL AND state IN ('sent', 'failed')
            """,
            (rfc3339(now), job_id, office_id, printer.id),
        )

    async def failed(self, job_id: int, printer: Printer, office_id: str, problem: str, now: datetime) -> bool:
        """The slip is not out."""
        return await self._change(
            """
            UPDATE print_jobs
            SET state = 'failed', problem = ?, due_at = NULL, ended_at = ?
            WHERE id = ? AND office_id = ? AND printer = ? AND state IN ('queued', 'sent')
            """,
            (problem, rfc3339(now), job_id, office_id, printer.id),
        )

    async def fail_open(self, printer: Printer, office_id: str, problem: str, now: datetime) -> bool:
        """The printer says that it cannot print: nothing that waits for it or is with it comes out."""
        return await self._change(
            """
            UPDATE print_jobs
            SET state = 'failed', problem = ?, due_at = NULL, ended_at = ?
            WHERE office_id = ? AND printer = ? AND state IN ('queued', 'sent') AND due_at IS NOT NULL
            """,
            (problem, rfc3339(now), office_id, printer.id),
        )

    async def void(self, job: Job, now: datetime) -> bool:
        """Takes back a job that has not left."""
        return await self._change(
            """
            UPDATE print_jobs
            SET state = 'void', due_at = NULL, ended_at = ?
            WHERE id = ? AND state = 'queued'
            """,
            (rfc3339(now), job.id),
        )

    async def sent_to(self, office_id: str, printer: Printer) -> list[Job]:
        """What is with the printer."""
        rows = await self._file.fetch_all(
            f"""
            SELECT {_COLUMNS}
            FROM print_jobs
            WHERE office_id = ? AND printer = ? AND state = 'sent' AND due_at IS NOT NULL
            ORDER BY id
            """,  # noqa: S608
            (office_id, printer.id),
        )
        return [job_of(row) for row in rows]

    async def failures(self, office_id: str, day: date, now: datetime) -> list[Job]:
        """The tickets of a day whose latest slip failed, by number of the job."""
        await self.expire(now)
        rows = await self._file.fetch_all(
            f"""
            SELECT {_COLUMNS}
            FROM print_jobs AS job
            WHERE office_id = ? AND business_day = ? AND state = 'failed'
                AND copy = (
                    SELECT max(copy)
                    FROM print_jobs
                    WHERE office_id = job.office_id AND business_day = job.business_day AND number = job.number
                )
            ORDER BY id
            """,  # noqa: S608
            (office_id, day.isoformat()),
        )
        return [job_of(row) for row in rows]

    async def counts(self, days: Sequence[tuple[str, date]], now: datetime) -> dict[tuple[str, str, str, str], int]:
        """How many jobs, by office, printer, state and problem (may be empty), of these offices' days."""
        await self.expire(now)
        found: dict[tuple[str, str, str, str], int] = {}
        for office_id, day in days:
            rows = await self._file.fetch_all(
                """
                SELECT printer, state, coalesce(problem, '') AS problem, count(*) AS count
                FROM print_jobs
                WHERE office_id = ? AND business_day = ?
                GROUP BY printer, state, problem
                """,
                (office_id, day.isoformat()),
            )
            found |= {(office_id, row["printer"], row["state"], row["problem"]): row["count"] for row in rows}
        return found

    async def expire(self, now: datetime) -> None:
        """Fails what was not fetched, or not confirmed, in time: a slip that comes later is nobody's."""
        is_due = "state IN ('queued', 'sent') AND due_at <= ?"
        if await self._file.fetch_one(f"SELECT 1 FROM print_jobs WHERE {is_due} LIMIT 1", (rfc3339(now),)):  # noqa: S608
            await self._change(
                f"""
                UPDATE print_jobs
                SET state = 'failed', due_at = NULL, ended_at = ?,
                    problem = CASE state WHEN 'queued' THEN '{NOT_FETCHED}' ELSE '{NOT_CONFIRMED}' END
                WHERE {is_due}
                """,  # noqa: S608
                (rfc3339(now), rfc3339(now)),
            )

    async def _change(self, sql: str, parameters: Sequence[object]) -> bool:
        async with self._file.transaction() as connection:
            cursor = await connection.execute(sql, tuple(parameters))
        return cursor.rowcount > 0


async def _last(connection: Connection, office_id: str, day: date, number: str) -> Job | None:
    row = await _only(
        connection,
        f"""
        SELECT {_COLUMNS}
        FROM print_jobs
        WHERE office_id = ? AND business_day = ? AND number = ?
        ORDER BY copy DESC
        LIMIT 1
        """,  # noqa: S608
        (office_id, day.isoformat(), number),
    )
    return job_of(row) if row else None


async def _only(connection: Connection, sql: str, parameters: Sequence[object]) -> Row | None:
    return next(iter(await connection.execute_fetchall(sql, tuple(parameters))), None)


def job_of(row: Row) -> Job:
    """The job in a whole row."""
    return Job(
        id=row["id"],
        office_id=row["office_id"],
        day=date.fromisoformat(row["business_day"]),
        number=row["number"],
        copy=row["copy"],
        printer=row["printer"],
        state=row["state"],
        problem=row["problem"],
        asked_by=row["asked_by"],
        asked_at=parse(row["asked_at"]),
        due_at=_time(row["due_at"]),
        sent_at=_time(row["sent_at"]),
        ended_at=_time(row["ended_at"]),
    )


def _time(text: str | None) -> datetime | None:
    return parse(text) if text else None

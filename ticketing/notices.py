"""The outbox: which messages are owed to visitors, and what became of each; never an address."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from ticketing.addresses import ContactChannel
from ticketing.clock import parse, rfc3339
from ticketing.notice import NewNotice, Notice, NoticeReport, NoticeState, Overtaken
from ticketing.notice_rows import carry_out, insert, notice_of, report_of
from ticketing.storage.database import Database, Row, Steps


class Notices:
    """The outbox of all offices, in the contacts' file."""

    def __init__(self, file: Database) -> None:
        self._file = file
        #: Told the office, day and number of a ticket when there is something new to tell about its messages.
        self.listeners: list[Callable[[str, date, str], None]] = []

    async def cursor(self, office_id: str) -> int | None:
        """The seq up to which the office's journal was read; None: nothing was read yet."""
        row = await self._file.fetch_one("SELECT seq FROM cursors WHERE office_id = ?", (office_id,))
        return None if row is None else int(row["seq"])

    async def start(self, office_id: str, seq: int) -> None:
        """Begin to read an office's journal behind ``seq``; nothing happens when somebody has begun already."""
        async with self._file.transaction() as connection:
            await connection.execute(
                "INSERT INTO cursors (office_id, seq) VALUES (?, ?) ON CONFLICT DO NOTHING", (office_id, seq)
            )

    async def advance(
        self, office_id: str, from_seq: int, to_seq: int, decided: Sequence[NewNotice | Overtaken]
    ) -> bool:
        """Move the cursor and put what was decided into the outbox, in one transaction.

        False, and nothing is changed, when another process moved the cursor first.
        """
        async with self._file.transaction() as connection:
            cursor = await connection.execute(
                "UPDATE cursors SET seq = ? WHERE office_id = ? AND seq = ?", (to_seq, office_id, from_seq)
            )
            if cursor.rowcount != 1:
                return False
            for item in decided:
                await carry_out(connection, office_id, item)
        for day, number in {(item.day, item.number) for item in decided}:
            self._tell(office_id, day, number)
        return True

    async def add(self, office_id: str, notice: NewNotice) -> bool:
        """Put a message that comes from no event into the outbox; False when it is there already."""
        async with self._file.transaction() as connection:
            is_new = await insert(connection, office_id, notice)
        self._tell(office_id, notice.day, notice.number)
        return is_new

    async def claim(
        self,
        channel: ContactChannel,
        now: datetime,
        limit: int,
        lease_seconds: float,
        *,
        lasting_until: datetime | None = None,
    ) -> list[Notice]:
        """Take messages that are due on a channel, oldest first; nobody else gets them before the lease is over.

        With ``lasting_until``, those that are of use until then come before those that are not. This reads all that
        are due.
        """
        lease_until = now + timedelta(seconds=lease_seconds)
        order, *instants = _order(now, lasting_until)

        def take() -> Steps[Sequence[Row]]:
            rows = yield (
                f"""
                UPDATE notices
                SET state = 'sending', attempts = attempts + 1, lease_until = ?
                WHERE id IN (
                    SELECT id
                    FROM notices
                    WHERE channel = ?
                      -- Says nothing new, but only so is the index of open messages used.
                      AND state IN ('pending', 'sending')
                      AND ((state = 'pending' AND next_at <= ?) OR (state = 'sending' AND lease_until <= ?))
                    ORDER BY {order}
                    LIMIT ?
                )
                RETURNING *
                """,  # noqa: S608
                (rfc3339(lease_until), channel, rfc3339(now), rfc3339(now), *instants, limit),
            )
            return rows

        rows = await self._file.carry_out(take())
        return sorted((notice_of(row) for row in rows), key=lambda notice: notice.id)

    async def next_at(self, channel: ContactChannel) -> datetime | None:
        """When the next message of a channel is due, or a lease runs out; None: nothing is open."""
        row = await self._file.fetch_one(
            """
            SELECT min(CASE state WHEN 'pending' THEN next_at ELSE lease_until END)
            FROM notices
            WHERE channel = ? AND state IN ('pending', 'sending')
            """,
            (channel,),
        )
        return parse(row[0]) if row is not None and row[0] else None

    async def note_sent(self, notice: Notice, now: datetime, outcome: str = "ok") -> None:
        await self._settle(notice, "sent", outcome, now)

    async def note_failed(self, notice: Notice, now: datetime, outcome: str) -> None:
        """It was refused for good, or tried as often as allowed."""
        await self._settle(notice, "failed", outcome, now)

    async def note_dropped(self, notice: Notice, now: datetime, outcome: str) -> None:
        """It was not worth sending any more, or there is nobody to send it to."""
        await self._settle(notice, "dropped", outcome, now)

    async def note_retry(self, notice: Notice, next_at: datetime, outcome: str, *, is_counted: bool = True) -> None:
        """It is tried again at ``next_at``. Not counted: the attempt got nowhere, so it takes none of those allowed."""
        async with self._file.transaction() as connection:
            await connection.execute(
                """
                UPDATE notices
                SET state = 'pending', lease_until = NULL, next_at = ?, outcome = ?, attempts = attempts - ?
                WHERE id = ? AND state = 'sending' AND attempts = ?
                """,
                (rfc3339(next_at), outcome, 0 if is_counted else 1, notice.id, notice.attempts),
            )

    async def pass_on(self, notice: Notice, channel: ContactChannel, now: datetime, outcome: str) -> None:
        """It goes to another contact of the ticket, because the one on its channel refused it or is gone."""
        async with self._file.transaction() as connection:
            await connection.execute(
                """
                UPDATE notices
                SET state = 'pending', lease_until = NULL, next_at = ?, outcome = ?, channel = ?, tried = ?
                WHERE id = ? AND state = 'sending' AND attempts = ?
                """,
                (
                    rfc3339(now),
                    outcome,
                    channel,
                    " ".join((*notice.tried, notice.channel)),
                    notice.id,
                    notice.attempts,
                ),
            )
        self._tell(notice.office_id, notice.day, notice.number)

    async def for_ticket(self, office_id: str, day: date, number: str) -> list[NoticeReport]:
        """What the visitor's page tells about the ticket's messages, in the order they were decided."""
        rows = await self._file.fetch_all(
            """
            SELECT kind, channel, state, outcome, coalesce(settled_at, created_at) AS at
            FROM notices
            WHERE office_id = ? AND business_day = ? AND number = ?
            ORDER BY id
            """,
            (office_id, day.isoformat(), number),
        )
        return [report_of(row) for row in rows]

    async def outcomes(self) -> dict[tuple[str, str, str, str | None], int]:
        """How many messages there are by channel, kind, state and outcome (None: not tried yet); for the metrics."""
        rows = await self._file.fetch_all(
            """
            SELECT channel, kind, state, outcome, count(*) AS many
            FROM notices
            GROUP BY channel, kind, state, outcome
            """
        )
        return {(row["channel"], row["kind"], row["state"], row["outcome"]): row["many"] for row in rows}

    async def oldest_open(self) -> dict[str, datetime]:
        """By channel, when the oldest message was decided that is neither sent nor given up; for the metrics."""
        rows = await self._file.fetch_all(
            """
            SELECT channel, min(created_at) AS at
            FROM notices
            WHERE state IN ('pending', 'sending')
            GROUP BY channel
            """
        )
        return {row["channel"]: parse(row["at"]) for row in rows}

    async def _settle(self, notice: Notice, state: NoticeState, outcome: str, now: datetime) -> None:
        def note() -> Steps[None]:
            # Whoever lost the lease in the meantime may still say that it was sent, but nothing else.
            yield (
                """
                UPDATE notices
                SET state = ?, outcome = ?, settled_at = ?, lease_until = NULL
                WHERE id = ?
                  AND ((state = 'sending' AND attempts = ?) OR (? = 'sent' AND state IN ('sending', 'pending')))
                """,
                (state, outcome, rfc3339(now), notice.id, notice.attempts, state),
            )

        await self._file.carry_out(note())
        self._tell(notice.office_id, notice.day, notice.number)

    def _tell(self, office_id: str, day: date, number: str) -> None:
        for listener in self.listeners:
            listener(office_id, day, number)


def _order(now: datetime, lasting_until: datetime | None) -> tuple[str, ...]:
    """In which order messages are taken, and the instants that it names."""
    if lasting_until is None:
        return ("next_at, id",)
    # First what is of no use any more, to be done with it; then the oldest that last; then what lasts longest.
    order = "useful_until > ?, CASE WHEN useful_until < ? THEN useful_until ELSE ? END DESC, next_at, id"
    return (order, rfc3339(now), rfc3339(lasting_until), rfc3339(lasting_until))

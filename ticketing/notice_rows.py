"""Notices as rows of the outbox: put there in a transaction that is under way, and read back."""

import uuid
from datetime import date

from ticketing.clock import parse, rfc3339
from ticketing.notice import NewNotice, Notice, NoticeReport, Overtaken
from ticketing.storage.database import Connection, Row


async def carry_out(connection: Connection, office_id: str, item: NewNotice | Overtaken) -> None:
    """Do what was decided; a withdrawal of a call that nobody was told of is not told either."""
    if isinstance(item, Overtaken):
        await _drop_overtaken(connection, office_id, item)
    elif item.kind != "call_withdrawn" or await _was_call_told(connection, office_id, item):
        await insert(connection, office_id, item)


async def insert(connection: Connection, office_id: str, notice: NewNotice) -> bool:
    """Put a message into the outbox; False when it is there already."""
    cursor = await connection.execute(
        """
        INSERT INTO notices (
            office_id, business_day, number, kind, occurrence, seq, service, counter, ahead, wait_low, wait_high,
            expires_at, channel, retry_key, state, created_at, useful_until, next_at
        )
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)
        ON CONFLICT (office_id, business_day, number, kind, occurrence) DO NOTHING
        """,
        (
            office_id,
            notice.day.isoformat(),
            notice.number,
            notice.kind,
            notice.occurrence,
            notice.seq,
            notice.service,
            notice.counter,
            notice.ahead,
            notice.wait_low,
            notice.wait_high,
            rfc3339(notice.expires_at) if notice.expires_at else None,
            notice.channel,
            str(uuid.uuid4()),
            rfc3339(notice.created_at),
            rfc3339(notice.useful_until),
            rfc3339(notice.created_at),
        ),
    )
    return cursor.rowcount == 1


async def _drop_overtaken(connection: Connection, office_id: str, item: Overtaken) -> None:
    """Drop what waits to be sent; what is being sent right now goes out, but is not tried again."""
    at = rfc3339(item.at)
    which = [(at, office_id, item.day.isoformat(), item.number, item.seq, kind) for kind in item.kinds]
    await connection.executemany(
        """
        UPDATE notices
        SET state = 'dropped', outcome = 'overtaken', settled_at = ?
        WHERE office_id = ? AND business_day = ? AND number = ? AND seq < ? AND kind = ? AND state = 'pending'
        """,
        which,
    )
    await connection.executemany(
        """
        UPDATE notices
        SET useful_until = ?
        WHERE office_id = ? AND business_day = ? AND number = ? AND seq < ? AND kind = ? AND state = 'sending'
        """,
        which,
    )


async def _was_call_told(connection: Connection, office_id: str, withdrawn: NewNotice) -> bool:
    """Whether the ticket's last call, or its repetition, was announced or may have been: an attempt was made."""
    found = await connection.execute_fetchall(
        """
        SELECT kind, attempts, state
        FROM notices
        WHERE office_id = ? AND business_day = ? AND number = ? AND kind IN ('called', 'called_again') AND seq < ?
        ORDER BY seq DESC
        LIMIT 2
        """,
        (office_id, withdrawn.day.isoformat(), withdrawn.number, withdrawn.seq),
    )
    rows = list(found)
    # What lies before a first call belongs to an earlier turn.
    of_last_call = rows[:1] if rows and rows[0]["kind"] == "called" else rows
    return any(row["attempts"] > 0 and row["state"] != "failed" for row in of_last_call)


def notice_of(row: Row) -> Notice:
    """The message in a whole row."""
    return Notice(
        id=row["id"],
        office_id=row["office_id"],
        day=date.fromisoformat(row["business_day"]),
        number=row["number"],
        kind=row["kind"],
        occurrence=row["occurrence"],
        seq=row["seq"],
        service=row["service"],
        counter=row["counter"],
        ahead=row["ahead"],
        wait_low=row["wait_low"],
        wait_high=row["wait_high"],
        expires_at=parse(row["expires_at"]) if row["expires_at"] else None,
        channel=row["channel"],
        created_at=parse(row["created_at"]),
        useful_until=parse(row["useful_until"]),
        retry_key=row["retry_key"],
        attempts=row["attempts"],
        tried=tuple(row["tried"].split()),
    )


def report_of(row: Row) -> NoticeReport:
    """What the visitor is told, from ``kind``, ``channel``, ``state``, ``outcome`` and the time, ``at``."""
    is_late = row["state"] == "dropped" and row["outcome"] == "too_late"
    return NoticeReport(row["kind"], row["channel"], row["state"], parse(row["at"]), is_late)

"""Events, marks and days as rows of a database's tables; the same in every kind of database."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from ticketing.hall.events import DayExtended, DayOpened
from ticketing.journal.base import DayRecord, Mark, Recorded
from ticketing.journal.codec import decode_event, encode_event, written

_NO_MARK = (None, None, None, None, None)


def event_values(office_id: str, recorded: Recorded) -> tuple[Any, ...]:
    """A row of ``events``, in the order of the table's columns."""
    event, mark = recorded.event, recorded.mark
    return (
        office_id,
        event.seq,
        recorded.day.isoformat(),
        written(event.at),
        type(event).__name__,
        encode_event(event),
        *(
            (mark.command_id, mark.scope, mark.idempotency_key, mark.body_mac, mark.answer and mark.answer.decode())
            if mark
            else _NO_MARK
        ),
    )


def recorded_from(row: Any) -> Recorded:
    """The event that ``event_values`` was made from; the row answers by column name."""
    mark = None
    if row["command_id"] is not None:
        answer = row["answer"].encode() if row["answer"] is not None else None
        mark = Mark(row["command_id"], row["scope"], row["idempotency_key"], row["body_mac"], answer)
    return Recorded(date.fromisoformat(row["business_day"]), decode_event(row["kind"], row["data"]), mark)


def day_from(opened: DayOpened, first_seq: int, turns: Iterable[Any]) -> DayRecord:
    """A day from its opening and the rows (kind, data) of its extensions and closings, in order."""
    closes_at, closed_at = opened.closes_at, None
    for event in (decode_event(turn["kind"], turn["data"]) for turn in turns):
        if isinstance(event, DayExtended):
            closes_at, closed_at = event.until, None
        else:
            closed_at = event.at
    return DayRecord(opened.day, first_seq, closes_at, closed_at)

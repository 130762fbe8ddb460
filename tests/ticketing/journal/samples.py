"""Events, batches and rows to put into a journal."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.ticketing.hall.given import KIOSK, SATO, START, office
from ticketing.audit import Entry
from ticketing.hall import events as ev
from ticketing.journal.base import Batch, Mark, Recorded, TicketRow

DAY = date(2026, 9, 1)
NEXT_DAY = DAY + timedelta(days=1)
CLOSES_AT = datetime(2026, 9, 1, 15, 0, tzinfo=UTC)


def opened(seq: int, day: date = DAY, closes_at: datetime = CLOSES_AT) -> Recorded:
    event = ev.DayOpened(seq=seq, at=START, by="tick", day=day, office=office(), closes_at=closes_at)
    return Recorded(day, event)


def closed(seq: int, day: date = DAY, at: datetime = START, mark: Mark | None = None) -> Recorded:
    return Recorded(day, ev.DayClosed(seq=seq, at=at, by="tick", day=day, numbers=("A001", "A002")), mark)


def extended(seq: int, until: datetime, day: date = DAY) -> Recorded:
    return Recorded(day, ev.DayExtended(seq=seq, at=START, by=SATO, until=until))


def notice(seq: int, text: str = "Lift out of order", mark: Mark | None = None, day: date = DAY) -> Recorded:
    return Recorded(day, ev.NoticeSet(seq=seq, at=START, by=SATO, text=text), mark)


def notices(after_seq: int, *command_ids: str, office_id: str = "ward") -> Batch:
    """A batch of one event for each command."""
    events = [
        notice(after_seq + place, command_id, Mark(command_id)) for place, command_id in enumerate(command_ids, 1)
    ]
    return Batch(office_id, after_seq, events)


def batch(after_seq: int, *events: Recorded, office_id: str = "ward", **more: Any) -> Batch:
    return Batch(office_id, after_seq, events, **more)


def entry(what: str = "queue.set-notice") -> Entry:
    return Entry(at=START, who=SATO, what=what, target="family", office_id="ward", address="192.0.2.7")


def row(number: str = "A001", **changes: Any) -> TicketRow:
    usual: dict[str, Any] = {
        "office_id": "ward", "business_day": DAY, "number": number, "service": "family", "channel": "kiosk",
        "language": "ja", "state": "waiting", "issue_seq": int(number[1:]), "issued_at": START, "position_at_issue": 1,
        "wait_low_at_issue": None, "wait_high_at_issue": None, "arrived_at": None, "first_called_at": None,
        "called_at": None, "call_count": 0, "serving_at": None, "served_seconds": 0.0, "counter": None, "deferrals": 0,
        "reason": None, "ended_at": None, "ended_by": None,
    }  # fmt: skip
    return TicketRow(**usual | changes)


def every_kind() -> Sequence[ev.Event]:
    """One event of each kind, with something in every field."""
    values: dict[str, Any] = {
        "day": DAY, "office": office(), "closes_at": CLOSES_AT, "until": CLOSES_AT + timedelta(milliseconds=120),
        "numbers": ("A001", "B501"), "counter": "1", "service": "family", "channels": ("kiosk", "web"),
        "reason": "papers", "quota": 3, "text": "本日は混雑しています \u2028 \"'", "number": "A001", "series": "A",
        "channel": "web", "language": "en", "state": "expected", "position": 4, "wait_low": 0, "wait_high": 1200,
        "way": "code", "behind": "A004", "step": "no_show", "ahead": 3, "minutes": 10,
        "call_count": 2, "expires_at": CLOSES_AT, "was_state": "absent", "was_service": "tax",
    }  # fmt: skip
    corrected = values | {"state": "completed"}
    at = START + timedelta(milliseconds=7)
    return [
        kind(
            seq=place,
            at=at,
            by=KIOSK,
            **{
                each.name: (corrected if kind is ev.TicketCorrected else values)[each.name] for each in fields(kind)[3:]
            },
        )
        for place, kind in enumerate(ev.KINDS.values(), start=1)
    ]

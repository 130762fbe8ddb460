"""The course of a day by quarters of an hour, from the rows of its tickets. Pure.

Rows know a ticket's first wait only: whoever was transferred or came back waits again without being counted here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from statistics import median

from ticketing.journal.base import TicketRow

QUARTER = timedelta(minutes=15)
#: A web ticket in one of these states has never come to the office.
_NEVER_CAME = frozenset({"expected", "expired"})


@dataclass(frozen=True, slots=True)
class Wait:
    """A visitor's first wait; ``called`` is None while it goes on, and when it ended without a call."""

    service: str
    since: datetime
    until: datetime | None
    called: datetime | None

    def seconds(self, now: datetime) -> int:
        return int(((self.until or now) - self.since).total_seconds())


@dataclass(frozen=True, slots=True)
class Course:
    """One entry for each quarter; see ``ticketing.web.answers.Course``."""

    waiting: list[int]
    arrivals: list[int]
    calls: list[int]
    median_wait_seconds: list[int | None]
    measured: int
    within_target: int


def wait_of_row(row: TicketRow, needs_arrival: Collection[str]) -> Wait | None:
    """The first wait of a ticket; None when its visitor never began to wait. ``needs_arrival``: services whose web
    tickets wait only after they have checked in."""
    called = row.first_called_at
    is_from_afar = row.channel == "web" and row.arrived_at is None and called is None
    if row.state in _NEVER_CAME or (is_from_afar and row.service in needs_arrival):
        return None
    return Wait(row.service, row.arrived_at or row.issued_at, called or row.ended_at, called)


def starts_of(waits: Sequence[Wait], now: datetime) -> list[datetime]:
    """The beginnings of the quarters from the first wait to the last thing that happened, or to now while one waits."""
    if not waits:
        return []
    first = min(wait.since for wait in waits)
    last = max(min(now, wait.until or now) for wait in waits)
    first = datetime.fromtimestamp(first.timestamp() // QUARTER.total_seconds() * QUARTER.total_seconds(), UTC)
    count = int((max(last, first) - first) / QUARTER) + 1
    return [first + place * QUARTER for place in range(count)]


def course_of(
    waits: Iterable[Wait], starts: Sequence[datetime], now: datetime, targets: Mapping[str, int | None]
) -> Course:
    """The course of these waits; ``targets`` are seconds by service."""
    size = len(starts)
    arrivals, calls, begun, ended = [0] * size, [0] * size, [0] * (size + 1), [0] * (size + 1)
    lengths: list[list[int]] = [[] for _ in starts]
    measured = within = 0
    for wait in waits:
        place = _place(starts, wait.since)
        arrivals[place] += 1
        begun[place] += 1
        if wait.until is not None and wait.until <= now:
            # Whoever stops waiting within a quarter does not wait at its end.
            ended[min(_place(starts, wait.until), size)] += 1
        if wait.called is not None:
            called = _place(starts, wait.called)
            calls[called] += 1
            lengths[called].append(wait.seconds(now))
            target = targets.get(wait.service)
            if target is not None:
                measured += 1
                within += wait.seconds(now) <= target
    return Course(
        waiting=[
            begins - ends for begins, ends in zip(accumulate(begun[:size]), accumulate(ended[:size]), strict=True)
        ],
        arrivals=arrivals,
        calls=calls,
        median_wait_seconds=[int(median(each)) if each else None for each in lengths],
        measured=measured,
        within_target=within,
    )


def _place(starts: Sequence[datetime], at: datetime) -> int:
    return min(int((at - starts[0]) / QUARTER), len(starts) - 1)

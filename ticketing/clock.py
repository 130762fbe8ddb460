"""Now, and how an instant is written."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Whoever needs the time is given one of these."""

    def now(self) -> datetime:
        """The present instant: aware, UTC, whole milliseconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        self._at = to_millisecond(at)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = to_millisecond(at)

    def advance(self, *, seconds: float) -> datetime:
        """Moves on by so many seconds and says what time it is then."""
        self._at = to_millisecond(self._at + timedelta(seconds=seconds))
        return self._at


def to_millisecond(at: datetime) -> datetime:
    """The same instant in UTC, cut to whole milliseconds.

    Raises:
        ValueError: the time has no zone, so it could be any of many instants.
    """
    if at.utcoffset() is None:
        raise ValueError("a time without a zone is not an instant")
    utc = at.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def rfc3339(at: datetime) -> str:
    """An instant as text, for example ``2026-09-03T01:24:05.120Z``; text order is time order.

    Raises:
        ValueError: the time has no zone.
    """
    # Written a dozen times a command, and all but what comes from outside is in UTC.
    utc = at if at.tzinfo is UTC else to_millisecond(at)
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def parse(text: str) -> datetime:
    """The instant that a text names, in UTC and whole milliseconds.

    Raises:
        ValueError: it is not a time, or has no zone.
    """
    return to_millisecond(datetime.fromisoformat(text))

"""The definition of an office: its hours, series, services, counters and rules."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from ticketing.hall.values import value

#: From and until, in minutes after local midnight (0 to 1440); the end is not included.
Interval = tuple[int, int]
#: Names by language code, for example ``{"ja": "戸籍", "en": "Family register"}``.
Names = Mapping[str, str]
Channel = Literal["kiosk", "web", "staff"]
ArrivalWay = Literal["kiosk", "code", "staff", "tap"]
_READING = re.compile("《[ぁ-ゖァ-ヺー]+》")


@value(frozen=True, slots=True)
class Hours:
    """When something is open, in local wall-clock time."""

    #: Seven entries, Monday first.
    weekly: tuple[tuple[Interval, ...], ...]
    #: Dates that differ: closures and holidays (empty), extra or shorter days.
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)

    def on(self, day: date) -> tuple[Interval, ...]:
        """The intervals of one calendar day."""
        special = self.exceptions.get(day)
        return self.weekly[day.weekday()] if special is None else special

    def is_open(self, local: datetime) -> bool:
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.on(local.date()))

    def openings(self, local: datetime, within_days: int = 14) -> Iterator[datetime]:
        """The local times at which it opens, from now on, in order."""
        for offset in range(within_days + 1):
            day = local.date() + timedelta(days=offset)
            for start, _ in sorted(self.on(day)):
                opening = datetime.combine(day, time(start // 60, start % 60), local.tzinfo)
                if opening > local:
                    yield opening


#: Open at every minute of every day.
ALWAYS = Hours(weekly=(((0, 1440),),) * 7)


@value(frozen=True, slots=True)
class Series:
    """A prefix and its range of numbers."""

    id: str
    prefix: str
    first: int
    last: int

    def number(self, ordinal: int) -> str:
        """The ``ordinal``-th number of the day (0 is the first); past ``last`` it goes on with more digits."""
        width = len(str(self.last))
        value = self.first + ordinal
        if value > self.last:
            value = 10**width + (value - self.last - 1)
        return f"{self.prefix}{value:0{width}d}"

    def is_past_end(self, ordinal: int) -> bool:
        return self.first + ordinal > self.last


@value(frozen=True, slots=True)
class WebRules:
    """What a ticket taken on the web is bound to."""

    #: None: the office's hours.
    hours: Hours | None = None
    #: Most web tickets a day; None: no limit.
    quota: int | None = None
    #: Most web tickets open at the same time; None: no limit.
    most_open: int | None = None
    arrival_needed: bool = True
    #: An expected ticket expires when it was passed by this many calls …
    grace_calls: int = 5
    #: … or this long after it was first passed.
    grace_seconds: int = 900


@value(frozen=True, slots=True)
class Service:
    """What a visitor comes for."""

    id: str
    names: Names
    series: str
    #: What boards and messages may show instead of the name.
    public_names: Names = field(default_factory=dict)
    #: Higher goes first.
    priority: int = 0
    #: The time at the counter to assume until the day has shown its own.
    expected_seconds: int = 300
    #: None: not offered on the web.
    web: WebRules | None = None
    #: None: the office's hours.
    kiosk_hours: Hours | None = None
    #: Alert when this many people are ahead, unless the visitor chose otherwise.
    alert_ahead: int = 3
    #: Alert when the wait may be this short (minutes), unless the visitor chose otherwise; None: by people only.
    alert_minutes: int | None = None
    #: The picture on the kiosk's button, by its name; empty: none.
    icon: str = ""
    #: How long a visitor should wait at most, as the office wants it; None: it has no target.
    wait_target_minutes: int | None = 30

    @property
    def wait_target_seconds(self) -> int | None:
        return None if self.wait_target_minutes is None else self.wait_target_minutes * 60


@value(frozen=True, slots=True)
class Counter:
    """A window and the services it takes."""

    id: str
    label: str
    services: tuple[str, ...]
    #: ``merged``: one order over its services; ``listed``: the first of its services with somebody waiting.
    order: Literal["merged", "listed"] = "merged"


@value(frozen=True, slots=True)
class Rules:
    """How the office runs its queue."""

    undo_seconds: int = 30
    #: Calls (the first and its recalls) before a visitor may be marked absent.
    calls_before_no_show: int = 1
    #: A call unanswered for this long marks the visitor absent by itself; None: only a clerk does.
    no_show_after_seconds: int | None = None
    defer_by: int = 3
    defer_limit: int = 2
    #: A ticket overtaken this often goes before all others; None: no limit.
    max_overtakes: int | None = 20
    #: Where a transferred ticket stands: by its issue, at the end, or at the head of the new service.
    transfer_place: Literal["issue", "end", "head"] = "issue"
    #: How a web ticket may check in; staff always may.
    arrival: tuple[ArrivalWay, ...] = ("code", "kiosk", "staff")
    #: Who may call a chosen number out of turn.
    call_number: Literal["clerk", "supervisor", "off"] = "clerk"


@value(frozen=True, slots=True)
class Reason:
    """A code that a clerk or supervisor may choose; there is no free text."""

    code: str
    names: Names


@value(frozen=True, slots=True)
class Phrase:
    """A message that a supervisor may put on the boards as it is."""

    code: str
    #: The message by language.
    text: Names


@value(frozen=True, slots=True)
class BoardGroup:
    """Services that a board shows in one column, or alone."""

    id: str
    services: tuple[str, ...]
    names: Names = field(default_factory=dict)


@value(frozen=True, slots=True)
class Board:
    """What the office's boards show beside the calls, and how they sound."""

    chime: bool = True
    #: Languages the board's headings are shown in, first to last.
    languages: tuple[str, ...] = ()
    #: Neither chime nor voice.
    silent: bool = False
    #: Languages that calls are spoken in; empty: none.
    voice: tuple[str, ...] = ("ja", "en")
    #: The way from the board to a counter, by its id.
    directions: Mapping[str, str] = field(default_factory=dict)
    #: One column each; empty: all services in one.
    groups: tuple[BoardGroup, ...] = ()
    #: The folder of what is shown beside the calls; empty: nothing.
    playlist: str = ""


@value(frozen=True, slots=True)
class KioskGroup:
    """Services that a kiosk shows together, under one heading."""

    id: str
    services: tuple[str, ...]
    names: Names = field(default_factory=dict)
    #: The picture beside the heading, by its name; empty: none.
    icon: str = ""


@value(frozen=True, slots=True)
class Kiosk:
    """How the office's ticket machines arrange its services."""

    #: In the order in which they are shown; services in none of them come last.
    groups: tuple[KioskGroup, ...] = ()


@value(frozen=True, slots=True)
class Office:
    """One place with its own queue."""

    id: str
    names: Names
    time_zone: str
    series: tuple[Series, ...]
    services: tuple[Service, ...]
    counters: tuple[Counter, ...]
    languages: tuple[str, ...] = ("ja", "en")
    #: The business day turns at this local time.
    day_starts_at: time = time(0, 0)
    hours: Hours = ALWAYS
    rules: Rules = Rules()
    reasons: tuple[Reason, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    board: Board = Board()
    kiosk: Kiosk = Kiosk()

    def service(self, service_id: str) -> Service | None:
        for service in self.services:
            if service.id == service_id:
                return service
        return None

    def counter(self, counter_id: str) -> Counter | None:
        for counter in self.counters:
            if counter.id == counter_id:
                return counter
        return None

    def local(self, at: datetime) -> datetime:
        return at.astimezone(_zone(self.time_zone))

    def day_start(self, day: date) -> datetime:
        """The instant (UTC) at which a business day begins.

        A wall-clock time that occurs twice counts the first time, one that is skipped counts as the moment of the
        jump plus what was left; so days never overlap and never leave a gap, also where clocks are changed.
        """
        return datetime.combine(day, self.day_starts_at, _zone(self.time_zone)).astimezone(UTC)

    def day_end(self, day: date) -> datetime:
        return self.day_start(day + timedelta(days=1))

    def business_day(self, at: datetime) -> date:
        day = self.local(at).date()
        return day if at >= self.day_start(day) else day - timedelta(days=1)

    def counters_for(self, service_id: str) -> Iterator[Counter]:
        return (counter for counter in self.counters if service_id in counter.services)

    def has_reason(self, code: str) -> bool:
        return any(reason.code == code for reason in self.reasons)


def name_in(names: Names, language: str) -> str:
    """The name in a language as plain text."""
    name = name_as_written(names, language)
    return _READING.sub("", name) if "《" in name else name


def name_as_written(names: Names, language: str) -> str:
    """The name in a language or the one it is a kind of (easy Japanese), else in English, else the first there is.

    It may hold readings of kanji, 受付《うけつけ》, which pages show above them.
    """
    base = language.partition("-")[0]
    return names.get(language) or names.get(base) or names.get("en") or next(iter(names.values()), "")


@lru_cache(maxsize=64)
def _zone(key: str) -> ZoneInfo:
    return ZoneInfo(key)

"""Which tickets of a day are listed: the filters of the daily list, read from the query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args

from ticketing.hall.office import Channel, Office
from ticketing.web.answers import TicketState
from ticketing.web.operations import Parameter
from ticketing.web.problems import Problem

MOST_WAIT_MINUTES = 24 * 60
_TEXT = {"type": "string"}
_CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}


def _filter(name: str, schema: dict[str, Any], description: str) -> Parameter:
    """Forms send empty fields too."""
    return Parameter(name, {"anyOf": [schema, {"type": "string", "maxLength": 0}]}, f"{description} Empty: all.")


#: The filters as /openapi.json tells of them.
FILTERS = (
    _filter("number", {"type": "string", "pattern": "^[A-Za-z0-9]{1,12}$"}, "Numbers that hold this."),
    _filter("service", _TEXT, "The id of a service."),
    _filter("state", {"type": "string", "enum": list(get_args(TicketState))}, "A state."),
    _filter("channel", {"type": "string", "enum": list(get_args(Channel))}, "Where it was taken."),
    _filter("counter", _TEXT, "The id of the counter that called it last."),
    _filter("ticket_language", _TEXT, "The visitor's language."),
    _filter(
        "wait_over", {"type": "integer", "minimum": 0, "maximum": MOST_WAIT_MINUTES},
        "Waits of more than so many minutes.",
    ),
    _filter("issued_from", _CLOCK, "Taken at this local time or later."),
    _filter("issued_until", _CLOCK, "Taken before this local time."),
    _filter("corrected", {"type": "string", "enum": ["yes"]}, "yes: only those that were corrected."),
)  # fmt: skip

Test = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class DayFilter:
    """All of its tests must hold for a line."""

    tests: tuple[Test, ...]

    def takes(self, line: Mapping[str, Any]) -> bool:
        return all(test(line) for test in self.tests)


def read_filter(query: Mapping[str, str], office: Office, day: date) -> DayFilter:
    """The filter that the query asks for. Raises Problem 422, naming the field."""
    return DayFilter(tuple(_TESTS[name](query[name], office, day) for name in _TESTS if query.get(name)))


def _wrong(name: str, what: str) -> Problem:
    return Problem(422, "wrong_field", f"{name} is {what}.", field=name)


def _number(text: str, office: Office, day: date) -> Test:
    if not (text.isascii() and text.isalnum() and len(text) <= 12):
        raise _wrong("number", "up to twelve letters and digits")
    wanted = text.upper()
    return lambda line: wanted in line["number"]


def _service(text: str, office: Office, day: date) -> Test:
    # A service that the office no longer has may be on an old day's list.
    return _equals("service", _id("service", text))


def _counter(text: str, office: Office, day: date) -> Test:
    return _equals("counter", _id("counter", text))


def _id(name: str, text: str) -> str:
    if not (text.isascii() and text.replace("-", "a").isalnum() and text == text.lower() and len(text) <= 32):
        raise _wrong(name, "the id of one of the office's")
    return text


def _state(text: str, office: Office, day: date) -> Test:
    return _equals("state", _one_of("state", text, get_args(TicketState)))


def _channel(text: str, office: Office, day: date) -> Test:
    return _equals("channel", _one_of("channel", text, get_args(Channel)))


def _language(text: str, office: Office, day: date) -> Test:
    if not (text.isascii() and text.replace("-", "a").isalnum() and len(text) <= 35):
        raise _wrong("ticket_language", "the code of a language")
    return _equals("language", text)


def _corrected(text: str, office: Office, day: date) -> Test:
    _one_of("corrected", text, ("yes",))
    return lambda line: line["corrected_at"] is not None


def _one_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise _wrong(name, "one of " + ", ".join(choices))
    return text


def _equals(name: str, wanted: str) -> Test:
    return lambda line: line[name] == wanted


def _wait_over(text: str, office: Office, day: date) -> Test:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= MOST_WAIT_MINUTES):
        raise _wrong("wait_over", f"a number of minutes, 0 to {MOST_WAIT_MINUTES}")
    seconds = int(text) * 60
    return lambda line: line["wait_seconds"] is not None and line["wait_seconds"] > seconds


def _issued_from(text: str, office: Office, day: date) -> Test:
    start = _instant("issued_from", text, office, day)
    return lambda line: line["issued_at"] >= start


def _issued_until(text: str, office: Office, day: date) -> Test:
    end = _instant("issued_until", text, office, day)
    return lambda line: line["issued_at"] < end


def _instant(name: str, text: str, office: Office, day: date) -> datetime:
    """When the business day comes to a local time; before the day's turn it is that of the next morning."""
    try:
        at = datetime.strptime(text, "%H:%M").time() if len(text) == 5 else None
    except ValueError:
        at = None
    if at is None:
        raise _wrong(name, "a local time such as 09:30")
    date_of = day if at >= office.day_starts_at else day + timedelta(days=1)
    return datetime.combine(date_of, at, office.local(office.day_start(day)).tzinfo)


_TESTS: dict[str, Callable[[str, Office, date], Test]] = {
    "number": _number,
    "service": _service,
    "state": _state,
    "channel": _channel,
    "counter": _counter,
    "ticket_language": _language,
    "wait_over": _wait_over,
    "issued_from": _issued_from,
    "issued_until": _issued_until,
    "corrected": _corrected,
}

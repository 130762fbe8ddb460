"""A day for its supervisor: the list of its tickets, as JSON or as a file for spreadsheets, and its course."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from starlette.responses import Response

from ticketing.audit import Entry
from ticketing.clock import rfc3339
from ticketing.hall.office import Office, name_in
from ticketing.journal.base import TicketRow
from ticketing.quarters import QUARTER, course_of, starts_of, wait_of_row
from ticketing.web.access import staff
from ticketing.web.answers import DayTicket
from ticketing.web.call import Call
from ticketing.web.day_filter import read_filter
from ticketing.web.day_words import COLUMNS, LANGUAGES, VALUES
from ticketing.web.problems import Problem

_FIELDS = tuple(name for name in DayTicket.__struct_fields__ if name != "wait_seconds")
#: In the file for people these are minutes, and the others that end so are shown with the same precision.
_SECONDS = frozenset({"wait_seconds", "served_seconds", "wait_low_at_issue", "wait_high_at_issue"})
Line = Mapping[str, Any]


async def list_day(call: Call) -> Response:
    account, desk = await staff(call, "supervisor")
    office, day = desk.office, _day(call)
    as_csv, language = _wants_csv(call), _language(call)
    wanted = read_filter(call.request.query_params, office, day)
    now, needs_arrival = call.site.clock.now(), _needs_arrival(office)
    lines = [_line(row, needs_arrival, now) for row in await call.site.journal.tickets(office.id, day)]
    lines = [line for line in lines if wanted.takes(line)]
    await call.site.audit.record(
        Entry(
            at=now,
            who=f"staff:{account.name}",
            what="list.export" if as_csv else "list.view",
            target=day.isoformat(),
            office_id=office.id,
            address=call.address_text,
        )
    )
    if not as_csv:
        return call.json({"tickets": [_json(line) for line in lines]})
    text = to_csv([_json(line) for line in lines]) if language is None else for_people(lines, office, language)
    name = f"{office.id}-{day.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, 200, headers, "text/csv; charset=utf-8")


async def show_quarters(call: Call) -> Response:
    _, desk = await staff(call, "supervisor")
    office, day, now = desk.office, _day(call), call.site.clock.now()
    needs_arrival, rows = _needs_arrival(office), await call.site.journal.tickets(office.id, day)
    waits = [wait for row in rows if (wait := wait_of_row(row, needs_arrival)) is not None]
    starts = starts_of(waits, now)
    targets = {service.id: service.wait_target_seconds for service in office.services}
    language = _language(call) or office.languages[0]
    by_service = {
        service.id: asdict(course_of([each for each in waits if each.service == service.id], starts, now, targets))
        for service in office.services
    }
    return call.json(
        {
            "business_day": day.isoformat(),
            "quarter_seconds": int(QUARTER.total_seconds()),
            "starts": [rfc3339(start) for start in starts],
            "all": asdict(course_of(waits, starts, now, targets)),
            "services": [
                {
                    "id": service.id,
                    "name": name_in(service.names, language),
                    "wait_target_seconds": targets[service.id],
                    **by_service[service.id],
                }
                for service in office.services
            ],
        }
    )


def _needs_arrival(office: Office) -> frozenset[str]:
    return frozenset(each.id for each in office.services if each.web is not None and each.web.arrival_needed)


def _day(call: Call) -> date:
    try:
        return date.fromisoformat(call.path("date"))
    except ValueError:
        raise Problem(404, "unknown_day", "A day is written like 2026-09-03.") from None


def _wants_csv(call: Call) -> bool:
    wanted = call.request.query_params.get("format")
    if wanted not in (None, "csv", "json"):
        raise Problem(422, "wrong_field", "The format is json or csv.")
    return wanted == "csv" or (wanted is None and "text/csv" in call.request.headers.get("accept", ""))


def _language(call: Call) -> str | None:
    """The language that the file is written for; None: for programs, with the fields' own names."""
    language = call.request.query_params.get("language")
    if language not in (None, *LANGUAGES):
        raise Problem(422, "wrong_field", f"The language is one of {', '.join(LANGUAGES)}.")
    return language


def _line(row: TicketRow, needs_arrival: Collection[str], now: datetime) -> dict[str, Any]:
    wait = wait_of_row(row, needs_arrival)
    return {name: getattr(row, name) for name in _FIELDS} | {"wait_seconds": wait.seconds(now) if wait else None}


def _json(line: Line) -> dict[str, Any]:
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in line.items()}


def to_csv(lines: Iterable[Line]) -> str:
    """The daily list for programs, with the fields' names; with a byte-order mark, as Excel needs it for Japanese."""
    return _written(
        DayTicket.__struct_fields__, ([line[name] for name in DayTicket.__struct_fields__] for line in lines)
    )


def for_people(lines: Iterable[Line], office: Office, language: str) -> str:
    """The daily list in words of a language, with local times and minutes."""
    columns = COLUMNS[language]
    return _written(columns.values(), ([_in_words(name, line, office, language) for name in columns] for line in lines))


def _in_words(name: str, line: Line, office: Office, language: str) -> object:
    value = line[name]
    if value is None:
        return ""
    if isinstance(value, datetime):
        return office.local(value).strftime("%Y-%m-%d %H:%M:%S")
    if name in _SECONDS:
        return round(value / 60, 1)
    match name:
        case "service" | "was_service":
            service = office.service(value)
            return name_in(service.names, language) if service else value
        case "counter":
            counter = office.counter(value)
            return counter.label if counter else value
        case "reason" | "corrected_reason":
            return next((name_in(each.names, language) for each in office.reasons if each.code == value), value)
        case "corrected_by":
            return str(value).removeprefix("staff:")
        case "state" | "was_state" | "channel":
            return VALUES[language].get(value, value)
        case _:
            return value


def _written(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_safe(value) for value in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _safe(value: object) -> object:
    """Spreadsheets take a text that begins so for a formula, and may do what it says."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value

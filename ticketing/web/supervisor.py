"""What a supervisor does: services, quotas, the boards' message, the day and its list."""

import csv
import io
from datetime import date, datetime

from starlette.responses import Response

from ticketing.audit import Entry
from ticketing.clock import rfc3339, to_millisecond
from ticketing.hall import commands as cmd
from ticketing.hall.office import Channel
from ticketing.hall.refusals import WrongUntil
from ticketing.journal.base import TicketRow
from ticketing.web.access import staff
from ticketing.web.answers import DayTicket
from ticketing.web.bodies import ExtendBody, Nothing, NoticeBody, OpenBody, QuotaBody, SwitchBody
from ticketing.web.call import Call
from ticketing.web.clerk import give
from ticketing.web.problems import Problem

_CHANNELS: dict[str, tuple[Channel, ...]] = {"kiosk": ("kiosk",), "web": ("web",), "both": ("kiosk", "web")}


async def open_service(call: Call) -> Response:
    channels = _CHANNELS[(await call.body(OpenBody)).channels]
    return await give(
        call, "supervisor", lambda by: cmd.OpenService(by=by, service=call.path("service"), channels=channels)
    )


async def close_service(call: Call) -> Response:
    body = await call.body(SwitchBody)
    return await give(
        call,
        "supervisor",
        lambda by: cmd.CloseService(
            by=by, service=call.path("service"), channels=_CHANNELS[body.channels], reason=body.reason
        ),
    )


async def set_quota(call: Call) -> Response:
    body = await call.body(QuotaBody)
    return await give(
        call, "supervisor", lambda by: cmd.SetQuota(by=by, service=call.path("service"), quota=body.quota)
    )


async def set_notice(call: Call) -> Response:
    body = await call.body(NoticeBody)
    text = (body.text or "").strip() or None
    return await give(call, "supervisor", lambda by: cmd.SetNotice(by=by, text=text))


async def close_day(call: Call) -> Response:
    await call.body(Nothing)
    return await give(call, "supervisor", lambda by: cmd.CloseDay(by=by))


async def extend_day(call: Call) -> Response:
    body = await call.body(ExtendBody)
    try:
        until = to_millisecond(body.until)
    except OverflowError:
        raise WrongUntil from None
    return await give(call, "supervisor", lambda by: cmd.ExtendDay(by=by, until=until))


async def list_day(call: Call) -> Response:
    account, desk = await staff(call, "supervisor")
    try:
        day = date.fromisoformat(call.path("date"))
    except ValueError:
        raise Problem(404, "unknown_day", "A day is written like 2026-09-03.") from None
    as_csv = _wants_csv(call)
    rows = [_line(row) for row in await call.site.journal.tickets(desk.office.id, day)]
    await call.site.audit.record(
        Entry(
            at=call.site.clock.now(),
            who=f"staff:{account.name}",
            what="list.export" if as_csv else "list.view",
            target=day.isoformat(),
            office_id=desk.office.id,
            address=call.address_text,
        )
    )
    if not as_csv:
        return call.json({"tickets": rows})
    name = f"{desk.office.id}-{day.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(to_csv(rows), 200, headers, "text/csv; charset=utf-8")


def _wants_csv(call: Call) -> bool:
    wanted = call.request.query_params.get("format")
    if wanted not in (None, "csv", "json"):
        raise Problem(422, "wrong_field", "The format is json or csv.")
    return wanted == "csv" or (wanted is None and "text/csv" in call.request.headers.get("accept", ""))


def _line(row: TicketRow) -> dict[str, object]:
    fields = ((name, getattr(row, name)) for name in DayTicket.__struct_fields__)
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in fields}


def to_csv(rows: list[dict[str, object]]) -> str:
    """The daily list for a spreadsheet: with a byte-order mark, as Excel needs it for Japanese."""
    text = io.StringIO()
    writer = csv.DictWriter(text, DayTicket.__struct_fields__)
    writer.writeheader()
    writer.writerows(rows)
    return "\ufeff" + text.getvalue()

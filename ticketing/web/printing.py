"""Slips: a kiosk has one printed, staff print one again and see which did not come out."""

from starlette.responses import Response

from ticketing.audit import Entry
from ticketing.clock import rfc3339
from ticketing.desk import Desk
from ticketing.hall.refusals import UnknownTicket
from ticketing.hall.view import Json
from ticketing.slips.jobs import Job
from ticketing.slips.raster import as_png
from ticketing.web.access import device, holder, staff, wrong_secret
from ticketing.web.bodies import PrintBody, ReprintBody
from ticketing.web.call import Call
from ticketing.web.problems import Problem


async def print_slip(call: Call) -> Response:
    """A kiosk wants the slip of the ticket that it gave, and shows the ticket's secret for it."""
    body = await call.body(PrintBody)
    kiosk = await device(call, "kiosk")
    if kiosk is None:
        raise Problem(401, "not_enrolled", "This browser is not enrolled as a kiosk of this office.")
    held = await holder(call.site, call.request)
    if (held.ref.office_id, held.ref.number) != (call.path("office"), call.path("number")):
        raise wrong_secret()
    printing, now = call.site.printing, call.site.clock.now()
    job = await printing.ask(held.desk, held.ref.number, kiosk.id)
    printer = printing.slip(job.office_id).printer(job.printer)
    if printer is not None and printer.kind == "browser":
        # What it has printed itself it has been given with this answer.
        if body.failed:
            await printing.jobs.failed(job.id, printer, job.office_id, "browser", now)
        else:
            await printing.send(job, printer)
        job = await _last(call, held.desk)
    return call.json(_view(call, job))


async def show_print(call: Call) -> Response:
    return call.json(_view(call, await _last(call, await _watched(call))))


async def show_slip(call: Call) -> Response:
    """The slip's picture: for the kiosk that asked for it, and for staff."""
    kiosk = await device(call, "kiosk")
    desk = call.desk if kiosk is not None else (await staff(call, "clerk"))[1]
    job = await _last(call, desk)
    if kiosk is not None and job.asked_by != f"kiosk:{kiosk.id}":
        raise _not_printed()
    printer = call.site.printing.slip(job.office_id).printer(job.printer)
    if printer is None:
        raise _not_printed()
    picture = await call.site.printing.picture(job, printer)
    return Response(as_png(picture), media_type="image/png", headers={"Cache-Control": "no-store"})


async def reprint(call: Call) -> Response:
    body = await call.body(ReprintBody)
    account, desk = await staff(call, "clerk")
    by = f"staff:{account.name}"
    entry = Entry(
        at=call.site.clock.now(), who=by, what="ticket.reprint", target=call.path("number"), office_id=desk.office.id,
        address=call.address_text,
    )  # fmt: skip
    job = await call.site.printing.ask_again(desk, call.path("number"), by, body.printer, entry)
    return call.json(_view(call, job))


async def list_printers(call: Call) -> Response:
    """The office's printers, and the open tickets that have no slip."""
    _, desk = await staff(call, "clerk")
    printing, office_id = call.site.printing, desk.office.id
    printers = []
    for each in printing.slip(office_id).printers:
        seen = printing.seen.get((office_id, each.id))
        printers.append(
            {
                "id": each.id,
                "kind": each.kind,
                "seen_at": rfc3339(seen.at) if seen else None,
                "problem": seen.problem if seen else None,
            }
        )
    failures = await printing.jobs.failures(office_id, desk.hall.day, call.site.clock.now()) if desk.hall.day else []
    missing = [each for each in failures if (ticket := desk.hall.tickets.get(each.number)) and ticket.is_open]
    return call.json({"printers": printers, "failed": [_view(call, each) for each in missing]})


async def _watched(call: Call) -> Desk:
    """The office's desk, for its kiosks and its staff."""
    if await device(call, "kiosk") is not None:
        return call.desk
    return (await staff(call, "clerk"))[1]


async def _last(call: Call, desk: Desk) -> Job:
    """The latest job of the ticket in the path. Raises UnknownTicket and Problem 404."""
    number, day = call.path("number"), desk.hall.day
    if day is None or number not in desk.hall.tickets:
        raise UnknownTicket(number=number)
    job = await call.site.printing.jobs.last(desk.office.id, day, number, call.site.clock.now())
    if job is None:
        raise _not_printed()
    return job


def _not_printed() -> Problem:
    return Problem(404, "not_printed", "No slip was printed for this ticket.")


def _view(call: Call, job: Job) -> Json:
    printer = call.site.printing.slip(job.office_id).printer(job.printer)
    return {
        "number": job.number,
        "copy": job.copy,
        "printer": job.printer,
        "kind": printer.kind if printer else None,
        "width_mm": printer.width_mm if printer else None,
        "state": job.state,
        "problem": job.problem,
        "settled": job.is_settled,
        "asked_at": rfc3339(job.asked_at),
    }
